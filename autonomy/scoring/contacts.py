"""Contacts in a world: who touched whom, and whether the car could have avoided it."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from autonomy.scoring.blame import OUT_OF_LANE_M, Collision, at_fault, contact_of, rss_distance_m
from autonomy.sim.bodies import AllBodies
from autonomy.sim.car import Car
from autonomy.sim.world import World

F8 = NDArray[np.float64]
FORGET_S = 3.0
IN_WAY_M = 0.15
ASIDE_M = 1.0


def name_of(world: World, body: int, cars: int) -> str:
    return world.order[body].car_id if body < cars else world.actors.rows[body - cars].ident


@dataclass(slots=True)
class _Meeting:
    """When a body came into a car's way: was there room to stop then?"""

    room: bool
    seen_s: float


@dataclass(eq=False)
class Approaches:
    """Remembers of each body in a car's way whether it came there with room left for an RSS stop."""

    known: dict[tuple[str, str], _Meeting] = field(default_factory=dict)

    def look(self, world: World, cars: Sequence[Car]) -> None:
        """Once per tick, for the cars that are scored."""
        nearby, now = world.nearby(), world.time_s
        count = world.fleet.count
        for car in cars:
            own = nearby.of(car.index)
            in_way = np.flatnonzero((nearby.clear_m[own] < IN_WAY_M) & (nearby.ahead_m[own] > -1.0))
            speed = float(world.fleet.motion.speed[car.index])
            for k in in_way.tolist():
                row = own.start + k
                key = (car.car_id, name_of(world, int(nearby.j[row]), count))
                known = self.known.get(key)
                if known is not None and now - known.seen_s < FORGET_S:
                    known.seen_s = now
                    continue
                room = float(nearby.ahead_m[row]) > rss_distance_m(speed, float(nearby.along_mps[row]))
                self.known[key] = _Meeting(room, now)

    def avoidable(self, car_id: str, other: str, now: float) -> bool:
        """Was there room? Who was never in the way before the contact came from the side, without room."""
        known = self.known.get((car_id, other))
        return known is not None and now - known.seen_s < FORGET_S and known.room


def collision_of(
    world: World, car: Car, body: int, *, bodies: AllBodies, boxes: F8, approaches: Approaches, trespasses: bool
) -> Collision | None:
    """The collision of a car with a body that it overlaps; None for bodies on another level and things that are driven
    over without harm. trespasses: the car entered the junction that it is in without leave."""
    if not bool(bodies.solid[body]):
        return None
    mine, theirs = int(bodies.edge[car.index]), int(bodies.edge[body])
    if theirs >= 0 and not world.levels.meet(mine, theirs):
        return None
    other = name_of(world, body, bodies.cars)
    speed = float(bodies.speed[car.index])
    contact = contact_of(boxes[car.index], boxes[body], speed_mps=speed, other_mps=float(bodies.speed[body]))
    beside = abs(float(world.fleet.lateral[car.index])) > OUT_OF_LANE_M
    beside = beside or _turned_aside(world, car)
    fault = at_fault(
        contact,
        avoidable=approaches.avoidable(car.car_id, other, world.time_s) or beside,
        left_lane=beside,
        without_leave=trespasses,
    )
    return Collision(car.car_id, other, world.time_s, contact, fault, speed)


def _turned_aside(world: World, car: Car) -> bool:
    """Is the car between lane and kerb, where it has to look out for others?"""
    s = float(world.fleet.s[car.index])
    x, y, _ = car.path.pose(s)
    motion = world.fleet.motion
    return bool(np.hypot(motion.x[car.index] - x, motion.y[car.index] - y) > ASIDE_M)
