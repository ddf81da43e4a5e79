"""The streets between the avenues: grids in the centre, grids turned or grown blocks further out, parks."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import shapely
from shapely.affinity import rotate
from shapely.geometry import LineString, MultiLineString, Point, Polygon
from shapely.ops import split

from geofence.roads.domain.city.avenues import Street
from geofence.roads.domain.city.frame import QUAY_M, Frame
from geofence.roads.domain.city.names import street_names
from geofence.roads.domain.city.shapes import long_box, polygon
from geofence.roads.domain.graph import RoadClass

CENTRE_SHARE = 0.42
LEAST_STREET_M = 55.0


@dataclass(frozen=True, eq=False)
class Fabric:
    """Streets of all quarters and the quarters that are parks, in the plan's plane."""

    streets: list[Street]
    parks: list[Polygon]


def fabric(rng: np.random.Generator, frame: Frame, avenues: list[Street]) -> Fabric:
    """Fill every quarter that the avenues leave."""
    lines = shapely.union_all([street.line for street in avenues], grid_size=0.1)
    faces = map(polygon, shapely.polygonize([lines]).geoms)
    quarters = [face for face in faces if abs(face.representative_point().y) > QUAY_M]
    centre = Point(0.0, frame.centre_v_m)
    quarters.sort(key=lambda quarter: (quarter.centroid.distance(centre), quarter.centroid.x))
    parks = _parks(quarters)
    collectors, names = street_names(rng, "collector"), street_names(rng, "street")
    streets: list[Street] = []
    for quarter in quarters:
        if any(quarter is park for park in parks):
            continue
        central = quarter.centroid.distance(centre) < CENTRE_SHARE * frame.radius_m
        for index, (line, family) in enumerate(_fill(rng, quarter, central=central)):
            collector = line.length > 380 and index % 4 == 1
            streets.append(
                _street(
                    rng, line, next(collectors if collector else names), family, central=central, collector=collector
                )
            )
    return Fabric(streets, parks)


def _parks(quarters: list[Polygon]) -> list[Polygon]:
    """A large park by the river near the centre, and one far out."""
    if len(quarters) < 6:
        return []
    usual = float(np.median([quarter.area for quarter in quarters]))
    riverside = [q for q in quarters if q.bounds[1] < QUAY_M + 30 and q.bounds[3] > 0 and 0.35 * usual < q.area]
    parks = riverside[1:2] or riverside[:1]
    far = [q for q in quarters[len(quarters) // 2 :] if 0.3 * usual < q.area < 1.1 * usual and q not in parks]
    return parks + far[:1]


def _street(
    rng: np.random.Generator, line: LineString, name: str, family: int, *, central: bool, collector: bool
) -> Street:
    """`family` 0: no one-way; otherwise neighbours of a family alternate, as its sign says."""
    if collector:
        return Street(line, RoadClass.TERTIARY, name, speed_kmh=30 if central else 40)
    if not central and family == 0 and line.length < 160 and rng.random() < 0.25:
        return Street(line, RoadClass.LIVING_STREET, name, lanes=1)
    oneway = central and family != 0
    forward = line if family >= 0 else line.reverse()
    speed = 30 if rng.random() < 0.85 else None
    return Street(forward, RoadClass.RESIDENTIAL, name, lanes=1 if oneway else 2, oneway=oneway, speed_kmh=speed)


def _fill(rng: np.random.Generator, quarter: Polygon, *, central: bool) -> Iterator[tuple[LineString, int]]:
    if central:
        yield from _grid(rng, quarter, float(rng.uniform(-4, 4)), float(rng.uniform(95, 115)), 118.0)
    elif rng.random() < 0.55:
        turned = float(rng.choice([-1, 1]) * rng.uniform(4, 24))
        yield from ((line, 0) for line, _ in _grid(rng, quarter, turned, float(rng.uniform(105, 140)), 150.0))
    else:
        yield from ((line, 0) for line in _grown(rng, quarter, float(rng.uniform(15_000, 24_000))))


def _grid(
    rng: np.random.Generator, quarter: Polygon, turned_deg: float, step_u: float, step_v: float
) -> Iterator[tuple[LineString, int]]:
    centre, core = quarter.centroid, quarter.buffer(-0.4 * min(step_u, step_v))
    reach = float(np.hypot(quarter.bounds[2] - quarter.bounds[0], quarter.bounds[3] - quarter.bounds[1]))
    for across, step in ((False, step_u), (True, step_v)):
        start = float(rng.uniform(-0.5, 0.5)) * step
        for number, offset in enumerate(np.arange(start - reach, reach, step)):
            at = offset + float(rng.uniform(-0.13, 0.13)) * step
            ends = [(-reach, at), (reach, at)] if across else [(at, -reach), (at, reach)]
            line = LineString([(centre.x + x, centre.y + y) for x, y in ends])
            for part in _parts(rotate(line, turned_deg, origin=centre).intersection(quarter)):
                if part.intersection(core).length > 0.5 * part.length:  # else it would run beside an avenue
                    yield part, 1 if number % 2 else -1


def _grown(rng: np.random.Generator, block: Polygon, target_m2: float) -> Iterator[LineString]:
    """Blocks cut in two across their longer side again and again, as land was sold."""
    if block.area < target_m2 * float(rng.uniform(0.85, 1.5)):
        return
    box, sides, long_side = long_box(block)
    along = sides[long_side] / np.hypot(*sides[long_side])
    centre = box.mean(axis=0) + along * np.hypot(*sides[long_side]) * float(rng.uniform(-0.12, 0.12))
    angle = float(rng.normal(0, 0.09))
    cos, sin = np.cos(angle), np.sin(angle)
    across = np.array([-along[1] * cos - along[0] * sin, along[0] * cos - along[1] * sin])
    reach = np.hypot(*sides.sum(axis=0)) + np.hypot(*sides[long_side]) * 2
    cut = LineString([centre - across * reach, centre + across * reach])
    pieces = [piece for piece in split(block, cut).geoms if isinstance(piece, Polygon)]
    if len(pieces) < 2:
        return
    yield from _parts(cut.intersection(block))
    for piece in pieces:
        yield from _grown(rng, piece, target_m2)


def _parts(shape: object) -> Iterator[LineString]:
    parts = shape.geoms if isinstance(shape, MultiLineString) else [shape]
    for part in parts:
        if isinstance(part, LineString) and part.length > LEAST_STREET_M:
            yield part
