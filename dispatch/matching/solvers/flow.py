"""The exact answer as a minimum-cost flow (OR-tools), with one node for all cars, or rides, that are equal.

Each ride sends one unit: through its group to a group of cars and on to the sink, or past them all at its penalty.
"""

import numpy as np
from ortools.graph.python import min_cost_flow

from dispatch.matching.domain.problem import I8, Answer, Problem, cost_of, members


class Unsolved(RuntimeError):
    """The solver gave no optimal answer."""


def solve(problem: Problem) -> Answer:
    """An answer of least cost. Raises Unsolved."""
    rides, car_groups, ride_groups = len(problem.ride_group), problem.car_groups, problem.ride_groups
    if not rides:
        return Answer(np.empty(0, dtype=np.int64), 0, "flow")
    # Nodes: 0..rides-1 rides, then ride groups, then car groups, then the sink.
    first_group, first_car, sink = rides, rides + ride_groups, rides + ride_groups + car_groups
    sizes = np.bincount(problem.car_group, minlength=car_groups).astype(np.int64)
    waiting = np.bincount(problem.ride_group, minlength=ride_groups).astype(np.int64)
    ride_nodes = np.arange(rides, dtype=np.int64)
    tail = np.concatenate([ride_nodes, ride_nodes, first_group + problem.arc_ride, first_car + np.arange(car_groups)])
    head = np.concatenate(
        [
            first_group + problem.ride_group,
            np.full(rides, sink),
            first_car + problem.arc_car,
            np.full(car_groups, sink),
        ]
    )
    zeros = np.zeros(rides, dtype=np.int64)
    room = np.minimum(sizes[problem.arc_car], waiting[problem.arc_ride])
    capacity = np.concatenate([zeros + 1, zeros + 1, room, sizes])
    cost = np.concatenate([zeros, problem.penalty, problem.arc_cost, np.zeros(car_groups, dtype=np.int64)])
    flow = min_cost_flow.SimpleMinCostFlow()
    arcs = flow.add_arcs_with_capacity_and_unit_cost(
        tail.astype(np.int32), head.astype(np.int32), capacity.astype(np.int64), cost.astype(np.int64)
    )
    flow.set_nodes_supplies(ride_nodes.astype(np.int32), np.ones(rides, dtype=np.int64))
    flow.set_node_supply(int(sink), -rides)
    status = flow.solve()
    if status != flow.OPTIMAL:
        raise Unsolved(f"min-cost flow ended with status {status}")
    flows = np.asarray(flow.flows(arcs), dtype=np.int64)
    car_of = _pairs(problem, flows[:rides] > 0, flows[2 * rides : 2 * rides + len(problem.arc_cost)])
    return Answer(car_of, cost_of(problem, car_of), "flow")


def _pairs(problem: Problem, served: "np.ndarray[tuple[int], np.dtype[np.bool_]]", on_arc: I8) -> I8:
    """Turn flows between groups into pairs of members; equal members may be paired in any way."""
    cars = [list(group) for group in members(problem.car_group, problem.car_groups)]
    rides = [
        [int(ride) for ride in group if served[ride]] for group in members(problem.ride_group, problem.ride_groups)
    ]
    car_of = np.full(len(problem.ride_group), -1, dtype=np.int64)
    for arc in np.flatnonzero(on_arc):
        for _ in range(int(on_arc[arc])):
            car_of[rides[problem.arc_ride[arc]].pop()] = cars[problem.arc_car[arc]].pop()
    return car_of
