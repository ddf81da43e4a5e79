"""A policy instance: one car's place in a release, with a queue of one."""

from collections import deque
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from autonomy.policy.host import Punctuality, Shot
from autonomy.world.observation import Observation

LATENCIES = 300  # a minute at 5 Hz
Role = Literal["drives", "shadow"]


@dataclass(eq=False)
class Instance:
    """`waiting`: the latest observation that nobody has looked at, handed over at `posted_s` (wall clock), with its
    pictures in `shot` if it came without; `fresh`: its memory must be emptied before the next look; `slot`: its row in
    the memory of the release."""

    car_id: str
    release: str
    role: Role
    slot: int
    deadline_s: float
    waiting: Observation | None = None
    shot: Shot | None = None
    posted_s: float = 0.0
    fresh: bool = True
    missed: int = 0
    latency_s: deque[float] = field(default_factory=lambda: deque(maxlen=LATENCIES))

    def post(self, seen: Observation, shot: Shot | None, now_s: float) -> bool:
        """Put an observation into the queue. Returns whether one that waited there was dropped for it."""
        dropped = self.waiting is not None
        self.waiting, self.shot, self.posted_s = seen, shot, now_s
        return dropped

    def clear(self) -> None:
        """Nothing waits, nothing is remembered."""
        self.waiting = self.shot = None
        self.fresh = True

    def take(self) -> "Look | None":
        """What waits, and leave the queue empty."""
        if self.waiting is None:
            return None
        look = Look(self, self.waiting, self.shot, self.posted_s, self.fresh)
        self.waiting = self.shot = None
        self.fresh = False
        return look

    def answered(self, latency_s: float) -> bool:
        """Count an answer. Returns whether it came too late."""
        late = latency_s > self.deadline_s
        self.latency_s.append(latency_s)
        self.missed += late
        return late

    def punctuality(self) -> Punctuality:
        p99_s = float(np.percentile(list(self.latency_s), 99)) if self.latency_s else 0.0
        return Punctuality(1000 * p99_s, 1000 * self.deadline_s, self.missed)


@dataclass(frozen=True, slots=True)
class Look:
    """One observation that was taken out of a queue, handed over at `posted_s`; `fresh`: with an empty memory."""

    instance: Instance
    seen: Observation
    shot: Shot | None
    posted_s: float
    fresh: bool
