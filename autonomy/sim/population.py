"""Fills a world with people and traffic; the seed decides all."""

import numpy as np
from numpy.typing import NDArray

from autonomy.sim.actors.crossing_walker import CrossingWalker, way_over
from autonomy.sim.actors.looks import CLOTHES, PAINTS
from autonomy.sim.actors.walking import Line, Walk
from autonomy.sim.ambient import Ambient
from autonomy.sim.ambient_bodies import COMMON, CYCLIST
from autonomy.sim.curves import even
from autonomy.sim.parking import park_cars
from autonomy.sim.roadside import Crossing
from autonomy.sim.world import World
from autonomy.world.place import RoadPosition
from autonomy.world.scene import BodyKind

TRIES = 8
STREET_M = 45.0
CROSSING_SHARE = 0.55
JAYWALK_SHARE = 0.12
CHILD_SHARE = 0.15
LEG_M = (6.0, 22.0)
KERB_M = 0.7
CLEAR_OF_ROAD_M = 0.3


def populate(
    world: World,
    *,
    seed: int,
    vehicles: int = 0,
    pedestrians: int = 0,
    cyclists: int = 0,
    parked: int = 0,
    around: tuple[float, float, float] | None = None,
) -> Ambient:
    """Put so many into the world, fewer where there is no room; `around`: only within a circle (x, y, radius in m).

    Raises ValueError on a negative number.
    """
    for name, count in (
        ("vehicles", vehicles), ("pedestrians", pedestrians), ("cyclists", cyclists), ("parked", parked),
    ):  # fmt: skip
        if count < 0:
            raise ValueError(f"{name}: {count} must be 0 or more")
    random = np.random.default_rng([seed & 0xFFFFFFFF, 911])
    edges = edges_around(world, around)
    park_cars(world, random, parked, edges)
    ambient = Ambient(world, seed)
    add_vehicles(world, ambient, random, edges, vehicles)
    _add_cyclists(world, ambient, random, edges, cyclists)
    add_pedestrians(world, random, edges, pedestrians)
    return ambient


def edges_around(world: World, around: tuple[float, float, float] | None) -> list[int]:
    """The edges whose middle lies in the circle (x, y, radius); all of them without one, or where there are none."""
    road_map = world.road_map
    everywhere = list(range(road_map.edge_count))
    if around is None:
        return everywhere
    x, y, radius = around
    a, b = road_map.edge_from, road_map.edge_to
    mx, my = (road_map.node_x[a] + road_map.node_x[b]) / 2, (road_map.node_y[a] + road_map.node_y[b]) / 2
    return np.flatnonzero(np.hypot(mx - x, my - y) < radius).tolist() or everywhere


def _random_place(world: World, random: np.random.Generator, edges: list[int]) -> RoadPosition | None:
    """A place on a street that goes on, not next to its ends."""
    road_map = world.road_map
    for _ in range(TRIES):
        edge = edges[int(random.integers(len(edges)))]
        length = float(road_map.edge_length_m[edge])
        if length >= STREET_M and road_map.successors[edge]:
            return RoadPosition(edge, float(random.uniform(0.3, 0.7)) * length)
    return None


def add_vehicles(world: World, ambient: Ambient, random: np.random.Generator, edges: list[int], count: int) -> None:
    weights = np.array([body.weight for body in COMMON])
    for number in range(count):
        body = COMMON[int(random.choice(len(COMMON), p=weights / weights.sum()))]
        colour = PAINTS[int(random.integers(len(PAINTS)))]
        place = _random_place(world, random, edges)
        if place is None:
            continue
        try:
            car = ambient.add(world, f"ambient-{number:03}", body, place)
        except ValueError:  # no room around there
            continue
        if body.body in (BodyKind.CAR, BodyKind.VAN):
            car.colour = colour


def _add_cyclists(world: World, ambient: Ambient, random: np.random.Generator, edges: list[int], count: int) -> None:
    for number in range(count):
        colour = CLOTHES[int(random.integers(len(CLOTHES)))]
        place = _random_place(world, random, edges)
        if place is None:
            continue
        try:
            ambient.add(world, f"cyclist-{number:03}", CYCLIST, place).colour = colour
        except ValueError:  # no room around there
            continue


def add_pedestrians(world: World, random: np.random.Generator, edges: list[int], count: int) -> None:
    """About half of them cross at crossings, some between them, the others stay on the pavement."""
    near = set(edges)
    crossings = [crossing for crossing in world.roadside.crossings if crossing.edge in near]
    for number in range(count):
        draw, ident = float(random.random()), f"walker-{number:03}"
        if draw < CROSSING_SHARE and crossings:
            _crosser(world, random, ident, crossings[int(random.integers(len(crossings)))])
        elif draw < CROSSING_SHARE + JAYWALK_SHARE:
            _jaywalker(world, random, ident, edges)
        else:
            _stroller(world, random, ident, edges)


def _person(random: np.random.Generator) -> tuple[tuple[float, float, float], tuple[int, int, int], float]:
    """Size, clothes and walking speed (m/s; adults 1.1 to 1.6, as in Knoblauch et al. 1996)."""
    clothes = CLOTHES[int(random.integers(len(CLOTHES)))]
    if random.random() < CHILD_SHARE:
        return (0.35, 0.42, float(random.uniform(1.05, 1.4))), clothes, float(random.uniform(1.2, 1.8))
    return (0.45, 0.55, float(random.uniform(1.6, 1.9))), clothes, float(random.uniform(1.1, 1.6))


def _stroller(world: World, random: np.random.Generator, ident: str, edges: list[int]) -> None:
    for _ in range(TRIES):
        line = world.roadside.pavement(edges[int(random.integers(len(edges)))])
        if len(line) < 2 or not _off_the_road(world, line):
            continue
        way = Line(line)
        if way.length_m < 10.0:
            continue
        size, clothes, speed = _person(random)
        script = Walk(way, speed, s=float(random.uniform(0, way.length_m)), forth=bool(random.random() < 0.5))
        x, y, heading = way.at(script.s)
        world.actors.add(ident, BodyKind.PEDESTRIAN, x, y, heading, size=size, colour=clothes, script=script)
        return


def _off_the_road(world: World, line: NDArray[np.float64]) -> bool:
    """Does the line keep clear of every carriageway, those of side streets as well?"""
    way = even(np.concatenate([line, line[-1:]]), 2.0)
    return len(way) > 0 and float(world.roadside.off_road_m(way[:, 0], way[:, 1]).min()) > CLEAR_OF_ROAD_M


def _crosser(world: World, random: np.random.Generator, ident: str, crossing: Crossing) -> None:
    over = way_over(crossing, float(random.uniform(-1.2, 1.2)))
    ways = (-1.0,) if crossing.junction >= 0 else (-1.0, 1.0)  # not over the junction's other streets
    _add_crosser(world, random, ident, over, edge=crossing.edge, along_m=crossing.along_m, ways=ways, crossing=crossing)


def _jaywalker(world: World, random: np.random.Generator, ident: str, edges: list[int]) -> None:
    roadside, road_map = world.roadside, world.road_map
    for _ in range(TRIES):
        edge = edges[int(random.integers(len(edges)))]
        free = float(roadside.line_m[edge] - roadside.head_m[edge])
        if road_map.edge_class[edge] <= 2 or free < 60.0:
            continue
        along = float(roadside.head_m[edge]) + float(random.uniform(0.3, 0.7)) * free
        start = roadside.place(edge, along, float(roadside.right_m[edge]) + KERB_M)
        end = roadside.place(edge, along, -float(roadside.left_m[edge]) - KERB_M)
        over = Line([start[:2], end[:2]])
        _add_crosser(world, random, ident, over, edge=edge, along_m=along, ways=(-1.0, 1.0), crossing=None)
        return


def _add_crosser(
    world: World,
    random: np.random.Generator,
    ident: str,
    over: Line,
    *,
    edge: int,
    along_m: float,
    ways: tuple[float, ...],
    crossing: Crossing | None,
) -> None:
    """Somebody who comes along the pavement, crosses there and goes on; in one of the phases from the start."""
    size, clothes, speed = _person(random)
    right, left = float(world.roadside.right_m[edge]), float(world.roadside.left_m[edge])
    legs = []
    for beside in (right + KERB_M + 0.9, -(left + KERB_M + 0.9)):
        way, length = float(random.choice(ways)), float(random.uniform(*LEG_M))
        steps = np.arange(0.0, length, 4.0) * way
        leg = np.array([world.roadside.place(edge, along_m + step, beside)[:2] for step in steps])
        while len(leg) > 2 and not _off_the_road(world, leg):
            leg = leg[:-1]
        legs.append(leg)
    coming, leaving = np.concatenate([legs[0][::-1], over.points[:1]]), np.concatenate([over.points[-1:], legs[1]])
    script = CrossingWalker(
        Line(coming), over, Line(leaving), speed, rest_s=float(random.uniform(2.0, 12.0)), crossing=crossing
    )
    script.phase = int(random.choice([0, 1, 3]))
    script.s = float(random.uniform(0, script.coming.length_m)) if script.phase == 0 else 0.0
    x, y, heading = script.coming.at(script.s)
    world.actors.add(ident, BodyKind.PEDESTRIAN, x, y, heading, size=size, colour=clothes, script=script)
