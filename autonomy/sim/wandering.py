"""Ways for vehicles that drive about for ever: drawn at random, edge after edge."""

import numpy as np

from autonomy.sim.car import Car
from autonomy.sim.world import World

ROUTE_M = 700.0
MOST_EDGES = 24
TRIES = 3
STRAIGHT_COS = 0.6


def _direction(world: World, edge: int, *, end: bool) -> tuple[float, float]:
    line = world.road_map.geometry(edge)
    step = line[-1] - line[-2] if end else line[1] - line[0]
    size = max(float(np.hypot(*step)), 1e-9)
    return float(step[0]) / size, float(step[1]) / size


def walk_on(
    world: World, edges: list[int], random: np.random.Generator, *, length_m: float, straight: bool
) -> list[int]:
    """The edges and random ones behind them until there are `length_m` metres; `straight`: by the mildest turn."""
    road_map, chain = world.road_map, list(edges)
    total = sum(float(road_map.edge_length_m[edge]) for edge in chain)
    while total < length_m and len(chain) < MOST_EDGES:
        last = chain[-1]
        onward = [out for out in road_map.successors[last] if road_map.successors[out]]
        onward = [out for out in onward if out != road_map.edge_reverse[last]] or onward
        if not onward:
            break
        if straight:
            ux, uy = _direction(world, last, end=True)
            turn = {out: ux * v[0] + uy * v[1] for out in onward for v in [_direction(world, out, end=False)]}
            mild = [out for out in onward if turn[out] > STRAIGHT_COS]
            onward = mild or [max(onward, key=lambda out: turn[out])]
        out = onward[int(random.integers(len(onward)))]
        chain.append(out)
        total += float(road_map.edge_length_m[out])
    return chain


def extend(world: World, car: Car, random: np.random.Generator, straight: bool) -> bool:
    """Give the car a way that goes on from the one it is on; False: none was found now."""
    road_map = world.road_map
    s = float(world.fleet.s[car.index])
    rest = car.path.edges[car.path.ordinal(s) :]
    offset = min(car.path.position(s)[1], float(road_map.edge_length_m[rest[0]]))
    for _ in range(TRIES):
        chain = walk_on(world, rest, random, length_m=ROUTE_M + offset, straight=straight)
        end = float(road_map.edge_length_m[chain[-1]]) * 0.7
        try:
            world.set_mission_path(car.car_id, chain, offset, end, at_kerb=False)
        except ValueError:  # too short to be driven from here
            continue
        return True
    return False
