"""Parked cars in rows along the kerb, where they leave the lane free and room for cars that stop."""

import numpy as np

from autonomy.sim.actors.looks import PAINTS, SIZE_M
from autonomy.sim.path import kerb_allowed
from autonomy.sim.placing import standing_at_kerb
from autonomy.sim.roads import KERB_SHIFT_M
from autonomy.sim.swings import lane_of
from autonomy.sim.world import World
from autonomy.world.scene import BodyKind

ROW = (1, 5)
GAP_M = (0.9, 1.8)
CLEAR_OF_BOX_M = 12.0
CLEAR_OF_CROSSING_M = 9.0
CLEAR_OF_CARS_M = 17.0
LEAST_ROOM_M = 1.5
KINDS = (BodyKind.CAR, BodyKind.VAN, BodyKind.TRUCK)
SHARES = (0.8, 0.16, 0.04)
NARROW = {BodyKind.TRUCK: (7.0, 2.2, 3.0)}  # what fits the kerb strip
TRIES = 6


def park_cars(world: World, random: np.random.Generator, count: int, among: list[int]) -> list[str]:
    """`count` parked vehicles in rows at random kerbs of the edges `among`, fewer where there is no room.

    Returns their names.
    """
    names: list[str] = []
    edges = [edge for edge in among if _has_room(world, edge)] if count else []
    failures = 0
    while len(names) < count and edges and failures < TRIES * 10:
        edge = edges[int(random.integers(len(edges)))]
        row = min(int(random.integers(*ROW, endpoint=True)), count - len(names))
        added = _park_row(world, random, edge, row)
        names += added
        failures = failures + 1 if not added else 0
    return names


def _has_room(world: World, edge: int) -> bool:
    free = float(world.roadside.line_m[edge] - world.roadside.head_m[edge]) - 2 * CLEAR_OF_BOX_M
    return kerb_allowed(world.road_map, edge) and free > 12.0


def _park_row(world: World, random: np.random.Generator, edge: int, count: int) -> list[str]:
    roadside = world.roadside
    first = float(roadside.head_m[edge]) + CLEAR_OF_BOX_M
    last = float(roadside.line_m[edge]) - CLEAR_OF_BOX_M
    at = float(random.uniform(first, max(last - 5.0 * count, first + 1.0)))
    names = []
    for _ in range(count):
        kind = KINDS[int(random.choice(len(KINDS), p=SHARES))]
        length = NARROW.get(kind, SIZE_M[kind])[0]
        middle = at + length / 2
        at += length + float(random.uniform(*GAP_M))
        colour = PAINTS[int(random.integers(len(PAINTS)))]
        if at > last:
            break
        name = park(world, edge, middle, kind, colour=colour)
        if name is not None:
            names.append(name)
    return names


def park(
    world: World, edge: int, along_m: float, kind: BodyKind, *, colour: tuple[int, int, int] | None = None
) -> str | None:
    """One vehicle at the kerb beside a place of the edge; None when it does not fit there."""
    size = NARROW.get(kind, SIZE_M[kind])
    out = float(world.road_map.lane_offset_m[edge]) + KERB_SHIFT_M + max(size[1] - 2.0, 0.0) / 2
    x, y, heading = world.roadside.place(edge, along_m, out)
    if not _fits(world, edge, (x, y, heading), size):
        return None
    name = f"parked-{len(world.actors):04}-{edge}"
    paint = colour if kind in (BodyKind.CAR, BodyKind.VAN) else None
    world.actors.add(name, kind, x, y, heading, size=size, colour=paint, edge=edge)
    return name


def _fits(world: World, edge: int, pose: tuple[float, float, float], size: tuple[float, float, float]) -> bool:
    x, y, heading = pose
    for crossing in world.roadside.crossings:
        if np.hypot(crossing.x - x, crossing.y - y) < CLEAR_OF_CROSSING_M + size[0] / 2:
            return False
    motion = world.fleet.motion
    if len(motion.x) and np.hypot(motion.x - x, motion.y - y).min() < CLEAR_OF_CARS_M:
        return False
    parked = standing_at_kerb(world.actors)
    if parked and min(np.hypot(px - x, py - y) for px, py in parked) < size[0] / 2 + 2.9:
        return False
    along = np.array([-0.5, -0.25, 0.0, 0.25, 0.5]) * size[0]
    inner = size[1] / 2 * world.road_map.side
    c, s = np.cos(heading), np.sin(heading)
    outline = np.column_stack([x + along * c - inner * s, y + along * s + inner * c])
    lane = lane_of(world.road_map, edge)
    gap = np.hypot(outline[:, None, 0] - lane[None, :, 0], outline[:, None, 1] - lane[None, :, 1]).min()
    return bool(gap >= LEAST_ROOM_M)
