"""To whom the world's own traffic gives way besides leaders and junctions: people, officers, school buses, sirens."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from autonomy.sim.car import Car
from autonomy.sim.idm import FAR_M
from autonomy.world.observation import Directive, HazardKind
from autonomy.world.scene import BodyKind

if TYPE_CHECKING:
    from autonomy.sim.world import World

F8 = NDArray[np.float64]
CROSSING, WAITING, OFFICER, SCHOOL_BUS = 1, 2, 3, 4
ENTERS_S = 3.5
NEAR_SIDE_M = 1.0
CAN_BRAKE_MPS2 = 4.0
BEFORE_PERSON_M = 2.5
BEFORE_BUS_M = 5.0
SIREN_M = 45.0


def _class_of_actors(world: "World") -> NDArray[np.int64]:
    kinds = np.zeros(len(world.actors), dtype=np.int64)
    for actor in world.actors:
        if actor.hazard is HazardKind.PEDESTRIAN:
            kinds[actor.index] = {"crossing": CROSSING, "waiting": WAITING}.get(actor.state, 0)
        elif actor.hazard is HazardKind.UNKNOWN and actor.state == "crossing":
            kinds[actor.index] = CROSSING
        elif actor.hazard is HazardKind.OFFICER and actor.orders is None and actor.state == "stop":
            kinds[actor.index] = OFFICER
        elif actor.hazard is HazardKind.SCHOOL_BUS and actor.state == "flashing":
            kinds[actor.index] = SCHOOL_BUS
    return kinds


def stops_for_people(world: "World") -> F8:
    """f8[N]: for each car, metres until it has to stand for somebody; FAR_M where it has not."""
    stop = np.full(world.fleet.count, FAR_M)
    cars = np.array([SCHOOL_BUS if car.stop_arm else 0 for car in world.order], dtype=np.int64)
    kinds = np.concatenate([cars, _class_of_actors(world)])
    if not kinds.any():
        return stop
    nearby = world.nearby()
    rows = np.flatnonzero((kinds[nearby.j] > 0) & (nearby.ahead_m > -0.5))
    i, kind = nearby.i[rows], kinds[nearby.j[rows]]
    ahead, left, clear = nearby.ahead_m[rows], nearby.left_m[rows], nearby.clear_m[rows]
    across = nearby.across_mps[rows]
    inward = -np.sign(left) * across
    soon = (clear <= 0.0) | ((inward > 0.2) & (clear / np.maximum(inward, 0.2) < ENTERS_S))
    speed = world.fleet.motion.speed[i]
    can = speed * speed / (2 * CAN_BRAKE_MPS2) < ahead
    gives = (kind == CROSSING) & soon
    gives |= (kind == WAITING) & (clear < 5.0)
    gives |= (kind == OFFICER) & (clear < 6.0)
    before = np.where(kind == SCHOOL_BUS, BEFORE_BUS_M, BEFORE_PERSON_M)
    gives |= (kind == SCHOOL_BUS) & (clear < 6.0)
    gives &= can & (ahead < 50.0)
    np.minimum.at(stop, i[gives], np.maximum(ahead - before, 0.0)[gives])
    return stop


def yields_to_siren(world: "World", names: Iterable[str]) -> None:
    """Pull over for an emergency vehicle that comes from behind, go on when it has passed."""
    sirens = [car.index for car in world.order if car.beacon and world.fleet.motion.speed[car.index] > 1.0]
    told = {car_id for car_id in names if world.cars[car_id].directive is Directive.PULL_OVER}
    if not sirens and not told:
        return
    nearby = world.nearby()
    near = np.isin(nearby.j, sirens) & (nearby.ahead_m < 0) & (nearby.ahead_m > -SIREN_M) & (nearby.along_mps > 1.0)
    behind = set(nearby.i[near & (np.abs(nearby.left_m) < 5.0)].tolist())
    for car_id in names:
        car = world.cars[car_id]
        if car.beacon or car.body is BodyKind.CYCLIST:
            continue
        if car.index in behind:
            world.set_directive(car_id, Directive.PULL_OVER)
        elif car_id in told:
            world.set_directive(car_id, Directive.DRIVE)


def strip_is_taken(world: "World", car: Car) -> bool:
    """Does something stand in the kerb strip beside the car's path, now or soon?"""
    nearby, side = world.nearby(), world.road_map.side
    own = nearby.of(car.index)
    out = -nearby.left_m[own] * side
    beside = (out > 1.2) & (out < 4.5) & (nearby.ahead_m[own] < 20.0) & (nearby.ahead_m[own] > -9.0)
    return bool((beside & (np.abs(nearby.along_mps[own]) < 1.5)).any())
