"""The quick answer: cheapest arc first. What stands when the deadline strikes before an exact solver is done."""

import numpy as np

from dispatch.matching.domain.problem import Answer, Problem, cost_of, members


def solve(problem: Problem) -> Answer:
    """Take arcs in the order of cost while both ends have somebody left and the ride is better served than not."""
    cars = [list(group) for group in members(problem.car_group, problem.car_groups)]
    rides = [
        sorted(group, key=lambda ride: (int(problem.penalty[ride]), -int(ride)))
        for group in members(problem.ride_group, problem.ride_groups)
    ]
    car_of = np.full(len(problem.ride_group), -1, dtype=np.int64)
    for arc in np.argsort(problem.arc_cost, kind="stable"):
        free, waiting = cars[problem.arc_car[arc]], rides[problem.arc_ride[arc]]
        # The ride whose penalty is largest is at the end of its list.
        while free and waiting and problem.penalty[waiting[-1]] > problem.arc_cost[arc]:
            car_of[waiting.pop()] = free.pop()
    return Answer(car_of, cost_of(problem, car_of), "greedy")
