"""Drives are recorded with what the teacher would do at every picture.

Who drives: the teacher with small disturbances (cloning), or the learned policy itself (DAgger: Ross, Gordon, Bagnell
2011); the label is the teacher's in both cases. The safety layer drives along, as in service.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autonomy.model import features
from autonomy.model.truth import targets
from autonomy.policy.base import Policy
from autonomy.safety.doubt import DoubtBounds
from autonomy.safety.layer import Safety
from autonomy.safety.modes import Mode
from autonomy.train.counterfactuals import Asker
from autonomy.train.drives import Drive
from autonomy.train.noise import Noise
from autonomy.train.seats import Seat, drive, look
from autonomy.train.shards import ShardWriter
from autonomy.world import ACTION_STEP_S, Action, Directive, HazardKind, Limits, Observation, Signal

TICK_S = 0.1
Progress = Callable[[int, int], None]


class Collector:
    """Records drives into one shard."""

    def __init__(
        self,
        course: Drive,
        writer: ShardWriter,
        *,
        teacher: Policy,
        driver: Policy | None = None,
        noise: Noise | None = None,
        asker: Asker | None = None,
        doubts: DoubtBounds | None = None,
    ) -> None:
        """driver: None for the teacher itself, disturbed by `noise`; a learned one drives under the safety layer."""
        self.course, self.writer = course, writer
        self.teacher, self.driver, self.noise, self.asker = teacher, driver, noise, asker
        self.guard = Guard(doubts=doubts) if driver is not None else None

    def run(self, pictures: int, progress: Progress | None = None) -> None:
        """Drive until the shard holds so many pictures."""
        while self.writer.count < pictures:
            self.step()
            if progress is not None:
                progress(min(self.writer.count, pictures), pictures)

    def step(self) -> None:
        """One picture of every car, one decision, two ticks of the world."""
        begun = self.course.tick()
        for name in begun:
            self.writer.end_drive(name)
        if self.driver is not None and begun:
            self.driver.reset(begun)
        seats = self.course.seats
        seen = look(seats, frames=True)
        labels = self.teacher.act(seen)
        self._record(seats, seen, labels)
        if self.driver is not None:
            actions = self.driver.act(seen)
        else:
            actions = labels if self.noise is None else self.noise.apply(labels)
        for tick in range(round(ACTION_STEP_S / TICK_S)):
            if self.guard is None:
                drive(seats, actions if tick == 0 else (), {}, TICK_S)
            else:
                now = seen if tick == 0 else look(seats, frames=False)
                drive(seats, *self.guard.check(now, actions), TICK_S)

    def _record(self, seats: Sequence[Seat], seen: Sequence[Observation], labels: Sequence[Action]) -> None:
        rows = rows_of(seen, labels)
        numbers = []
        for k, observation in enumerate(seen):
            frames = observation.frames
            if frames is None:
                raise ValueError(f"frames: {observation.car_id} has no pictures; attach a renderer to the world")
            fields = {name: values[k] for name, values in rows.items()}
            numbers.append(self.writer.add(observation.car_id, frames.pixels, fields))
        asker = self.asker
        if asker is None:
            return
        pairs = [
            (numbers[k], other)
            for k, (seat, own) in enumerate(zip(seats, seen, strict=True))
            for other in asker.others(seat.world, replace(own, car_id=seat.car_id))
        ]
        if pairs:
            asked = [other for _, other in pairs]
            fields_of = rows_of(asked, self.teacher.act(asked))
            for k, (number, _) in enumerate(pairs):
                self.writer.add_variant(number, {name: values[k] for name, values in fields_of.items()})


class Guard:
    """The safety layer while data is collected: a car that it has stopped is let go on after a moment, so that the
    drive goes on and the teacher shows the way out."""

    def __init__(self, waits_s: float = 2.0, doubts: DoubtBounds | None = None) -> None:
        """doubts: the limits of the release that drives; the layer's own by default."""
        self._safety = Safety()
        self._doubts = doubts
        self._known: set[str] = set()
        self._waits_s = waits_s
        self._stood_s: dict[str, float] = {}
        self.stops = 0

    def check(
        self, seen: Sequence[Observation], actions: Sequence[Action | None]
    ) -> tuple[list[Action], Mapping[str, Limits]]:
        for observation in seen:
            name, now = observation.car_id, observation.time_s
            if self._doubts is not None and name not in self._known:
                self._known.add(name)
                self._safety.calibrate(name, self._doubts)
            if self._safety.mode(name) not in (Mode.MRC_REACHED, Mode.MRM_FAILED) or observation.ego.speed_mps > 0.05:
                self._stood_s.pop(name, None)
            elif now - self._stood_s.setdefault(name, now) >= self._waits_s and (
                self._safety.mode(name) is Mode.MRC_REACHED
            ):
                self._safety.release(name, now)
        checked = self._safety.check(seen, actions)
        self.stops += sum(change.mode is Mode.MRM_OPERATING for change in self._safety.changes())
        return checked


def rows_of(seen: Sequence[Observation], labels: Sequence[Action]) -> dict[str, NDArray[Any]]:
    """Everything that is learned from, by name, one row an observation: inputs, targets, cause, weight."""
    rows: dict[str, NDArray[Any]] = {**features.encode(seen), **targets(seen, labels)}
    rows.pop("pixels", None)
    rows["weight"] = np.array([teachable(observation) for observation in seen], dtype=np.float32)
    return rows


def teachable(seen: Observation) -> float:
    """0 where the teacher acts on what no camera shows, else 1.

    At a junction without signals the teacher waits for a grant of the cooperative right of way, which the safety layer
    sees to in service; where no vehicle that crosses is near, the pictures hold no reason to wait.
    """
    junction = seen.junction
    if junction is None or junction.may_enter or junction.line_m > 40 or seen.directive is not Directive.DRIVE:
        return 1.0
    if junction.signal in (Signal.RED, Signal.AMBER):
        return 1.0
    near = any(hazard.kind is HazardKind.VEHICLE and hazard.ahead_m < 40 for hazard in seen.hazards)
    return 1.0 if near or seen.leader is not None else 0.0


def meta_of(source: str, seed: int, driver: str, more: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """What a shard says about itself."""
    return {"source": source, "seed": seed, "driver": driver, **(more or {})}
