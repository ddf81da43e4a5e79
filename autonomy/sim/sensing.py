"""What each car perceives, once per tick for all cars: who is ahead, which junction, where to stop."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from autonomy.sim.actors import Actors
from autonomy.sim.bodies import AllBodies, all_bodies
from autonomy.sim.car import KERB_LATERAL_M, STANDING_MPS, Car
from autonomy.sim.fleet import Fleet
from autonomy.sim.kerb import LOOK_M, MOVE_M, STRAIGHT_M, choose_place, errand_candidates, pull_over_candidates
from autonomy.sim.neighbours import REACH_M, Hits, Levels, find_hits
from autonomy.sim.path import Path
from autonomy.sim.placing import chosen, standing_at_kerb
from autonomy.sim.right_of_way import RightOfWay
from autonomy.sim.roads import KERB_SHIFT_M, RoadMap
from autonomy.sim.route import route_of
from autonomy.sim.routing import kerb_offset, reshape, stay
from autonomy.sim.traffic import line_of, update_claims
from autonomy.world.base import CarState
from autonomy.world.observation import (
    PATH_POINTS,
    PATH_SPACING_M,
    ROUTE_STOP_MAX_M,
    Directive,
    EgoState,
    Hazard,
    HazardKind,
    JunctionAhead,
    LeaderAhead,
    NavigationCommand,
    Observation,
    StopAhead,
)
from autonomy.world.scene import LensFault, Weather

F8 = NDArray[np.float64]
LEAVE_PATIENCE_S = 15.0
LOOK_AGAIN_S = 0.7
FOR_GOOD = frozenset({HazardKind.PARKED, HazardKind.BLOCKING, HazardKind.WORKS, HazardKind.UNKNOWN})


@dataclass(frozen=True, eq=False)
class Sense:
    """ahead: f8[N, PATH_POINTS, 5]; leaders by car index; may_leave: bool[N]; bodies: cars, then actors; window: as
    `look_around` wants it."""

    ahead: F8
    leader: dict[int, LeaderAhead]
    may_leave: NDArray[np.bool_]
    bodies: AllBodies
    window: F8


def sense(
    road_map: RoadMap,
    fleet: Fleet,
    cars: list[Car],
    actors: Actors,
    *,
    rules: RightOfWay,
    levels: Levels,
    time_s: float,
    passed_s: float,
) -> Sense:
    for car in cars:
        _plan_stop(road_map, fleet, cars, car, actors=actors, time_s=time_s)
    motion = fleet.motion
    near = fleet.ahead(int(REACH_M), 1.0)
    reach = np.where(
        np.array([car.errand for car in cars]) | (motion.speed > 0.05),
        np.minimum(REACH_M, 35.0 + 6.0 * motion.speed),
        0.0,
    )
    edge_of = [car.path.position(s)[0] for car, s in zip(cars, fleet.s.tolist(), strict=True)]
    bodies = all_bodies(fleet, actors, edge_of)
    hits = find_hits(near, fleet.front, fleet.width, bodies, reach_m=reach)
    hits = _on_my_level(fleet, cars, hits, bodies=bodies, levels=levels)
    blocks = hits.select(~stays_for_ever(actors, bodies.cars)[hits.j])
    update_claims(road_map, cars, blocks, s=fleet.s, speed=motion.speed, rules=rules, time_s=time_s, dt_s=passed_s)
    leaders = _leaders(fleet, cars, actors, hits)
    may_leave = np.array(
        [_may_leave(road_map, fleet, hits, car, bodies=bodies, levels=levels, time_s=time_s) for car in cars]
    )
    return Sense(fleet.ahead(PATH_POINTS, PATH_SPACING_M), leaders, may_leave, bodies, near)


def stays_for_ever(actors: Actors, cars: int) -> NDArray[np.bool_]:
    """bool[B] of all bodies: what stands there for good takes no room behind a junction, it is driven round."""
    for_good = [False] * cars + [actor.hazard in FOR_GOOD for actor in actors]
    return np.array(for_good, dtype=np.bool_)


def _on_my_level(fleet: Fleet, cars: list[Car], hits: Hits, *, bodies: AllBodies, levels: Levels) -> Hits:
    edge_of = bodies.edge.tolist()
    meets = [
        edge_of[j] < 0 or levels.meet(cars[i].path.position(float(fleet.s[i]) + ahead)[0], edge_of[j])
        for i, j, ahead in zip(hits.i.tolist(), hits.j.tolist(), hits.ahead_m.tolist(), strict=True)
    ]
    return hits.select(np.array(meets, dtype=bool))


def _leaders(fleet: Fleet, cars: list[Car], actors: Actors, hits: Hits) -> dict[int, LeaderAhead]:
    """The hit that asks for the hardest braking: the nearest, or a slower one further on."""
    found: dict[int, tuple[float, LeaderAhead]] = {}
    front = fleet.front
    columns = (hits.i.tolist(), hits.j.tolist(), hits.ahead_m.tolist(), hits.speed_mps.tolist())
    for i, j, ahead, along in zip(*columns, strict=True):
        gap = ahead - float(front[i])
        onward = max(along, 0.0)
        reachable = gap + onward * onward / 6.0
        if i not in found or reachable < found[i][0]:
            found[i] = (reachable, LeaderAhead(gap, onward, _name(cars, actors, j)))
    return {i: leader for i, (_, leader) in found.items()}


def _name(cars: list[Car], actors: Actors, j: int) -> str:
    """Of the hazard that body `j` is."""
    if j < len(cars):
        return cars[j].car_id
    actor = actors.rows[j - len(cars)]
    return actor.group or actor.ident


def _plan_stop(road_map: RoadMap, fleet: Fleet, cars: list[Car], car: Car, *, actors: Actors, time_s: float) -> None:
    """Choose the kerb place of the errand when it comes near, and that of a pull-over at once."""
    index = car.index
    s, speed = float(fleet.s[index]), float(fleet.motion.speed[index])
    if not car.errand and speed <= STANDING_MPS:
        if car.path.end_m != s:
            stay(fleet, car)
        return
    wants_errand = car.errand and car.path.at_kerb and car.place_m is None and car.path.end_m - s < LOOK_M
    wants_pull_over = car.pulls_over and car.pull_over_m is None and speed > STANDING_MPS
    if not (wants_errand or wants_pull_over) or time_s < car.next_look_s:
        return
    car.next_look_s = time_s + LOOK_AGAIN_S
    taken = _taken(fleet, cars, car, road_map.side) + standing_at_kerb(actors)
    offset = kerb_offset(road_map, fleet, car, car.path, s)
    first = s + speed * speed / 3.4 + (1.0 if offset > KERB_LATERAL_M else MOVE_M + STRAIGHT_M + 1.0)
    if wants_pull_over:
        place = choose_place(
            road_map,
            car.path,
            pull_over_candidates(first + 3.0),
            first_m=first,
            platform=car.platform,
            taken=taken,
        )
        if place is not None:
            car.pull_over_m = place
            reshape(road_map, fleet, car)
        return
    place = choose_place(
        road_map, car.path, errand_candidates(car.path.end_m), first_m=first, platform=car.platform, taken=taken
    )
    if place is not None:
        car.place_m = place
        reshape(road_map, fleet, car)
    elif car.path.end_m - s < speed * speed / 3.0 + 12.0:
        car.path.at_kerb = False


def _taken(fleet: Fleet, cars: list[Car], car: Car, side: float) -> list[tuple[float, float]]:
    motion = fleet.motion
    taken = []
    for other in cars:
        if other is car:
            continue
        if motion.speed[other.index] < 0.5 and (not other.errand or other.stop_m - fleet.s[other.index] < 3.0):
            taken.append((float(motion.x[other.index]), float(motion.y[other.index])))
        taken.extend(chosen(other, fleet, side))
    return taken


def _may_leave(
    road_map: RoadMap, fleet: Fleet, hits: Hits, car: Car, *, bodies: AllBodies, levels: Levels, time_s: float
) -> bool:
    """A car at the kerb pulls out when nobody comes from behind in the lane; the longer it waits, the bolder.

    Cars on a bridge above or in a tunnel beneath are nobody.
    """
    index = car.index
    motion = fleet.motion
    s = float(fleet.s[index])
    if not car.errand or motion.speed[index] > 0.5 or car.stop_m - s < 3.0:
        car.wait_kerb_s = None
        return True
    offset = kerb_offset(road_map, fleet, car, car.path, s)
    if offset < KERB_LATERAL_M:
        car.wait_kerb_s = None
        return True
    if car.wait_kerb_s is None:
        car.wait_kerb_s = time_s
    bold = time_s - car.wait_kerb_s > LEAVE_PATIENCE_S
    x, y, heading = car.path.pose(s)
    c, n = np.cos(heading), np.sin(heading)
    # rear axles of cars, middles of actors
    dx = np.concatenate([motion.x, bodies.x[bodies.cars :]]) - x
    dy = np.concatenate([motion.y, bodies.y[bodies.cars :]]) - y
    along, across = dx * c + dy * n, -dx * n + dy * c
    same = (np.cos(bodies.heading - heading) > 0.3) & bodies.solid
    look = np.where(bold, bodies.speed**2 / 5.0 + 8.0, bodies.speed * 4.0 + 8.0)
    in_way = same & (np.abs(across) < 1.6) & (along > -look) & (along < 9.0)
    in_way &= (bodies.speed > 0.1) | (along > -9.0)
    in_way[index] = False
    waits_for_me = hits.i[hits.j == index]  # a car that stands because this one has begun to pull out
    in_way[waits_for_me[motion.speed[waits_for_me] < 0.1]] = False
    edge_of = bodies.edge.tolist()
    others = np.flatnonzero(in_way).tolist()
    return not any(edge_of[other] < 0 or levels.comes_by(edge_of[other], edge_of[index]) for other in others)


def _stop_of(fleet: Fleet, car: Car) -> StopAhead:
    distance = car.stop_m - float(fleet.s[car.index])
    at_kerb = car.pull_over_m is not None or (car.path.at_kerb and car.place_m is not None)
    return StopAhead(max(distance, 0.0), at_kerb)


def junction_of(fleet: Fleet, car: Car) -> tuple[JunctionAhead | None, float]:
    """The junction ahead, and what is left of the one that the car is in."""
    s, rear = float(fleet.s[car.index]), car.platform.rear_overhang_m
    box_left = 0.0
    for number in sorted(car.claims):
        claim = car.claims[number]
        passage = car.path.passages[number]
        if claim.inside:
            box_left = max(box_left, passage.leave + rear - s)
            continue
        clear = passage.leave + rear - s
        return JunctionAhead(claim.line_s - s, claim.shown, claim.granted, clear), box_left
    return None, box_left


def navigation_of(car: Car, path: Path, s: float) -> NavigationCommand:
    """What the navigation says about the next 60 m of a path."""
    if path is car.path and car.stop_m - s < 30.0:
        return NavigationCommand.STOP
    for passage in path.passages:
        if line_of(car, passage) < s - 2.0:
            continue
        if line_of(car, passage) - s > 60.0:
            break
        if abs(passage.turn_rad) > 2.6:
            return NavigationCommand.TURN_ROUND
        if abs(passage.turn_rad) < 0.6:
            return NavigationCommand.STRAIGHT
        return NavigationCommand.LEFT if passage.turn_rad > 0 else NavigationCommand.RIGHT
    return NavigationCommand.FOLLOW


def observation(
    fleet: Fleet,
    car: Car,
    seen: Sense,
    *,
    time_s: float,
    error: tuple[float, float, float],
    hazards: tuple[Hazard, ...],
    weather: Weather,
    lens: Mapping[str, tuple[LensFault, float]],
) -> Observation:
    """error: of localisation, see `autonomy.sim.route`."""
    index, motion = car.index, fleet.motion
    x, y, heading = float(motion.x[index]), float(motion.y[index]), float(motion.heading[index])
    path = seen.ahead[index]
    junction, box_left = junction_of(fleet, car)
    ego = EgoState(
        x, y, heading, float(motion.speed[index]), float(motion.accel[index]), float(motion.steer[index]),
        float(fleet.lateral[index]), car.platform.front_m, car.platform.width_m,
        car.platform.accel_max_mps2, car.platform.brake_max_mps2,
    )  # fmt: skip
    route, stop = route_of(path, (x, y, heading), error), _stop_of(fleet, car)
    return Observation(
        car_id=car.car_id,
        time_s=time_s,
        ego=ego,
        path=path,
        leader=seen.leader.get(index),
        junction=junction,
        stop=stop,
        may_leave_kerb=bool(seen.may_leave[index]),
        box_left_m=box_left,
        directive=car.directive if car.directive is not Directive.DRIVE or car.errand else Directive.PULL_OVER,
        navigation=navigation_of(car, car.path, float(fleet.s[index])),
        target_points=route[[10, 25]],
        instruction=car.instruction,
        hazards=hazards,
        order=car.order,
        route=route,
        route_stop_m=min(max(stop.distance_m - error[0], 0.0), ROUTE_STOP_MAX_M),
        weather=weather,
        platform=car.platform.slug,
        instructed_s=car.instructed_s,
        lens=lens,
    )


def car_state(road_map: RoadMap, fleet: Fleet, car: Car, lon: float, lat: float) -> CarState:
    index, motion = car.index, fleet.motion
    s, speed = float(fleet.s[index]), float(motion.speed[index])
    edge, offset = car.path.position(s)
    remaining = max(car.path.end_m if car.place_m is None else car.place_m, s) - s if car.errand else 0.0
    at_end = car.errand and speed < STANDING_MPS and remaining < 2.0
    lateral = kerb_offset(road_map, fleet, car, car.path, s)
    return CarState(
        car_id=car.car_id,
        lon=lon,
        lat=lat,
        heading_deg=float((90.0 - np.degrees(motion.heading[index])) % 360.0),
        speed_mps=speed,
        accel_mps2=float(motion.accel[index]),
        odometer_m=float(fleet.odometer[index]),
        soc_pct=float(100.0 * fleet.energy_kwh[index] / fleet.battery[index]),
        edge=edge,
        offset_m=offset,
        path_remaining_m=remaining,
        path_remaining_s=_remaining_s(car.path, s, remaining),
        at_path_end=at_end,
        at_kerb=KERB_LATERAL_M < lateral < 2 * KERB_SHIFT_M,
        has_path=car.errand,
        directive=car.directive,
    )


def _remaining_s(path: Path, s: float, remaining_m: float) -> float:
    """Free driving time by the limits, and 8 s for each junction."""
    if remaining_m <= 0:
        return 0.0
    limits = path.lane[int(s) : int(s + remaining_m) + 1, 4]
    crossings = sum(1 for passage in path.passages if s < passage.enter < s + remaining_m)
    return float((1.0 / np.maximum(limits, 1.0)).sum()) * 1.15 + 8.0 * crossings
