"""Trees and street lamps: what always stands beside the roads of a map."""

import numpy as np
from numpy.typing import NDArray

from autonomy.sim.curves import lengths_along
from autonomy.sim.render.layout import KIND_LAMP_POST, THING
from autonomy.sim.roads import FLAG_BRIDGE, FLAG_TUNNEL
from autonomy.sim.roadside import Roadside
from autonomy.world.scene import BodyKind

F8 = NDArray[np.float64]
TREE_EVERY_M = 13.0
LAMP_EVERY_M = 34.0
BESIDE_KERB_M = 0.7


def _along_kerb(side: Roadside, edge: int, every_m: float, clear_m: float) -> F8:
    """f8[k, 3]: x, y and the road's heading every so many metres beside the kerb, clear of junctions."""
    line = side.stretch(
        edge,
        float(side.right_m[edge]) + BESIDE_KERB_M,
        float(side.head_m[edge]) + clear_m,
        float(side.tail_m[edge]) + clear_m,
    )
    if len(line) < 2:
        return np.zeros((0, 3))
    along = lengths_along(line)
    at = np.arange(every_m / 2, along[-1], every_m)
    x, y = np.interp(at, along, line[:, 0]), np.interp(at, along, line[:, 1])
    ahead_x, ahead_y = np.interp(at + 0.5, along, line[:, 0]), np.interp(at + 0.5, along, line[:, 1])
    return np.column_stack([x, y, np.arctan2(ahead_y - y, ahead_x - x)])


def props_of(side: Roadside, seed: int) -> tuple[NDArray[np.float32], F8]:
    """f4[k, THING] of trees and lamp posts, and f8[m, 2], where the lamps hang."""
    road_map = side.road_map
    random = np.random.default_rng([seed, 4711])
    crossings = np.array([(c.x, c.y) for c in side.crossings]).reshape(-1, 2)
    rows: list[NDArray[np.float32]] = []
    lamps: list[tuple[float, float]] = []
    for edge in range(road_map.edge_count):
        if int(road_map.edge_class[edge]) <= 1 or int(road_map.edge_flags[edge]) & (FLAG_BRIDGE | FLAG_TUNNEL):
            continue
        leafy = random.random() < 0.55
        for x, y, heading in _along_kerb(side, edge, TREE_EVERY_M, 10.0):
            draw, size, tint = random.random(), random.uniform(0.75, 1.25), random.uniform(-14, 14)
            near = len(crossings) and np.hypot(crossings[:, 0] - x, crossings[:, 1] - y).min() < 14.0
            if leafy and draw < 0.6 and not near:
                rows.append(_thing(BodyKind.TREE, x, y, heading, 1.7 * size, 6.2 * size, (64 + tint, 98 + tint, 46)))
        for x, y, heading in _along_kerb(side, edge, LAMP_EVERY_M, 4.0):
            rows.append(_thing(KIND_LAMP_POST, x, y, heading, 0.1, 7.0, (92, 94, 98)))
            out = 2.2 * side.road_map.side
            lamps.append((x - out * np.sin(heading), y + out * np.cos(heading)))
    things = np.stack(rows) if rows else np.zeros((0, THING), dtype=np.float32)
    things = things[side.off_road_m(things[:, 1].astype(float), things[:, 2].astype(float)) > 0.2]
    return np.ascontiguousarray(things), np.array(lamps).reshape(-1, 2)


def _thing(
    kind: int, x: float, y: float, heading: float, half: float, height: float, colour: tuple[float, float, float]
) -> NDArray[np.float32]:
    seed = (x * 7.31 + y * 3.17) % 97.0
    return np.array(
        [kind, x, y, np.cos(heading), np.sin(heading), half, half, 0.0, height, *colour, 0, seed, -1], dtype=np.float32
    )
