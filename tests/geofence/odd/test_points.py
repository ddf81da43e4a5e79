"""The grid's answers for points are shapely's and PostGIS's, bit for bit, on the boundary too."""

import numpy as np
import pytest
import shapely
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shapely.geometry import Polygon

from geofence.odd.domain.area import Area
from geofence.odd.domain.compiled import CompiledOdd
from geofence.odd.domain.layer import Layer
from geofence.odd.domain.windows import windows
from geofence.zones.domain.kinds import ZoneKind
from tests.geofence.odd.conftest import area, daily, snapped, star

centres = st.tuples(st.floats(7.0, 7.4), st.floats(43.0, 43.3))
stars = st.builds(star, centres, st.lists(st.floats(0.001, 0.2), min_size=3, max_size=40))


def layer(polygons: list[Polygon], window: tuple[float, float, float, float] | None = None) -> Layer:
    return Layer(tuple(area(ZoneKind.NO_GO, p) for p in polygons), unknown_applies=True, windows=window and (window,))


def by_shapely(polygons: list[Polygon], points: np.ndarray) -> np.ndarray:
    shapes = shapely.points(points)
    return np.asarray(np.any([shapely.covers(p, shapes) for p in polygons], axis=0))


def by_postgis(polygons: list[Polygon], points: np.ndarray) -> np.ndarray:
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH p AS (SELECT i, ST_MakePoint(x, y) AS g"
            " FROM unnest(%s::float8[], %s::float8[]) WITH ORDINALITY AS u(x, y, i)),"
            " z AS (SELECT ST_GeomFromWKB(w) AS g FROM unnest(%s::bytea[]) AS w)"
            " SELECT EXISTS (SELECT 1 FROM z WHERE ST_Covers(z.g, p.g)) FROM p ORDER BY i",
            [points[:, 0].tolist(), points[:, 1].tolist(), [shapely.to_wkb(p) for p in polygons]],
        )
        return np.array([row[0] for row in cursor.fetchall()])


def telling_points(polygons: list[Polygon], seed: int) -> np.ndarray:
    """Random points around, every vertex, the middle of every side, and their next neighbours in floating point."""
    rng = np.random.default_rng(seed)
    west, south, east, north = shapely.total_bounds(polygons)
    around = rng.uniform([west - 0.01, south - 0.01], [east + 0.01, north + 0.01], (300, 2))
    corners = shapely.get_coordinates(polygons)
    middles = np.concatenate([(c[1:] + c[:-1]) / 2 for c in map(shapely.get_coordinates, polygons)])
    edge = np.concatenate([corners, middles])
    return np.concatenate([around, edge, np.nextafter(edge, 1e3), np.nextafter(edge, -1e3)])


def covers(compiled: Layer, points: np.ndarray) -> np.ndarray:
    return compiled.covers(np.ascontiguousarray(points[:, 0]), np.ascontiguousarray(points[:, 1]), 0.0)


@given(st.lists(stars, min_size=1, max_size=6), st.integers(0, 2**31))
@settings(max_examples=60, deadline=None)
def test_every_answer_is_shapelys(polygons: list[Polygon], seed: int) -> None:
    points = telling_points(polygons, seed)
    assert (covers(layer(polygons), points) == by_shapely(polygons, points)).all()


@given(st.lists(stars, min_size=1, max_size=4), st.integers(0, 2**31))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@pytest.mark.django_db
def test_every_answer_is_postgis_s(polygons: list[Polygon], seed: int) -> None:
    exact = [p for p in map(snapped, polygons) if p is not None]
    if not exact:
        return
    # PostGIS rounds in its point-in-polygon test, so points on sides are taken where all arithmetic is exact.
    rng = np.random.default_rng(seed)
    corners = shapely.get_coordinates(exact)
    middles = np.concatenate([(c[1:] + c[:-1]) / 2 for c in map(shapely.get_coordinates, exact)])
    west, south, east, north = shapely.total_bounds(exact)
    points = np.concatenate([corners, middles, rng.uniform([west, south], [east, north], (300, 2))])
    answers = covers(layer(exact), points)
    assert (answers == by_postgis(exact, points)).all()
    assert (answers == by_shapely(exact, points)).all()
    assert answers[: len(corners)].all()


def test_holes_are_outside_and_their_edge_is_inside() -> None:
    ring = Polygon(shapely.box(7, 43, 8, 44).exterior, [shapely.box(7.25, 43.25, 7.75, 43.75).exterior])
    points = np.array([[7.5, 43.5], [7.25, 43.5], [7.1, 43.5], [7.0, 43.0], [6.999, 43.5], [7.75, 43.75]])
    assert covers(layer([ring]), points).tolist() == [False, True, True, True, False, True]


def test_a_window_changes_nothing_within_it() -> None:
    rng = np.random.default_rng(3)
    huge = [
        star((7.2, 43.1), list(rng.uniform(5, 40, 60))),
        shapely.box(-179, -80, 7.21, 43.12),
        shapely.box(60, 10, 61, 11),
    ]
    points = rng.uniform([7.1, 43.0], [7.3, 43.2], (20_000, 2))
    compiled = layer(huge, (7.1, 43.0, 7.3, 43.2))
    assert (covers(compiled, points) == by_shapely(huge, points)).all()
    assert 0 < covers(layer(huge[1:2], (7.1, 43.0, 7.3, 43.2)), points).sum() < len(points)


def test_what_is_no_position_is_never_covered() -> None:
    values = np.array([np.nan, np.inf, -np.inf, 1e308, -1e308, 7.5])
    lon, lat = (m.ravel() for m in np.meshgrid(values, np.append(values[:-1], 43.5)))
    answers = layer([shapely.box(7, 43, 8, 44)]).covers(lon, lat, 0.0)
    assert answers.sum() == 1
    assert (lon[answers][0], lat[answers][0]) == (7.5, 43.5)


def test_no_areas_cover_nothing() -> None:
    assert covers(layer([]), np.array([[7.0, 43.0]])).tolist() == [False]


def test_an_area_with_hours_covers_while_they_are_open_and_at_an_unknown_time_as_told() -> None:
    timed: Area = area(ZoneKind.NO_GO, shapely.box(7, 43, 8, 44), hours=daily("01:00", "02:00"))
    times = np.array([0.0, 3600.0, 7199.0, 7200.0, np.nan])
    lon, lat = np.full(5, 7.5), np.full(5, 43.5)
    for unknown in (True, False):
        compiled = Layer((timed,), unknown_applies=unknown)
        assert compiled.covers(lon, lat, times).tolist() == [False, True, True, False, unknown]
        assert [compiled.covers(lon[:1], lat[:1], float(t))[0] for t in times] == [False, True, True, False, unknown]


def test_cities_far_apart_have_grids_of_their_own_and_right_answers() -> None:
    rng = np.random.default_rng(4)
    centres = [(7.4, 43.7), (7.45, 43.7), (13.4, 52.5), (-74.0, 40.7)]
    cities = [star(c, list(rng.uniform(0.02, 0.05, 40))) for c in centres]
    closed = [star((x + 0.01, y), list(rng.uniform(0.005, 0.02, 40))) for x, y in centres]
    domain = CompiledOdd(
        1,
        "d",
        [*[area(ZoneKind.SERVICE_AREA, p) for p in cities], *[area(ZoneKind.NO_GO, p) for p in closed]],
    )
    assert len(domain.service.grids) == 3
    points = np.concatenate([rng.normal(c, 0.03, (5_000, 2)) for c in centres] + [rng.uniform(-80, 80, (1_000, 2))])
    expected = by_shapely(cities, points) & ~by_shapely(closed, points)
    assert (domain.check_points(points[:, 0].copy(), points[:, 1].copy(), 0.0) == expected).all()
    assert 1_000 < expected.sum() < 15_000
    for x, y in centres:
        assert domain.check_route(np.array([[x - 0.015, y], [x - 0.01, y]]), 0.0).allowed
        assert not domain.check_route(np.array([[x - 0.015, y], [x + 0.012, y]]), 0.0).allowed
        assert not domain.check_route(np.array([[x - 0.015, y], [x + 0.5, y]]), 0.0).allowed


def test_many_far_places_still_make_few_windows() -> None:
    boxes = [(float(x), 0.0, x + 0.1, 0.1) for x in range(0, 170, 5)]
    found = windows(boxes)
    assert 1 <= len(found) <= 8
    assert all(any(w[0] <= b[0] and b[2] <= w[2] for w in found) for b in boxes)
    assert windows([]) == ()
