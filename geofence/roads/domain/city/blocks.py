"""What stands between the streets: buildings on their lots, parks, ponds, water."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry import LineString, Polygon
from shapely.ops import split

from geofence.roads.domain.city.frame import Frame
from geofence.roads.domain.city.shapes import long_box, polygon, single
from geofence.roads.domain.city.web import Web

LARGEST_BLOCK_M2 = 60_000.0
SMALLEST_BLOCK_M2, SMALLEST_LOT_M2 = 300.0, 90.0


@dataclass(frozen=True, eq=False)
class Ground:
    """An area with its tags, in metres of the city's plane."""

    shape: Polygon
    tags: dict[str, str]


def ground(rng: np.random.Generator, frame: Frame, web: Web, parks: list[Polygon]) -> list[Ground]:
    """Water, parks and buildings."""
    river = frame.bend(frame.river())
    areas = [Ground(river, {"natural": "water", "water": "river", "name": "River Hans"})]
    green = [frame.bend(park) for park in parks]
    for number, park in enumerate(green):
        shape = park.buffer(-9)
        name = ("Queen's Park", "Weaver's Green")[number % 2]
        areas.append(Ground(shape, {"leisure": "park", "name": name}))
        pond = _pond(rng, shape)
        areas.append(Ground(pond, {"natural": "water", "water": "pond", "name": f"{name.split()[0]} Pond"}))
    centre = shapely.get_coordinates(frame.bend(shapely.points(0.0, frame.centre_v_m)))[0]
    blocks = shapely.polygonize([link.line for link in web.links]).geoms
    places = [(round(block.centroid.x, 1), round(block.centroid.y, 1)) for block in blocks]
    for block in (polygon(blocks[index]) for index in sorted(range(len(blocks)), key=places.__getitem__)):
        middle = block.representative_point()
        if river.intersects(middle) or any(park.contains(middle) for park in green):
            continue
        near = float(np.hypot(*(np.array(middle.coords[0]) - centre))) / frame.radius_m
        areas.extend(_block(rng, block, near))
    return areas


def _pond(rng: np.random.Generator, park: Polygon) -> Polygon:
    angle = np.linspace(0, 2 * np.pi, 33)[:-1]
    size = 0.16 * np.sqrt(park.area)
    radius = size * (1 + 0.2 * np.sin(2 * angle + rng.uniform(0, 6)) + 0.12 * np.sin(3 * angle))
    middle = park.representative_point()
    shape = Polygon(np.column_stack([middle.x + 1.3 * radius * np.cos(angle), middle.y + radius * np.sin(angle)]))
    inside = shape.intersection(park.buffer(-15))
    return inside if isinstance(inside, Polygon) and not inside.is_empty else shape


def _block(rng: np.random.Generator, block: Polygon, near: float) -> Iterator[Ground]:
    """`near` is the distance to the centre in city radii: closed rows there, houses in gardens further out."""
    inner = single(block.buffer(-11 if near > 0.4 else -9, join_style="mitre"), SMALLEST_BLOCK_M2)
    if inner is None:
        return
    chance = float(rng.random())
    if chance < 0.035:
        yield Ground(inner, {"leisure": "garden"})
        return
    if block.area > LARGEST_BLOCK_M2 or chance < 0.06:
        yield Ground(inner, {"landuse": "grass"})
        return
    yard = inner.buffer(-17 - 8 * min(near, 1.0))
    lot_m2 = 420 + 900 * float(rng.random()) * (1.3 - min(near, 1.0))
    built = inner.difference(yard) if near < 0.45 else inner
    for lot in (found for part in shapely.get_parts(built) for found in _lots(rng, polygon(part), lot_m2)):
        gap = 0.4 if near < 0.35 else 2.5 + 2.5 * min(near, 1.0)
        house = single(shapely.simplify(lot.buffer(-gap, join_style="mitre"), 0.5), SMALLEST_LOT_M2)
        courtyard = near >= 0.45 and yard.contains(lot.centroid)
        if courtyard or rng.random() < 0.06 + 0.12 * near:
            continue
        if house is not None:
            kind = "apartments" if near < 0.45 else "house"
            yield Ground(house, {"building": kind})


def _lots(rng: np.random.Generator, shape: Polygon, target_m2: float) -> Iterator[Polygon]:
    """Pieces of a block of about the target size; rings without a cut through them give none."""
    if shape.area < target_m2:
        if not shape.interiors:
            yield shape
        return
    box, sides, longest = long_box(shape)
    along = sides[longest] / np.hypot(*sides[longest])
    middle = box.mean(axis=0) + sides[longest] * float(rng.uniform(-0.08, 0.08))
    across = np.array([-along[1], along[0]]) * np.hypot(*sides.T).sum()
    pieces = split(shape, LineString([middle - across, middle + across])).geoms
    if len(pieces) < 2:
        if not shape.interiors:
            yield shape
        return
    for piece in pieces:
        yield from _lots(rng, polygon(piece), target_m2)
