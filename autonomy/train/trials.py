"""Trials of a driver beside whole routes: staged scenarios, and the same pictures with other words."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np

from autonomy.language import HELD_OUT, instruction
from autonomy.policy.base import Policy
from autonomy.policy.teacher import Teacher
from autonomy.scoring import judge_obedience
from autonomy.sim.other_ways import counterfactual
from autonomy.sim.render import Renderer
from autonomy.sim.roads import RoadMap
from autonomy.sim.scenario import NoPlace, Outcome, Stage, stage
from autonomy.train.collect import TICK_S
from autonomy.train.drives import PlainDrive
from autonomy.train.evaluate import Trial
from autonomy.train.seats import Seat, drive, look
from autonomy.world import ACTION_STEP_S, Action, Observation, OrderKind


class Imagining(Policy, Protocol):
    """A driver that can be asked what it would do, without remembering it."""

    def imagine(self, observations: Sequence[Observation]) -> list[Action]: ...


def scenario(name: str, road_map: RoadMap, trial: Trial, *, seed: int, platform: str = "p7") -> Outcome | None:
    """One scenario driven to its end; None where the map has no place for it. Instructions are held-out sentences."""
    try:
        staged = stage(name, road_map, seed=seed, platform=platform, split=HELD_OUT)
    except NoPlace:
        return None
    if trial.pictures:
        staged.world.attach_renderer(Renderer(road_map, seed=seed, side=staged.world.roadside))
    return play(staged, trial)


def play(staged: Stage, trial: Trial) -> Outcome:
    """Drive a stage to its end. A car that the safety layer has stopped is let go on after a while, as on routes."""
    seats = [Seat(staged.car_id, staged.world, staged.car_id)]
    guard = trial.guard()
    trial.policy.reset([staged.car_id])
    while not staged.done():
        seen = look(seats, frames=trial.pictures)
        actions = trial.policy.act(seen)
        staged.note(actions[0])
        for tick in range(round(ACTION_STEP_S / TICK_S)):
            if guard is None:
                drive(seats, actions if tick == 0 else (), {}, TICK_S)
            else:
                drive(seats, *guard.check(seen if tick == 0 else look(seats, frames=False), actions), TICK_S)
    return staged.outcome


@dataclass(frozen=True, slots=True)
class Pair:
    """The same picture with and without an order. tells: the expert acts differently for it; obeyed: so does the
    driver, as ordered; for an unsafe order, refused."""

    kind: OrderKind
    tells: bool
    obeyed: bool


def pairs(policy: Imagining, road_map: Path, *, seed: int, seconds: float, cars: int = 12) -> list[Pair]:
    """Cars driven by the expert through a populated town; each second each car is asked for one thing in held-out
    words, in thought only."""
    course = PlainDrive(RoadMap.load(road_map), seed=seed, cars=cars, orders=False, limit=False, share=0.0)
    teacher, random = Teacher(), np.random.default_rng([seed, 61])
    kinds = list(OrderKind)
    found: list[Pair] = []
    policy.reset([seat.name for seat in course.seats])
    for step in range(round(seconds / ACTION_STEP_S)):
        course.tick()
        seats = course.seats
        seen = look(seats, frames=True)
        untold = teacher.act(seen)
        if step >= 10 and step % 5 == 0:
            asked = [
                (untold[k], other, kind)
                for k, own in enumerate(seen)
                for kind in [kinds[int(random.integers(len(kinds)))]]
                for other in [counterfactual(course.world, own, kind, instruction(kind, random, HELD_OUT))]
                if other is not None
            ]
            others = [other for _, other, _ in asked]
            for (before, _, kind), mine, theirs in zip(asked, policy.imagine(others), teacher.act(others), strict=True):
                found.append(_pair(kind, mine, theirs, before))
        policy.act(seen)
        for tick in range(round(ACTION_STEP_S / TICK_S)):
            drive(seats, untold if tick == 0 else (), {}, TICK_S)
    return found


def _pair(kind: OrderKind, mine: Action, theirs: Action, untold: Action) -> Pair:
    judged = judge_obedience(kind, told=mine, expert_told=theirs, expert_untold=untold)
    return Pair(kind, judged.tells, judged.obeyed)
