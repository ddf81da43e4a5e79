"""A network without a network: it counts what it has seen of each car, and does what the test tells it to."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from autonomy.hosting.network import Memory
from autonomy.world.action import ACTION_STEPS, Action
from autonomy.world.observation import (
    PATH_POINTS,
    CameraFrames,
    Directive,
    EgoState,
    NavigationCommand,
    Observation,
)

EGO = EgoState(0.0, 0.0, 0.0, 5.0, 0.0, 0.0, 0.0, 3.9, 1.9, 2.0, 8.0)
BARE = Observation(
    car_id="",
    time_s=0.0,
    ego=EGO,
    path=np.zeros((PATH_POINTS, 5)),
    leader=None,
    junction=None,
    stop=None,
    may_leave_kerb=True,
    box_left_m=0.0,
    directive=Directive.DRIVE,
    navigation=NavigationCommand.FOLLOW,
    target_points=np.zeros((2, 2)),
)


def seen(car_id: str, time_s: float = 0.0, *, value: int = 1) -> Observation:
    """An observation with one picture, all of whose pixels are `value`."""
    frames = CameraFrames(np.full((1, 3, 2, 2), value, dtype=np.uint8), ("front_narrow",), time_s)
    return replace(BARE, car_id=car_id, time_s=time_s, frames=frames)


class FakeNetwork:
    """Remembers the sum of the first pixels that it has seen of a car; its plan's x is that sum, its y is `left_m`."""

    def __init__(self, release: str = "fake", *, left_m: float = 0.0) -> None:
        self._release = release
        self._left_m = left_m
        self.calls: list[list[str]] = []
        self.warmed: list[int] = []
        self.before: Callable[[Sequence[Observation]], None] = lambda observations: None
        self.spoil: Callable[[Action], Action] = lambda action: action

    @property
    def release(self) -> str:
        return self._release

    @property
    def calibration(self) -> dict[str, float]:
        return {"uncertainty_limit": 0.8}

    def empty_memory(self, rows: int) -> dict[str, Any]:
        return {"sum": np.zeros((rows, 1)), "ring": np.zeros((rows, 4, 8), dtype=np.float32)}

    def step(
        self, observations: Sequence[Observation], memory: Memory, *, in_words: Sequence[bool]
    ) -> tuple[list[Action], Memory]:
        self.calls.append([seen.car_id for seen in observations])
        self.before(observations)
        total = memory["sum"] + np.array([[pixel(seen)] for seen in observations])
        ring = np.roll(memory["ring"], 1, axis=1)
        actions = []
        for row, (seen, words) in enumerate(zip(observations, in_words, strict=True)):
            plan = np.zeros((ACTION_STEPS, 4))
            plan[:, 0], plan[:, 1] = total[row, 0], self._left_m
            words_said = f"{self._release} says {total[row, 0]:g}" if words else ""
            actions.append(self.spoil(Action(seen.car_id, seen.time_s, plan, explanation=words_said)))
        return actions, {"sum": total, "ring": ring}

    def warm_up(self, batch: int) -> None:
        self.warmed.append(batch)


def pixel(seen: Observation) -> float:
    assert seen.frames is not None
    return float(seen.frames.pixels[0, 0, 0, 0])


class Clock:
    """Wall time that passes only when the test says so."""

    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s

    def passes(self, seconds: float) -> None:
        self.now_s += seconds


class Gate:
    """A network call waits here until the test lets it through; `entered` tells that one is waiting."""

    def __init__(self) -> None:
        self.entered = threading.Event()
        self.opened = threading.Event()

    def __call__(self, observations: Sequence[Observation]) -> None:
        self.entered.set()
        assert self.opened.wait(20.0), "the test has left the network waiting"


class FakeShot:
    """Pictures whose pixels are all `value`; `broken`: no picture of these cars can be made."""

    def __init__(self, time_s: float = 0.0, *, value: int = 1, broken: Sequence[str] = ()) -> None:
        self._time_s = time_s
        self._value = value
        self._broken = broken
        self.asked: list[list[str]] = []

    def frames(self, car_ids: Sequence[str]) -> list[CameraFrames]:
        self.asked.append(list(car_ids))
        if any(car_id in self._broken for car_id in car_ids):
            raise RuntimeError("the lens fell off")
        picture = CameraFrames(np.full((1, 3, 2, 2), self._value, dtype=np.uint8), ("front_narrow",), self._time_s)
        return [picture] * len(car_ids)


def bare(car_id: str, time_s: float = 0.0) -> Observation:
    """An observation without pictures."""
    return replace(BARE, car_id=car_id, time_s=time_s)
