"""Untrusted GeoJSON to a polygon: checked, never repaired.

Repairing is what an attacker wants: `ST_MakeValid` on a hostile ring of 300 vertices burns half a minute of the
database. So the counts are bounded first, then validity is asked, and whatever fails is refused with its place.
Nothing here recurses and nothing prints its input, so depth cannot hurt.
"""

from __future__ import annotations

import math
from typing import Final

import shapely
from shapely.geometry import Polygon

from geofence.base.errors import Refusal

MAX_RING_VERTICES: Final = 500
MAX_RINGS: Final = 16
Position = tuple[float, float]


def parse_polygon(geojson: object, *, field: str = "geometry") -> Polygon:
    """Return the polygon (WGS84 degrees, lon, lat) that `geojson` describes, exactly as it was given.

    Raises `Refusal` with `field` pointing at the offending member.
    """
    rings = _rings(geojson, field)
    parsed = [_ring(ring, f"{field}.coordinates[{i}]") for i, ring in enumerate(rings)]
    polygon = Polygon(parsed[0], parsed[1:])
    if not polygon.is_valid:
        raise Refusal("polygon_invalid", f"The polygon is not valid: {shapely.is_valid_reason(polygon)}.", field=field)
    if not polygon.area > 0:
        raise Refusal("polygon_empty", "The polygon encloses no area.", field=field)
    return polygon


def to_geojson(polygon: Polygon) -> dict[str, object]:
    """Return the GeoJSON object of `polygon`, which `parse_polygon` reads back to the same coordinates."""
    rings = [polygon.exterior, *polygon.interiors]
    return {"type": "Polygon", "coordinates": [[[x, y] for x, y in ring.coords] for ring in rings]}


def _rings(geojson: object, field: str) -> list[object]:
    if not isinstance(geojson, dict):
        raise Refusal("geometry_not_object", "A GeoJSON Polygon object is expected.", field=field)
    if geojson.get("type") != "Polygon":
        raise Refusal("geometry_type", "Only the type Polygon is accepted.", field=f"{field}.type")
    if "crs" in geojson:
        raise Refusal("crs_not_allowed", "Coordinates are WGS84; `crs` is not accepted.", field=f"{field}.crs")
    rings = geojson.get("coordinates")
    if not isinstance(rings, list | tuple) or not rings:
        raise Refusal("coordinates_not_rings", "A list of rings is expected.", field=f"{field}.coordinates")
    if len(rings) > MAX_RINGS:
        raise Refusal(
            "too_many_rings", f"{len(rings)} rings; at most {MAX_RINGS} are accepted.", field=f"{field}.coordinates"
        )
    return list(rings)


def _ring(ring: object, field: str) -> list[Position]:
    if not isinstance(ring, list | tuple):
        raise Refusal("ring_not_list", "A ring is a list of [lon, lat] positions.", field=field)
    if len(ring) > MAX_RING_VERTICES:
        raise Refusal(
            "too_many_vertices", f"{len(ring)} vertices; a ring has at most {MAX_RING_VERTICES}.", field=field
        )
    positions = [_position(position, f"{field}[{i}]") for i, position in enumerate(ring)]
    if len(positions) < 4:
        raise Refusal("ring_too_short", "A ring has at least four positions, the last equal to the first.", field=field)
    if positions[0] != positions[-1]:
        raise Refusal("ring_not_closed", "The last position of a ring must equal its first.", field=field)
    return positions


def _position(position: object, field: str) -> Position:
    if not isinstance(position, list | tuple) or len(position) != 2:
        raise Refusal("position_not_pair", "A position is [longitude, latitude].", field=field)
    return parse_degrees(position[0], 180.0, f"{field}[0]"), parse_degrees(position[1], 90.0, f"{field}[1]")


def parse_degrees(value: object, limit: float, field: str) -> float:
    """Return `value` as finite degrees within ±`limit`; raises `Refusal` otherwise."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Refusal("coordinate_not_number", "A coordinate is a number.", field=field)
    # The range is asked before the conversion, because an int may be too large for a float; NaN fails it too.
    if not -limit <= value <= limit or not math.isfinite(value):
        raise Refusal(
            "coordinate_out_of_range", f"A finite number from -{limit:g} to {limit:g} is expected.", field=field
        )
    return float(value)
