"""The exact solvers find what dense assignment finds, on any instance; the greedy one never cheats."""

from uuid import UUID, uuid4

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linear_sum_assignment

from dispatch.matching.domain.build import Car, Demand, Limits, build
from dispatch.matching.domain.problem import Problem, cost_of
from dispatch.matching.solvers import bounded, exact, flow, greedy, sparse
from geofence.roads.domain.router import RoadPosition

FORBIDDEN = 10**9


@st.composite
def problems(draw: st.DrawFn) -> Problem:
    car_groups, ride_groups = draw(st.integers(1, 6)), draw(st.integers(1, 6))
    cars = np.repeat(np.arange(car_groups), draw(st.lists(st.integers(1, 3), min_size=car_groups, max_size=car_groups)))
    rides = np.repeat(
        np.arange(ride_groups), draw(st.lists(st.integers(1, 3), min_size=ride_groups, max_size=ride_groups))
    )
    pairs = [(i, j) for i in range(car_groups) for j in range(ride_groups) if draw(st.booleans())]
    costs = draw(st.lists(st.integers(0, 50), min_size=len(pairs), max_size=len(pairs)))
    penalty = draw(st.lists(st.integers(0, 80), min_size=len(rides), max_size=len(rides)))
    return Problem(
        cars,
        rides,
        np.array([i for i, _ in pairs], dtype=np.int64),
        np.array([j for _, j in pairs], dtype=np.int64),
        np.array(costs, dtype=np.int64),
        np.array(penalty, dtype=np.int64),
    )


def least_cost(problem: Problem) -> int:
    """By dense assignment, each ride with a dummy car at its penalty."""
    cars, rides = len(problem.car_group), len(problem.ride_group)
    table = np.full((rides, cars + rides), FORBIDDEN)
    arcs = {
        (int(i), int(j)): int(c) for i, j, c in zip(problem.arc_car, problem.arc_ride, problem.arc_cost, strict=True)
    }
    for ride in range(rides):
        table[ride, cars + ride] = problem.penalty[ride]
        for car in range(cars):
            table[ride, car] = arcs.get((int(problem.car_group[car]), int(problem.ride_group[ride])), FORBIDDEN)
    return int(table[linear_sum_assignment(table)].sum())


@settings(max_examples=150, deadline=None)
@given(problems())
def test_flow_and_sparse_matching_cost_exactly_what_dense_assignment_costs(problem: Problem) -> None:
    best = least_cost(problem)
    for answer in (flow.solve(problem), sparse.solve(problem)):
        assert answer.cost == best == cost_of(problem, answer.car_of)


@settings(max_examples=100, deadline=None)
@given(problems())
def test_greedy_answer_is_allowed_and_never_better_than_the_best(problem: Problem) -> None:
    answer = greedy.solve(problem)
    assert answer.cost == cost_of(problem, answer.car_of)
    assert answer.cost >= least_cost(problem)


def line(origins: object, destinations: object) -> np.ndarray:
    """A road on which one metre takes one second, in both directions."""
    return np.array([[abs(a.offset_m - b.offset_m) for b in destinations] for a in origins])  # type: ignore[attr-defined]


def car(at_m: float, *, seats: int = 4, wheelchair: bool = False, reach_m: float = 1e6) -> Car:
    return Car(uuid4(), RoadPosition(0, at_m), seats, wheelchair, reach_m)


def demand(at_m: float, *, seats: int = 1, wheelchair: bool = False, age_s: float = 0, trip_m: float = 1000) -> Demand:
    return Demand(uuid4(), RoadPosition(0, at_m), seats, wheelchair, trip_m, age_s)


def pairs(cars: list[Car], demands: list[Demand], **more: object) -> dict[UUID, UUID]:
    answer = exact.solve(build(cars, demands, line, **more))  # type: ignore[arg-type]
    return {demands[r].ride_id: cars[c].id for r, c in enumerate(answer.car_of) if c >= 0}


def test_the_whole_is_cheapest_where_nearest_first_is_not() -> None:
    cars, demands = [car(0), car(10)], [demand(9), demand(20)]
    assert pairs(cars, demands) == {demands[0].ride_id: cars[0].id, demands[1].ride_id: cars[1].id}


def test_a_ride_that_waits_longer_comes_first_when_cars_are_scarce() -> None:
    cars, demands = [car(0)], [demand(10), demand(300, age_s=400)]
    assert pairs(cars, demands) == {demands[1].ride_id: cars[0].id}


@pytest.mark.parametrize(
    ("unfit", "wish"),
    [
        (car(0, seats=2), demand(5, seats=3)),
        (car(0, wheelchair=False), demand(5, wheelchair=True)),
        (car(0, reach_m=900), demand(5, trip_m=1000)),
        (car(4000), demand(5)),
    ],
    ids=["seats", "wheelchair", "charge", "too far"],
)
def test_a_hard_limit_deletes_the_arc(unfit: Car, wish: Demand) -> None:
    assert pairs([unfit], [wish]) == {}
    fit = car(900, wheelchair=True)
    assert pairs([unfit, fit], [wish]) == {wish.ride_id: fit.id}


def test_a_forbidden_pair_is_not_made_though_its_twins_are() -> None:
    twins, wish = [car(0), car(0)], [demand(5)]
    banned = frozenset({(twins[0].id, wish[0].ride_id)})
    assert pairs(twins, wish, forbidden=banned) == {wish[0].ride_id: twins[1].id}


def test_nobody_waits_or_no_car_is_free() -> None:
    assert pairs([car(0)], []) == {}
    assert pairs([], [demand(0)]) == {}


def test_pruning_keeps_the_cheapest_arcs_of_each_ride() -> None:
    cars, demands = [car(float(i)) for i in range(50)], [demand(0.0), demand(49.0)]
    problem = build(cars, demands, line, limits=Limits(arcs=20, best=5))
    assert len(problem.arc_cost) == 20
    assert problem.arc_cost.max() == 9000
    assert exact.solve(problem).cost == 0


def test_an_unreachable_pickup_gets_no_car() -> None:
    problem = build([car(0)], [demand(5)], lambda o, d: np.full((len(o), len(d)), np.inf))
    assert exact.solve(problem).served == 0


def _random(cars: int, rides: int, seed: int) -> Problem:
    rng = np.random.default_rng(seed)
    place = rng.random(cars) * 1000
    wishes = rng.random(rides) * 1000
    cost = np.abs(place[:, None] - wishes[None])
    car_index, ride_index = np.nonzero(cost < 800)
    return Problem(
        np.arange(cars),
        np.arange(rides),
        car_index.astype(np.int64),
        ride_index.astype(np.int64),
        np.rint(cost[car_index, ride_index]).astype(np.int64),
        np.full(rides, 5000, dtype=np.int64),
    )


def test_a_large_problem_is_solved_in_the_child_and_a_deadline_gives_the_greedy_answer() -> None:
    problem = _random(120, 200, 3)
    solver = bounded.BoundedSolver(deadline_s=60, inline_arcs=0)
    try:
        answer = solver.solve(problem)
        assert (answer.solver, answer.cost) == ("flow", flow.solve(problem).cost)
        solver.deadline_s = 0.0
        late = solver.solve(_random(120, 200, 4))
        assert late.solver == "greedy"
        assert solver._child is None
        solver.deadline_s = 60
        assert solver.solve(problem).cost == answer.cost  # a new child
    finally:
        solver.close()


def test_sparse_matching_takes_over_when_the_flow_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    problem = _random(5, 5, 1)

    def broken(_: Problem) -> None:
        raise flow.Unsolved("unbalanced")

    monkeypatch.setattr(flow, "solve", broken)
    assert exact.solve(problem).solver == "sparse"
