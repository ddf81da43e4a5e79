"""Every metre of a route: places, times, and agreement with shapely's own overlay."""

from itertools import pairwise

import numpy as np
import pyproj
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import Polygon

from geofence.odd.domain.area import Area
from geofence.odd.domain.compiled import CompiledOdd
from geofence.odd.domain.segments import Segments
from geofence.odd.domain.verdict import Reason, Violation
from geofence.zones.domain.kinds import ZoneKind
from tests.geofence.odd.conftest import area, daily, star

CITY = area(ZoneKind.SERVICE_AREA, shapely.box(7.0, 43.0, 7.4, 43.4))
GEOD = pyproj.Geod(ellps="WGS84")


def odd(*areas: Area) -> CompiledOdd:
    return CompiledOdd(1, "digest", areas)


def line(*points: tuple[float, float]) -> np.ndarray:
    return np.array(points, dtype=np.float64)


def metres(lon_a: float, lat_a: float, lon_b: float, lat_b: float) -> float:
    return float(GEOD.inv(lon_a, lat_a, lon_b, lat_b)[2])


def reasons(violations: tuple[Violation, ...]) -> list[Reason]:
    return [v.reason for v in violations]


def test_a_route_inside_is_allowed_and_names_its_version() -> None:
    verdict = odd(CITY).check_route(line((7.1, 43.1), (7.2, 43.2), (7.3, 43.1)), 0.0)
    assert (verdict.allowed, verdict.version, verdict.digest, verdict.violations) == (True, 1, "digest", ())


def test_a_no_go_zone_between_two_good_ends_is_found_with_its_place() -> None:
    closed = area(ZoneKind.NO_GO, shapely.box(7.20, 43.05, 7.21, 43.15), name="Market")
    (found,) = odd(CITY, closed).check_route(line((7.1, 43.1), (7.15, 43.1), (7.3, 43.1)), 0.0).violations
    assert (found.reason, found.zone_id, found.zone_name) == (Reason.NO_GO, closed.zone_id, "Market")
    assert (found.lon, found.lat) == pytest.approx((7.2, 43.1), abs=1e-9)
    assert found.from_m == pytest.approx(metres(7.1, 43.1, 7.2, 43.1), rel=1e-5)
    assert found.to_m == pytest.approx(metres(7.1, 43.1, 7.21, 43.1), rel=1e-5)


def test_leaving_and_coming_back_between_vertices_is_found() -> None:
    bay = Polygon([(7.0, 43.0), (7.4, 43.0), (7.4, 43.2), (7.25, 43.2), (7.2, 43.05), (7.15, 43.2), (7.0, 43.2)])
    domain = odd(area(ZoneKind.SERVICE_AREA, bay))
    (found,) = domain.check_route(line((7.1, 43.1), (7.3, 43.1)), 0.0).violations
    assert found.reason is Reason.OUTSIDE_SERVICE_AREA
    assert found.lon == pytest.approx(7.2 - 0.05 / 3, abs=1e-9)
    assert found.to_m - found.from_m == pytest.approx(metres(7.2 - 0.05 / 3, 43.1, 7.2 + 0.05 / 3, 43.1), rel=1e-5)


def test_stretches_that_go_on_over_vertices_are_one_violation() -> None:
    route = line(*[(7.3 + 0.01 * k, 43.1) for k in range(20)])
    (found,) = odd(CITY).check_route(route, 0.0).violations
    assert found.lon == pytest.approx(7.4, abs=1e-9)
    assert found.to_m == pytest.approx(metres(7.3, 43.1, 7.49, 43.1), rel=1e-5)


def test_two_zones_on_one_way_are_two_violations_in_order() -> None:
    first = area(ZoneKind.EMERGENCY, shapely.box(7.15, 43.0, 7.16, 43.2), name="Fire")
    second = area(ZoneKind.NO_GO, shapely.box(7.25, 43.0, 7.26, 43.2), name="Fair")
    found = odd(CITY, second, first).check_route(line((7.1, 43.1), (7.3, 43.1)), 0.0).violations
    assert [v.zone_name for v in found] == ["Fire", "Fair"]


def test_neighbouring_service_areas_are_driven_through_without_a_gap() -> None:
    halves = [
        area(ZoneKind.SERVICE_AREA, Polygon([(7, 43), (7.2, 43), (7.21, 43.2), (7, 43.2)])),
        area(ZoneKind.SERVICE_AREA, Polygon([(7.2, 43), (7.4, 43), (7.4, 43.2), (7.21, 43.2)])),
    ]
    rng = np.random.default_rng(1)
    for _ in range(50):
        route = np.column_stack([rng.uniform(7.01, 7.39, 20), rng.uniform(43.01, 43.19, 20)])
        assert odd(*halves).check_route(route, 0.0).allowed
    assert not odd(halves[0]).check_route(line((7.1, 43.1), (7.3, 43.1)), 0.0).allowed


def test_a_metre_between_two_service_areas_is_a_gap() -> None:
    metre = 1 / 81_000
    parts = [shapely.box(7.0, 43.0, 7.2, 43.2), shapely.box(7.2 + metre, 43.0, 7.4, 43.2)]
    domain = odd(*[area(ZoneKind.SERVICE_AREA, p) for p in parts])
    (found,) = domain.check_route(line((7.1, 43.1), (7.3, 43.1)), 0.0).violations
    assert 0.9 < found.to_m - found.from_m < 1.1


def test_a_zone_with_hours_counts_only_where_the_car_is_then() -> None:
    school = area(ZoneKind.NO_GO, shapely.box(7.2, 43.0, 7.3, 43.2), name="School", hours=daily("00:10", "00:20"))
    domain, route = odd(CITY, school), line((7.1, 43.1), (7.2, 43.1), (7.3, 43.1), (7.39, 43.1))
    assert domain.check_route(route, np.array([0.0, 300.0, 599.0, 700.0])).allowed  # through before it closes
    assert domain.check_route(route, np.array([1100.0, 1200.0, 1300.0, 1400.0])).allowed  # arrives as it opens
    (found,) = domain.check_route(route, np.array([0.0, 550.0, 650.0, 700.0])).violations  # closes half-way through
    assert found.lon == pytest.approx(7.25, abs=1e-9)
    assert found.to_m == pytest.approx(metres(7.1, 43.1, 7.3, 43.1), rel=1e-5)


def test_a_service_area_that_closes_on_the_way_ends_the_route_there() -> None:
    domain = odd(area(ZoneKind.SERVICE_AREA, shapely.box(7.0, 43.0, 7.4, 43.4), hours=daily("00:00", "01:00")))
    route, times = line((7.1, 43.1), (7.2, 43.1)), np.array([3000.0, 4200.0])
    (found,) = domain.check_route(route, times).violations
    assert found.reason is Reason.OUTSIDE_SERVICE_AREA
    assert found.lon == pytest.approx(7.15, abs=1e-9)
    assert domain.check_route(route, times - 1000).allowed


def test_waiting_in_a_zone_until_it_closes_is_a_violation() -> None:
    closed = area(ZoneKind.NO_GO, shapely.box(7.2, 43.0, 7.3, 43.2), hours=daily("00:10", "00:20"))
    route = line((7.1, 43.1), (7.25, 43.1), (7.25, 43.1), (7.39, 43.1))
    assert odd(CITY, closed).check_route(route, np.array([0.0, 100.0, 500.0, 590.0])).allowed
    assert not odd(CITY, closed).check_route(route, np.array([0.0, 100.0, 700.0, 1300.0])).allowed


def test_unknown_times_are_taken_for_the_worst() -> None:
    closed = area(ZoneKind.NO_GO, shapely.box(7.2, 43.0, 7.3, 43.2), hours=daily("00:10", "00:20"))
    route, times = line((7.1, 43.1), (7.25, 43.1), (7.39, 43.1)), np.array([5000.0, np.nan, 6000.0])
    assert reasons(odd(CITY, closed).check_route(route, times).violations) == [Reason.NO_GO]


def test_a_route_of_one_point_is_checked_as_a_point() -> None:
    assert odd(CITY).check_route(line((7.1, 43.1)), 0.0).allowed
    assert not odd(CITY).check_route(line((6.1, 43.1)), 0.0).allowed


def test_an_unknown_vertex_refuses_the_route() -> None:
    verdict = odd(CITY).check_route(line((7.1, 43.1), (np.nan, 43.1), (7.2, 43.1)), 0.0)
    assert reasons(verdict.violations) == [Reason.UNKNOWN_POSITION]


@pytest.mark.parametrize("shape", [(0, 2), (3, 3), (4,)])
def test_wrong_arrays_are_an_error_of_the_program(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="a route"):
        odd(CITY).check_route(np.zeros(shape), 0.0)
    with pytest.raises(ValueError, match="one time a vertex"):
        odd(CITY).check_route(np.zeros((3, 2)), np.zeros(2))


centres = st.tuples(st.floats(7.05, 7.35), st.floats(43.05, 43.25))
stars = st.builds(star, centres, st.lists(st.floats(0.002, 0.12), min_size=3, max_size=20))
routes = st.lists(st.tuples(st.floats(7.0, 7.4), st.floats(43.0, 43.3)), min_size=2, max_size=12)


@given(st.lists(stars, min_size=1, max_size=3), routes)
@settings(max_examples=120, deadline=None)
def test_what_is_outside_agrees_with_shapelys_overlay(service: list[Polygon], route: list[tuple[float, float]]) -> None:
    verdict = odd(*[area(ZoneKind.SERVICE_AREA, p) for p in service]).check_route(line(*route), 0.0)
    outside = sum(_length(shapely.difference(piece, shapely.union_all(service))) for piece in _pieces(route))
    found = sum(v.to_m - v.from_m for v in verdict.violations)
    # Places are by share of a segment; on one of 35 km a metre in the south is some thousandths off one in the north.
    assert found == pytest.approx(outside, abs=5.0 * len(route), rel=2e-4)
    assert set(reasons(verdict.violations)) <= {Reason.OUTSIDE_SERVICE_AREA}
    if outside > 0.05:
        assert not verdict.allowed


@given(st.lists(stars, min_size=1, max_size=3), routes)
@settings(max_examples=120, deadline=None)
def test_what_is_forbidden_agrees_with_shapelys_overlay(
    closed: list[Polygon], route: list[tuple[float, float]]
) -> None:
    around = area(ZoneKind.SERVICE_AREA, shapely.box(6, 42, 9, 45))
    domain = odd(around, *[area(ZoneKind.NO_GO, p, name=f"{k}") for k, p in enumerate(closed)])
    verdict = domain.check_route(line(*route), 0.0)
    for k, polygon in enumerate(closed):
        inside = sum(_length(shapely.intersection(piece, polygon)) for piece in _pieces(route))
        mine = sum(v.to_m - v.from_m for v in verdict.violations if v.zone_name == f"{k}")
        assert mine == pytest.approx(inside, abs=5.0 * len(route), rel=2e-4)
    shapes = [*_pieces(route), *shapely.points(route)]
    assert verdict.allowed == (not any(shapely.intersects(p, s) for p in closed for s in shapes))


@given(st.lists(stars, min_size=1, max_size=3), routes)
@settings(max_examples=60, deadline=None)
def test_an_allowed_route_has_no_bad_metre(service: list[Polygon], route: list[tuple[float, float]]) -> None:
    domain = odd(*[area(ZoneKind.SERVICE_AREA, p) for p in service])
    points = line(*route)
    share = np.linspace(0, 1, 200)[:, None]
    dense = np.concatenate([a + (b - a) * share for a, b in pairwise(points)])
    inside = domain.check_points(dense[:, 0].copy(), dense[:, 1].copy(), 0.0)
    if domain.check_route(points, 0.0).allowed:
        # Sampled points are rounded off the line by less than a nanometre; allow for that at the boundary.
        assert shapely.distance(shapely.union_all(service), shapely.points(dense[~inside])).max(initial=0.0) < 1e-12


def _pieces(route: list[tuple[float, float]]) -> list[shapely.LineString]:
    return [shapely.LineString([a, b]) for a, b in pairwise(route) if a != b]


def _length(geometry: shapely.Geometry) -> float:
    lines = [p for p in shapely.get_parts(geometry) if p.geom_type == "LineString" and not p.is_empty]
    return float(sum(_segments(shapely.get_coordinates(p)).lengths_m().sum() for p in lines))


def _segments(c: np.ndarray) -> Segments:
    return Segments(c[:-1], c[1:], np.zeros(len(c) - 1), np.zeros(len(c) - 1))


def test_lengths_are_those_of_the_ellipsoid() -> None:
    rng = np.random.default_rng(2)
    a = np.column_stack([rng.uniform(-179, 179, 500), rng.uniform(-70, 70, 500)])
    b = a + rng.uniform(-0.01, 0.01, (500, 2))
    truth = GEOD.inv(a[:, 0], a[:, 1], b[:, 0], b[:, 1])[2]
    assert Segments(a, b, a[:, 0], a[:, 0]).lengths_m() == pytest.approx(truth, rel=2e-6)
