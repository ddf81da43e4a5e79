"""Assigning cars to rides: min-cost flow and sparse matching against dense assignment, in one run.

make bench NAME=assignment
make bench NAME=assignment ARGS="--dense-limit-s 60"
"""

import argparse
import multiprocessing
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from uuid import UUID

import numpy as np
import numpy.typing as npt
from scipy.optimize import linear_sum_assignment

from benchmarks import report
from dispatch.matching.domain.build import Car, Demand, Limits, build
from dispatch.matching.domain.problem import Answer, Problem
from dispatch.matching.solvers import flow, greedy, sparse
from geofence.roads.domain.router import RoadPosition

F8 = npt.NDArray[np.float64]
SIDE_M, SPEED_MPS, JUNCTIONS = 12_000.0, 9.0, 2_000


class GridTown:
    """Drive times between junctions scattered over a square: Manhattan distance at one speed, and some waiting."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.xy = rng.random((JUNCTIONS, 2)) * SIDE_M
        self.signal_s = rng.random(JUNCTIONS) * 40

    def travel_times(self, origins: object, destinations: object) -> F8:
        a = np.array([place.edge for place in origins])  # type: ignore[attr-defined]  # a sequence of RoadPosition
        b = np.array([place.edge for place in destinations])  # type: ignore[attr-defined]  # a sequence of RoadPosition
        metres = np.abs(self.xy[a, None, :] - self.xy[None, b, :]).sum(axis=2)
        return np.asarray(metres / SPEED_MPS + self.signal_s[None, b])


def instance(cars: int, rides: int, seed: int) -> tuple[GridTown, list[Car], list[Demand]]:
    """Cars spread out; rides drawn together in a few places, as demand is."""
    rng = np.random.default_rng(seed)
    town = GridTown(rng)
    centres = rng.choice(JUNCTIONS, 12)
    weight = np.exp(-np.abs(town.xy[:, None] - town.xy[None, centres]).sum(axis=2) / 1_500).sum(axis=1) + 0.05
    at = rng.integers(0, JUNCTIONS, cars)
    wanted = rng.choice(JUNCTIONS, rides, p=weight / weight.sum())
    fleet = [Car(UUID(int=i + 1), RoadPosition(int(n), 0.0), 4, False, 1e6) for i, n in enumerate(at)]
    age = rng.random(rides) * 300
    demand = [
        Demand(UUID(int=10**9 + i), RoadPosition(int(n), 0.0), 1, False, 4_000.0, float(age[i]))
        for i, n in enumerate(wanted)
    ]
    return town, fleet, demand


def clocked(work: Callable[[], Answer | Problem]) -> tuple[Answer | Problem, float]:
    began = time.process_time()
    result = work()
    return result, time.process_time() - began


def _dense(pipe: Connection, town: GridTown, cars: list[Car], demands: list[Demand]) -> None:
    """Every pair, each ride with a dummy at its penalty; sends cost and CPU seconds."""
    began = time.process_time()
    drive = town.travel_times([c.position for c in cars], [d.pickup for d in demands])
    limits = Limits()
    penalty = np.ceil((limits.max_approach_s + 1 + np.array([d.age_s for d in demands])) * 1000)
    table = np.full((len(demands), len(cars) + len(demands)), 1e12)
    table[:, : len(cars)] = np.where(limits.max_approach_s >= drive.T, np.rint(drive.T * 1000), 1e12)
    table[np.arange(len(demands)), len(cars) + np.arange(len(demands))] = penalty
    rows, columns = linear_sum_assignment(table)
    pipe.send((int(table[rows, columns].sum()), time.process_time() - began))


def dense(town: GridTown, cars: list[Car], demands: list[Demand], limit_s: float) -> tuple[int, float] | None:
    """Cost and CPU seconds of dense assignment; None when it takes longer than `limit_s`."""
    context = multiprocessing.get_context("fork")
    ours, theirs = context.Pipe()
    child = context.Process(target=_dense, args=(theirs, town, cars, demands))
    child.start()
    found = ours.recv() if ours.poll(limit_s) else None
    child.kill()
    child.join()
    return found


def measure(name: str, cars: int, rides: int, dense_limit_s: float) -> dict[str, report.Figure]:
    town, fleet, demands = instance(cars, rides, 7)
    whole, build_s = clocked(lambda: build(fleet, demands, town.travel_times, limits=Limits(arcs=10**9)))
    pruned, prune_s = clocked(lambda: build(fleet, demands, town.travel_times))
    assert isinstance(whole, Problem)
    assert isinstance(pruned, Problem)
    figures: dict[str, report.Figure] = {
        "all_arcs": len(whole.arc_cost),
        "build_all_cpu_s": round(build_s, 3),
        "pruned_arcs": len(pruned.arc_cost),
        "build_pruned_cpu_s": round(prune_s, 3),
    }
    solvers = {
        "flow": (flow.solve, pruned),
        "flow_all_arcs": (flow.solve, whole),
        "sparse": (sparse.solve, pruned),
        "greedy": (greedy.solve, pruned),
    }
    costs: dict[str, int] = {}
    for solver, (solve, problem) in solvers.items():
        answer, cpu_s = clocked(lambda solve=solve, problem=problem: solve(problem))  # type: ignore[misc]  # bound now
        assert isinstance(answer, Answer)
        costs[solver] = answer.cost
        figures |= {f"{solver}_cpu_s": round(cpu_s, 3), f"{solver}_served": answer.served}
        print(f"{name} {solver}: {cpu_s:.2f} s, {answer.served} served", flush=True)
    reference = dense(town, fleet, demands, dense_limit_s)
    figures["dense_cpu_s"] = round(reference[1], 3) if reference else f"over {dense_limit_s:g}"
    best = reference[0] if reference else costs["flow_all_arcs"]
    for solver, cost in costs.items():
        figures[f"{solver}_above_optimum_pct"] = round((cost / best - 1) * 100, 3)
    print(f"{name} dense: {figures['dense_cpu_s']} s", flush=True)
    return {f"{name}_{key}": value for key, value in figures.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dense-limit-s", type=float, default=120.0, help="give dense assignment up after so long")
    options = parser.parse_args()
    figures = measure("plenty_10000x2000", 10_000, 2_000, options.dense_limit_s)
    figures |= measure("scarce_4000x4000", 4_000, 4_000, options.dense_limit_s)
    notes = (
        "Cars and rides on 2,000 junctions; `flow` is OR-tools' min-cost flow with one node for all cars (or rides) at "
        "one place, `sparse` scipy's sparse matching, both on the pruned arcs that the dispatcher uses; "
        "`flow_all_arcs` leaves nothing out. `dense` is scipy's linear_sum_assignment on every pair, in the same run. "
        "CPU seconds. `above_optimum` compares whole costs, drive time plus penalties of rides left over, with dense "
        "assignment, or with the flow on all arcs when dense was given up."
    )
    data, page = report.write("assignment", figures, notes)
    print(f"{data}\n{page}")


if __name__ == "__main__":
    main()
