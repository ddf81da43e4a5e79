"""The exact answer by scipy's sparse bipartite matching: the fall-back when the flow solver is not to be had."""

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import min_weight_full_bipartite_matching

from dispatch.matching.domain.problem import I8, Answer, Problem, cost_of


def solve(problem: Problem) -> Answer:
    """An answer of least cost.

    Each ride gets a dummy car of its own at its penalty, so that a full matching exists. scipy drops explicit zero
    weights, so every cost is raised by one; a full matching has one arc a ride, which keeps the order of answers.
    """
    rides, cars = len(problem.ride_group), len(problem.car_group)
    if not rides:
        return Answer(np.empty(0, dtype=np.int64), 0, "sparse")
    rows, columns, weights = _expanded(problem)
    rows = np.concatenate([np.arange(rides), rows])
    columns = np.concatenate([cars + np.arange(rides), columns])
    weights = np.concatenate([problem.penalty, weights])
    table = coo_array((weights.astype(np.float64) + 1.0, (rows, columns)), shape=(rides, cars + rides)).tocsr()
    matched_rides, matched_cars = min_weight_full_bipartite_matching(table)
    car_of = np.full(rides, -1, dtype=np.int64)
    real = matched_cars < cars
    car_of[matched_rides[real]] = matched_cars[real]
    return Answer(car_of, cost_of(problem, car_of), "sparse")


def _expanded(problem: Problem) -> tuple[I8, I8, I8]:
    """Ride, car and cost of every allowed pair of members of groups."""
    cars_by_group, car_start, car_size = _index(problem.car_group, problem.car_groups)
    rides_by_group, ride_start, ride_size = _index(problem.ride_group, problem.ride_groups)
    pairs = car_size[problem.arc_car] * ride_size[problem.arc_ride]
    arc = np.repeat(np.arange(len(pairs)), pairs)
    nth = np.arange(len(arc)) - np.repeat(np.cumsum(pairs) - pairs, pairs)
    per_ride = car_size[problem.arc_car[arc]]
    ride = rides_by_group[ride_start[problem.arc_ride[arc]] + nth // np.maximum(per_ride, 1)]
    car = cars_by_group[car_start[problem.arc_car[arc]] + nth % np.maximum(per_ride, 1)]
    return ride, car, problem.arc_cost[arc]


def _index(group_of: I8, groups: int) -> tuple[I8, I8, I8]:
    """Members in the order of their groups, where each group starts, and how large it is."""
    size = np.bincount(group_of, minlength=groups).astype(np.int64)
    return np.argsort(group_of, kind="stable").astype(np.int64), np.cumsum(size) - size, size
