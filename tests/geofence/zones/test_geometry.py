"""Hostile shapes are refused with the place of the fault, quickly, and nothing is repaired."""

import json
import math
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import Polygon

from geofence.base.errors import Refusal
from geofence.zones.domain.geometry import parse_polygon, to_geojson

SQUARE = [[7.0, 43.0], [7.1, 43.0], [7.1, 43.1], [7.0, 43.1], [7.0, 43.0]]
HOLE = [[7.02, 43.02], [7.04, 43.02], [7.04, 43.04], [7.02, 43.02]]


def polygon(*rings: Any) -> dict[str, Any]:
    return {"type": "Polygon", "coordinates": list(rings)}


def nested(depth: int) -> list[Any]:
    value: list[Any] = []
    for _ in range(depth):
        value = [value]
    return value


def attempt(value: Any) -> Polygon | Refusal:
    try:
        return parse_polygon(value)
    except Refusal as refusal:
        return refusal


def ring_of(count: int) -> list[list[float]]:
    angles = [2 * math.pi * k / (count - 1) for k in range(count - 1)]
    ring = [[7 + 0.1 * math.cos(a), 43 + 0.1 * math.sin(a)] for a in angles]
    return [*ring, ring[0]]


def test_a_polygon_with_a_hole_keeps_every_coordinate() -> None:
    parsed = parse_polygon(polygon(SQUARE, HOLE))
    assert list(map(list, parsed.exterior.coords)) == SQUARE
    assert list(map(list, parsed.interiors[0].coords)) == HOLE
    assert parse_polygon(to_geojson(parsed)).equals_exact(parsed, 0)


def test_the_largest_allowed_ring_is_accepted_and_one_more_vertex_is_not() -> None:
    assert len(parse_polygon(polygon(ring_of(500))).exterior.coords) == 500
    with pytest.raises(Refusal) as refused:
        parse_polygon(polygon(ring_of(501)))
    assert (refused.value.code, refused.value.field) == ("too_many_vertices", "geometry.coordinates[0]")


HOSTILE: dict[str, tuple[Any, str, str]] = {
    "no object": ([1], "geometry_not_object", "geometry"),
    "text": ("POLYGON((0 0))", "geometry_not_object", "geometry"),
    "multipolygon": ({"type": "MultiPolygon", "coordinates": [[SQUARE]]}, "geometry_type", "geometry.type"),
    "type is a deep list": ({"type": nested(10_000)}, "geometry_type", "geometry.type"),
    "crs": ({**polygon(SQUARE), "crs": {"type": "link"}}, "crs_not_allowed", "geometry.crs"),
    "no rings": (polygon(), "coordinates_not_rings", "geometry.coordinates"),
    "coordinates is text": ({"type": "Polygon", "coordinates": "x"}, "coordinates_not_rings", "geometry.coordinates"),
    "17 rings": (polygon(SQUARE, *[HOLE] * 16), "too_many_rings", "geometry.coordinates"),
    "100,000 vertices": (polygon(ring_of(100_000)), "too_many_vertices", "geometry.coordinates[0]"),
    "nested 10,000 deep": (polygon(nested(10_000)), "position_not_pair", "geometry.coordinates[0][0]"),
    "deep coordinates": (
        {"type": "Polygon", "coordinates": nested(10_000)},
        "position_not_pair",
        "geometry.coordinates[0][0]",
    ),
    "deep number": (polygon([[nested(10_000), 43.0]] * 5), "coordinate_not_number", "geometry.coordinates[0][0][0]"),
    "open": (polygon(SQUARE[:-1]), "ring_not_closed", "geometry.coordinates[0]"),
    "three positions": (polygon([*SQUARE[:2], SQUARE[0]]), "ring_too_short", "geometry.coordinates[0]"),
    "altitude": (polygon([[*p, 3.0] for p in SQUARE]), "position_not_pair", "geometry.coordinates[0][0]"),
    "nan": (polygon([[math.nan, 43.0], *SQUARE]), "coordinate_out_of_range", "geometry.coordinates[0][0][0]"),
    "1e400": (
        json.loads(json.dumps(polygon(SQUARE)).replace("7.1", "1e400")),
        "coordinate_out_of_range",
        "geometry.coordinates[0][1][0]",
    ),
    "400 digits": (polygon([[10**400, 43], *SQUARE]), "coordinate_out_of_range", "geometry.coordinates[0][0][0]"),
    "latitude 95": (polygon([[7.0, 95.0], *SQUARE]), "coordinate_out_of_range", "geometry.coordinates[0][0][1]"),
    "longitude 181": (polygon([[-181, 43.0], *SQUARE]), "coordinate_out_of_range", "geometry.coordinates[0][0][0]"),
    "truth for number": (polygon([[True, 43.0], *SQUARE]), "coordinate_not_number", "geometry.coordinates[0][0][0]"),
    "text for number": (polygon([["7", 43.0], *SQUARE]), "coordinate_not_number", "geometry.coordinates[0][0][0]"),
    "null": (polygon([[None, 43.0], *SQUARE]), "coordinate_not_number", "geometry.coordinates[0][0][0]"),
    "crosses itself": (polygon([[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]), "polygon_invalid", "geometry"),
    "hole outside": (polygon(SQUARE, [[8, 44], [8.1, 44], [8.1, 44.1], [8, 44]]), "polygon_invalid", "geometry"),
    "holes overlap": (polygon(SQUARE, HOLE, HOLE), "polygon_invalid", "geometry"),
    "flat": (polygon([[0, 0], [1, 0], [2, 0], [0, 0]]), "polygon_invalid", "geometry"),
    "one point": (polygon([[1, 1]] * 4), "polygon_invalid", "geometry"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_shapes_are_refused_with_code_and_place_quickly(name: str) -> None:
    shape, code, field = HOSTILE[name]
    started = time.perf_counter()
    with pytest.raises(Refusal) as refused:
        parse_polygon(shape)
    assert (refused.value.code, refused.value.field) == (code, field)
    assert len(refused.value.detail) < 200
    # Generous for a busy machine; repairing the worst of these would take half a minute.
    assert time.perf_counter() - started < 0.5


def test_the_field_of_a_refusal_starts_where_the_caller_says() -> None:
    with pytest.raises(Refusal) as refused:
        parse_polygon(polygon(SQUARE[:-1]), field="zone.area")
    assert refused.value.field == "zone.area.coordinates[0]"


json_values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=30,
)


@given(st.fixed_dictionaries({"type": st.just("Polygon"), "coordinates": json_values}) | json_values)
def test_whatever_comes_in_is_a_polygon_or_a_refusal(value: Any) -> None:
    parsed = attempt(value)
    if isinstance(parsed, Refusal):
        assert parsed.field is not None
        assert parsed.field.startswith("geometry")
    else:
        assert parsed.is_valid
        assert parsed.area > 0


coordinates = st.tuples(st.floats(-180, 180), st.floats(-90, 90))


@given(st.lists(coordinates, min_size=3, max_size=40))
def test_random_rings_are_kept_to_the_bit_or_refused(positions: list[tuple[float, float]]) -> None:
    ring = [list(p) for p in [*positions, positions[0]]]
    parsed = attempt(polygon(ring))
    if isinstance(parsed, Refusal):
        assert parsed.code in {"polygon_invalid", "polygon_empty"}
    else:
        assert list(map(list, parsed.exterior.coords)) == ring
