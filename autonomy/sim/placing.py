"""Putting cars on the map by hand: at the place asked for or, where that is taken, at the nearest free one."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from autonomy.sim.actors import Actors
from autonomy.sim.car import Car
from autonomy.sim.fleet import Fleet
from autonomy.sim.junctions import Junctions
from autonomy.sim.kerb import LEAST_ROOM_M, SPACING_M, is_free, kerb_point, room_beside_m
from autonomy.sim.path import Path, build_path, kerb_allowed
from autonomy.sim.platforms import Platform
from autonomy.sim.roads import KERB_SHIFT_M, RoadMap
from autonomy.world.observation import Directive
from autonomy.world.place import RoadPosition

SEARCH_EDGES = 400
STEP_M = 7.0
SHORTEST_M = 8.0
SHORTEST_KERB_M = 25.0


@dataclass(frozen=True, slots=True)
class Spot:
    path: Path
    s: float
    at_kerb: bool
    position: RoadPosition


def bodies(cars: Sequence[Car], fleet: Fleet, side: float) -> list[tuple[float, float]]:
    """Rear axles of all cars, and the kerb places that those under way have chosen."""
    motion = fleet.motion
    taken = [(float(motion.x[car.index]), float(motion.y[car.index])) for car in cars]
    for car in cars:
        taken.extend(chosen(car, fleet, side))
    return taken


def chosen(car: Car, fleet: Fleet, side: float) -> list[tuple[float, float]]:
    """Kerb places that the car holds without standing there yet."""
    if car.place_m is None and car.pull_over_m is None:
        return []
    place = car.stop_m
    if fleet.s[car.index] > place - 0.5:
        return []
    return [kerb_point(car.path, place, side)]


def standing_at_kerb(actors: Actors) -> list[tuple[float, float]]:
    """Places taken by parked cars and sites, as if rear axles stood there."""
    fixed = (actors.speed < 0.1) & actors.solid & (actors.width > 0.9)
    return list(zip(actors.x[fixed].tolist(), actors.y[fixed].tolist(), strict=True))


def _edges_around(road_map: RoadMap, edge: int) -> Iterator[int]:
    seen, queue = {edge}, [edge]
    while queue and len(seen) < SEARCH_EDGES:
        here = queue.pop(0)
        yield here
        twin = int(road_map.edge_reverse[here])
        behind = np.flatnonzero(road_map.edge_to == road_map.edge_from[here]).tolist()
        for out in [*road_map.successors[here], *behind, *([twin] if twin >= 0 else [])]:
            if out not in seen:
                seen.add(out)
                queue.append(out)


def find_spot(
    road_map: RoadMap,
    junctions: Junctions,
    position: RoadPosition,
    platform: Platform,
    *,
    at_kerb: bool,
    taken: Sequence[tuple[float, float]],
) -> Spot:
    """Raises ValueError when the position is not on the map or everything around is taken."""
    road_map.check_position(position)
    for edge in _edges_around(road_map, position.edge):
        length = float(road_map.edge_length_m[edge])
        if length < (SHORTEST_KERB_M if at_kerb else SHORTEST_M):
            continue
        kerb = at_kerb and kerb_allowed(road_map, edge)
        asked = position.offset_m if edge == position.edge else length / 2
        path = build_path(road_map, junctions, [edge], start_m=0.0, end_m=length, at_kerb=kerb)
        steps = [0.0] + [sign * STEP_M * k for k in range(1, int(length / STEP_M) + 1) for sign in (-1, 1)]
        for step in steps:  # near a junction only if it was asked for: a restart puts cars back where they stood
            offset = asked + step
            margin = min(14.0 if kerb else 3.0, length / 3)
            if step and not margin <= offset <= length - platform.front_m - margin:
                continue
            s = float(np.clip(path.at_road(offset), 0.0, path.length_m - 1.0))
            x, y, _ = path.pose(s)
            point = kerb_point(path, s, road_map.side) if kerb else (x, y)
            fits = not kerb or room_beside_m(path, s, platform, road_map.side) >= LEAST_ROOM_M
            if fits and is_free(point, taken, SPACING_M if kerb else 9.0):
                return Spot(path, s, kerb, RoadPosition(edge, path.position(s)[1]))
    raise ValueError(f"position: no free place around edge {position.edge}")


def settle(road_map: RoadMap, fleet: Fleet, car: Car, spot: Spot, time_s: float) -> None:
    """Put the car there at rest, without an errand."""
    path = spot.path
    path.end_m = spot.s
    if spot.at_kerb:
        path.shifts = [(path.length_m + 50.0, path.length_m + 60.0, -KERB_SHIFT_M)]
        path.shape(road_map.side)
    car.path, car.errand, car.claims = path, False, {}
    car.place_m = car.pull_over_m = car.wait_kerb_s = None
    car.directive = Directive.DRIVE
    x, y, heading = path.pose(spot.s)
    if spot.at_kerb:
        x, y = kerb_point(path, spot.s, road_map.side)
    fleet.rest_at(car.index, x, y, heading, time_s)
    fleet.s[car.index], fleet.lateral[car.index] = spot.s, 0.0
    fleet.reload(car)
