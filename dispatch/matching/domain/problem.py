"""The assignment problem as arrays, without a word about where the numbers come from."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

I8 = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Problem:
    """Cars stand in groups of equals, rides wait in groups of equals; an arc says what one pair of them costs.

    `car_group` [cars] and `ride_group` [rides] give each one's group. Arc a joins car group `arc_car[a]` to ride group
    `arc_ride[a]` at `arc_cost[a]` >= 0 (milliseconds of drive); a pair without an arc is forbidden, and a pair has one
    arc at most. `penalty` [rides] >= 0 is the cost of leaving the ride without a car in this round.

    The cost of an answer is the sum of its arcs and of the penalties of the rides left over.
    """

    car_group: I8
    ride_group: I8
    arc_car: I8
    arc_ride: I8
    arc_cost: I8
    penalty: I8

    def __post_init__(self) -> None:
        arcs = len(self.arc_cost)
        if not len(self.arc_car) == len(self.arc_ride) == arcs:
            raise ValueError("arcs of unequal length")
        if len(self.penalty) != len(self.ride_group):
            raise ValueError("one penalty for each ride is needed")
        if arcs and (self.arc_cost.min() < 0):
            raise ValueError("a cost below zero")
        if len(self.penalty) and self.penalty.min() < 0:
            raise ValueError("a penalty below zero")

    @property
    def car_groups(self) -> int:
        return int(self.car_group.max()) + 1 if len(self.car_group) else 0

    @property
    def ride_groups(self) -> int:
        return int(self.ride_group.max()) + 1 if len(self.ride_group) else 0


@dataclass(frozen=True, eq=False)
class Answer:
    """`car_of` [rides]: index of the car, or -1. `cost` in the problem's units."""

    car_of: I8
    cost: int
    solver: str

    @property
    def served(self) -> int:
        return int((self.car_of >= 0).sum())


def cost_of(problem: Problem, car_of: I8) -> int:
    """The cost of an answer; raises ValueError for a car used twice or a forbidden pair."""
    used = car_of[car_of >= 0]
    if len(np.unique(used)) != len(used):
        raise ValueError("a car has two rides")
    served = car_of >= 0
    wanted = problem.car_group[used] * problem.ride_groups + problem.ride_group[served]
    known = problem.arc_car * problem.ride_groups + problem.arc_ride
    order = np.argsort(known)
    at = np.searchsorted(known[order], wanted)
    found = at < len(known)
    found[found] = known[order][at[found]] == wanted[found]
    if not found.all():
        raise ValueError("a forbidden pair")
    return int(problem.arc_cost[order][at].sum() + problem.penalty[~served].sum())


def members(group_of: I8, groups: int) -> list[I8]:
    """The members of each group, in order."""
    order = np.argsort(group_of, kind="stable")
    bounds = np.searchsorted(group_of[order], np.arange(1, groups))
    return [part.astype(np.int64) for part in np.split(order, bounds)] if groups else []
