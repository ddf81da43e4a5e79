"""A policy instance: one car's place in a release, with a queue of one."""

from collections import deque
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from autonomy.policy.host import Punctuality
from autonomy.world.observation import Observation

LATENCIES = 300  # a minute at 5 Hz
Role = Literal["drives", "shadow"]


@dataclass(eq=False)
class Instance:
    """`waiting`: the latest observation that nobody has looked at, handed over at `posted_s` (wall clock); `fresh`: its
    memory must be emptied before the next look; `slot`: its row in the memory of the release."""

    car_id: str
    release: str
    role: Role
    slot: int
    deadline_s: float
    waiting: Observation | None = None
    posted_s: float = 0.0
    fresh: bool = True
    missed: int = 0
    latency_s: deque[float] = field(default_factory=lambda: deque(maxlen=LATENCIES))

    def post(self, seen: Observation, now_s: float) -> bool:
        """Put an observation into the queue. Returns whether one that waited there was dropped for it."""
        dropped = self.waiting is not None
        self.waiting, self.posted_s = seen, now_s
        return dropped

    def take(self) -> tuple[Observation, float] | None:
        """The waiting observation and when it was handed over; the queue is empty then."""
        seen, self.waiting = self.waiting, None
        return None if seen is None else (seen, self.posted_s)

    def answered(self, latency_s: float) -> bool:
        """Count an answer. Returns whether it came too late."""
        late = latency_s > self.deadline_s
        self.latency_s.append(latency_s)
        self.missed += late
        return late

    def punctuality(self) -> Punctuality:
        p99_s = float(np.percentile(list(self.latency_s), 99)) if self.latency_s else 0.0
        return Punctuality(1000 * p99_s, 1000 * self.deadline_s, self.missed)
