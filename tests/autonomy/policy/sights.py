"""Observations made by hand for tests of the driver by rules."""

from dataclasses import replace
from typing import Any

import numpy as np

from autonomy.world import (
    Directive,
    EgoState,
    Hazard,
    HazardKind,
    LeaderAhead,
    NavigationCommand,
    Observation,
    Order,
    OrderKind,
)
from autonomy.world.observation import PATH_POINTS


def seen(speed: float = 8.0, *, lateral: float = 0.0, **changes: Any) -> Observation:
    """On a straight road to the east with one lane in each direction, at 50 km/h at most."""
    path = np.zeros((PATH_POINTS, 5))
    path[:, 0] = 2.0 * np.arange(PATH_POINTS)
    path[:, 4] = 13.9
    plain = Observation(
        car_id="a",
        time_s=30.0,
        ego=EgoState(0.0, lateral, 0.0, speed, 0.0, 0.0, lateral, 4.0, 2.0, 2.5, 8.0),
        path=path,
        leader=None,
        junction=None,
        stop=None,
        may_leave_kerb=True,
        box_left_m=0.0,
        directive=Directive.DRIVE,
        navigation=NavigationCommand.FOLLOW,
        target_points=np.zeros((2, 2)),
        room_left_m=(1.625, 4.875),
    )
    return replace(plain, **changes)


def thing(kind: HazardKind, ahead_m: float, left_m: float = 0.0, **changes: Any) -> Hazard:
    """A hazard 2 m wide and 5 m long (people: half a metre) that stands, clear of a car 2 m wide by its place."""
    width, length = (0.5, 0.5) if kind in (HazardKind.PEDESTRIAN, HazardKind.OFFICER) else (2.0, 5.0)
    clear = max(abs(left_m) - width / 2 - 1.0, 0.0)
    plain = Hazard(kind, ahead_m, left_m, clear, 0.0, 0.0, length, width, "", "it")
    return replace(plain, **changes)


def blocked(ahead_m: float = 20.0, speed: float = 6.0, order: OrderKind | None = None, **changes: Any) -> Observation:
    """Behind a vehicle that stands in the lane."""
    told = None if order is None else Order(order, 25.0)
    found = (thing(HazardKind.BLOCKING, ahead_m),)
    leader = LeaderAhead(ahead_m, 0.0, "it")
    return seen(speed, hazards=found, leader=leader, order=told, **changes)
