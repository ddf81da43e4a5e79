"""The skeleton of the city: ring road, quays, avenues along and across the river, bridges, a diagonal."""

from dataclasses import dataclass, field

import numpy as np
from shapely.geometry import LineString, Polygon

from geofence.roads.domain.city.frame import QUAY_M, Frame
from geofence.roads.domain.city.names import street_names
from geofence.roads.domain.graph import F8, RoadClass


@dataclass(frozen=True, eq=False)
class Street:
    """A street of the plan: its whole line in the plan's plane and what holds all along it."""

    line: LineString
    road: RoadClass
    name: str
    lanes: int = 2
    oneway: bool = False
    speed_kmh: int | None = None
    style: str = "street"
    ident: int = field(default=-1)


def spacing(frame: Frame) -> float:
    """Distance between avenues: about 800 m in a large city, less in a small one."""
    return min(820.0, 0.62 * frame.radius_m)


def avenues(rng: np.random.Generator, frame: Frame) -> list[Street]:
    """Ring, quays and avenues, clipped to the ring."""
    names, ring = street_names(rng, "avenue"), frame.ring()
    streets = [Street(LineString(ring.exterior.coords), RoadClass.TRUNK, "City Ring", lanes=4, speed_kmh=70)]
    streets += [
        Street(_along(frame, side * QUAY_M, 0, 0), RoadClass.TERTIARY, f"{where} Quay", speed_kmh=40)
        for side, where in ((1, "North"), (-1, "South"))
    ]
    for index, v in enumerate(_levels(rng, frame)):
        primary = index % 2 == 0
        line = _along(frame, v, float(rng.uniform(10, 45)), float(rng.uniform(0, 7)))
        streets.append(_avenue(line, next(names), primary=primary))
    for index, u in enumerate(_columns(rng, frame)):
        primary, bridged = index % 3 == 1, index % 3 != 2
        for line in _across(frame, u, float(rng.uniform(10, 40)), float(rng.uniform(0, 7)), bridged=bridged):
            streets.append(_avenue(line, next(names), primary=primary))
    streets.append(_avenue(_diagonal(rng, frame), "Old Post Road", primary=False))
    return [clipped for street in streets for clipped in _clip(street, ring)]


def _avenue(line: LineString, name: str, *, primary: bool) -> Street:
    road = RoadClass.PRIMARY if primary else RoadClass.SECONDARY
    return Street(line, road, name, lanes=4 if primary else 2, speed_kmh=50, style="avenue")


def _levels(rng: np.random.Generator, frame: Frame) -> F8:
    """v of the avenues along the river, south to north, none near the quays."""
    gap = spacing(frame)
    top, bottom = frame.centre_v_m + frame.radius_m, frame.centre_v_m - frame.radius_m
    north = np.arange(QUAY_M + 0.8 * gap, top, gap)
    south = -np.arange(QUAY_M + 0.8 * gap, -bottom, gap)[::-1]
    levels = np.concatenate([south, north])
    return levels + rng.uniform(-0.12, 0.12, len(levels)) * gap


def _columns(rng: np.random.Generator, frame: Frame) -> F8:
    gap = spacing(frame)
    count = int(1.15 * frame.radius_m / gap)
    columns = np.arange(-count, count + 1) * gap * 0.97
    return columns + rng.uniform(-0.14, 0.14, len(columns)) * gap


def _along(frame: Frame, v: float, swing_m: float, phase: float) -> LineString:
    reach = 1.4 * frame.radius_m
    u = np.arange(-reach, reach + 1, 60.0)
    return LineString(np.column_stack([u, v + swing_m * np.sin(u / 900 + phase)]))


def _across(frame: Frame, u: float, swing_m: float, phase: float, *, bridged: bool) -> list[LineString]:
    reach = 1.5 * frame.radius_m
    parts = [(-reach, reach)] if bridged else [(-reach, -QUAY_M), (QUAY_M, reach)]
    lines = []
    for low, high in parts:
        v = np.linspace(low, high, max(2, int((high - low) / 60)))
        lines.append(LineString(np.column_stack([u + swing_m * np.sin(v / 900 + phase), v])))
    return lines


def _diagonal(rng: np.random.Generator, frame: Frame) -> LineString:
    """An old road from the north quay out of the city, across the grain."""
    angle = float(rng.uniform(0.65, 0.95))
    start = np.array([-0.25 * frame.radius_m, QUAY_M])
    return LineString([start, start + 2.2 * frame.radius_m * np.array([np.cos(angle), np.sin(angle)])])


def _clip(street: Street, ring: Polygon) -> list[Street]:
    if street.road is RoadClass.TRUNK:
        return [street]
    inside = street.line.intersection(ring)
    parts = [part for part in getattr(inside, "geoms", [inside]) if part.geom_type == "LineString"]
    longest = max(parts, key=lambda part: part.length, default=None)
    return [Street(**{**_fields(street), "line": longest})] if longest is not None and longest.length > 60 else []


def _fields(street: Street) -> dict[str, object]:
    return {name: getattr(street, name) for name in Street.__dataclass_fields__}
