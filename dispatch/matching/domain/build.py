"""From cars, rides and drive times to an assignment problem: hard limits delete arcs, everything else is cost."""

from collections.abc import Callable, Hashable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import TypeVar
from uuid import UUID

import numpy as np
import numpy.typing as npt

from dispatch.matching.domain.problem import I8, Problem
from geofence.roads.domain.router import RoadPosition

F8 = npt.NDArray[np.float64]
Bool = npt.NDArray[np.bool_]
TravelTimes = Callable[[Sequence[RoadPosition], Sequence[RoadPosition]], F8]
K = TypeVar("K", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Car:
    """A car that is free now; `reach_m` is how far it may drive before it has to charge."""

    id: UUID
    position: RoadPosition
    seats: int
    wheelchair: bool
    reach_m: float


@dataclass(frozen=True, slots=True)
class Demand:
    """A ride that wants a car; `trip_m` from pick-up to drop-off, `age_s` since it wants one."""

    ride_id: UUID
    pickup: RoadPosition
    seats: int
    wheelchair: bool
    trip_m: float
    age_s: float
    rescue: bool = False


@dataclass(frozen=True, slots=True)
class Limits:
    """`max_approach_s`: no car is sent from further away. `approach_mps`: what a second of approach may take of the
    reach, an upper estimate; the exact length is checked once a route is planned. `age_weight`: seconds of drive that
    a second of waiting outweighs. `arcs`: above this number each ride keeps only its cheapest arcs, `best` or more."""

    max_approach_s: float = 3600.0
    approach_mps: float = 14.0
    age_weight: float = 1.0
    rescue_bonus_s: float = 1800.0
    arcs: int = 400_000
    best: int = 128


def _grouped(keys: Sequence[K]) -> tuple[I8, list[int]]:
    """Group numbers in the order of first sight, and one representative of each group."""
    seen: dict[K, int] = {}
    first: list[int] = []
    group = np.empty(len(keys), dtype=np.int64)
    for index, key in enumerate(keys):
        number = seen.setdefault(key, len(seen))
        if number == len(first):
            first.append(index)
        group[index] = number
    return group, first


def _places(positions: Sequence[RoadPosition]) -> tuple[I8, list[RoadPosition]]:
    group, first = _grouped(positions)
    return group, [positions[i] for i in first]


def _allowed(cars: Sequence[Car], demands: Sequence[Demand], drive_s: F8, limits: Limits) -> Bool:
    """Which pairs [cars, demands] break no hard limit."""
    seats = np.array([car.seats for car in cars])[:, None] >= np.array([demand.seats for demand in demands])[None]
    ramp = np.array([car.wheelchair for car in cars])[:, None] | ~np.array([d.wheelchair for d in demands])[None]
    near = drive_s <= limits.max_approach_s
    needed = np.where(near, drive_s, 0.0) * limits.approach_mps + np.array([d.trip_m for d in demands])[None]
    charged = needed <= np.array([car.reach_m for car in cars])[:, None]
    return np.asarray(seats & ramp & near & charged)


def _cheapest(drive_s: F8, allowed: Bool, limits: Limits) -> Bool:
    """Keep the cheapest arcs of each ride when there are too many for a tick."""
    if int(allowed.sum()) <= limits.arcs:
        return allowed
    keep = max(limits.best, limits.arcs // allowed.shape[1])
    if keep >= allowed.shape[0]:
        return allowed
    cost = np.where(allowed, drive_s, np.inf)
    nearest = np.argpartition(cost, keep - 1, axis=0)[:keep]
    kept = np.zeros_like(allowed)
    np.put_along_axis(kept, nearest, True, axis=0)
    return kept & allowed


def build(
    cars: Sequence[Car],
    demands: Sequence[Demand],
    travel_times: TravelTimes,
    *,
    limits: Limits | None = None,
    forbidden: AbstractSet[tuple[UUID, UUID]] = frozenset(),
) -> Problem:
    """The problem of sending `cars` to `demands`, on drive times from each car's place to each pick-up.

    Cars that stand at the same place and can do the same are one group, and so are rides; only one drive time is asked
    for each pair of places. `forbidden` pairs (car, ride) have no arc. Costs are whole milliseconds.
    """
    limits = limits or Limits()
    odd_cars, odd_rides = {pair[0] for pair in forbidden}, {pair[1] for pair in forbidden}
    car_group, car_first = _grouped(
        [(c.position, c.seats, c.wheelchair, c.reach_m, c.id if c.id in odd_cars else None) for c in cars]
    )
    ride_group, ride_first = _grouped(
        [(d.pickup, d.seats, d.wheelchair, d.trip_m, d.ride_id if d.ride_id in odd_rides else None) for d in demands]
    )
    waited = np.array([d.age_s * limits.age_weight + d.rescue * limits.rescue_bonus_s for d in demands])
    penalty = np.ceil((limits.max_approach_s + 1.0 + waited) * 1000).astype(np.int64)
    if not cars or not demands:
        none = np.empty(0, dtype=np.int64)
        return Problem(car_group, ride_group, none, none, none, penalty.reshape(-1))
    kinds, wishes = [cars[i] for i in car_first], [demands[i] for i in ride_first]
    from_place, origins = _places([car.position for car in kinds])
    to_place, destinations = _places([demand.pickup for demand in wishes])
    drive_s = travel_times(origins, destinations)[np.ix_(from_place, to_place)]
    allowed = _allowed(kinds, wishes, drive_s, limits)
    for car_id, ride_id in forbidden:
        for i in [i for i, car in enumerate(kinds) if car.id == car_id]:
            for j in [j for j, demand in enumerate(wishes) if demand.ride_id == ride_id]:
                allowed[i, j] = False
    arc_car, arc_ride = np.nonzero(_cheapest(drive_s, allowed, limits))
    arc_cost = np.rint(drive_s[arc_car, arc_ride] * 1000).astype(np.int64)
    return Problem(car_group, ride_group, arc_car.astype(np.int64), arc_ride.astype(np.int64), arc_cost, penalty)
