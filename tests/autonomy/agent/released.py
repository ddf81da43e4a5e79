"""A release without a network: it drives as the rules do, but by the engine, its pictures and its latency."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from autonomy.agent.driver import Learned
from autonomy.hosting import Engine
from autonomy.hosting.network import Memory
from autonomy.policy.host import Answer, Shot
from autonomy.policy.registry import Post
from autonomy.policy.rules import RulesPolicy
from autonomy.world.action import Action
from autonomy.world.camera import CAMERA_NAMES
from autonomy.world.observation import CameraFrames, Observation

RELEASE = "vla-test"


class RulesNetwork:
    """`before`: what happens when it is called; `spoil`: what becomes of its actions."""

    release = RELEASE
    calibration: dict[str, float] = {"uncertainty_limit": 0.6}  # noqa: RUF012 - never changed

    def __init__(self) -> None:
        self._rules = RulesPolicy()
        self.before: Callable[[Sequence[Observation]], None] = lambda observations: None
        self.spoil: Callable[[Action], Action] = lambda action: action
        self.seen: list[Observation] = []

    def empty_memory(self, rows: int) -> dict[str, Any]:
        return {"steps": np.zeros((rows, 1))}

    def step(
        self, observations: Sequence[Observation], memory: Memory, *, in_words: Sequence[bool]
    ) -> tuple[list[Action], Memory]:
        self.seen.extend(observations)
        self.before(observations)
        actions = [
            self.spoil(replace(action, explanation="driving on" if words else ""))
            for action, words in zip(self._rules.act(observations), in_words, strict=True)
        ]
        return actions, {"steps": memory["steps"] + 1}

    def warm_up(self, batch: int) -> None:
        """Nothing to warm up."""


class GreyCameras:
    """Every picture is grey; `blind`: none can be made."""

    def __init__(self) -> None:
        self.blind = False

    def shot(self, observations: Sequence[Observation]) -> Shot:
        return _Grey(observations[0].time_s, self)


class _Grey:
    def __init__(self, time_s: float, cameras: GreyCameras) -> None:
        self._time_s = time_s
        self._cameras = cameras

    def frames(self, car_ids: Sequence[str]) -> list[CameraFrames]:
        if self._cameras.blind:
            raise RuntimeError("no light")
        # Not all alike: a picture without any structure is that of a broken camera.
        pixels = np.random.default_rng(int(10 * self._time_s)).integers(60, 200, (5, 3, 64, 128), dtype=np.uint8)
        return [CameraFrames(pixels, CAMERA_NAMES, self._time_s) for _ in car_ids]


class LateEngine(Engine):
    """The real engine, whose answers are held back for `late_steps` looks, as by a slow network."""

    late_steps = 0
    _held: list[list[Answer]]

    def collect(self) -> list[Answer]:
        self.catch_up()
        self._held = [*getattr(self, "_held", []), super().collect()]
        return self._held.pop(0) if len(self._held) > self.late_steps else []


def learned(engine: Engine, car_ids: Sequence[str], cameras: GreyCameras, *, waits: bool = False) -> Learned:
    """These cars are driven by the release."""
    return Learned(engine, cameras, dict.fromkeys(car_ids, Post(RELEASE)), waits)
