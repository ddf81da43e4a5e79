"""Scripts that go along a line on foot: pavement walkers and people who cross the road."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from autonomy.sim.actors.store import Actor
from autonomy.sim.curves import lengths_along
from autonomy.sim.gaps import way_is_blocked

if TYPE_CHECKING:
    from autonomy.sim.world import World

F8 = NDArray[np.float64]
TURNS_S = 4.0
Trigger = Callable[["World"], bool]


class Line:
    """A polyline to go along. points: k >= 2 of (x, y); raises ValueError on fewer or on one without length."""

    def __init__(self, points: Sequence[Sequence[float]] | F8) -> None:
        self.points = np.asarray(points, dtype=float)
        if self.points.ndim != 2 or len(self.points) < 2:
            raise ValueError("points: a line needs two or more")
        self.along = lengths_along(self.points)
        self.length_m = float(self.along[-1])
        if self.length_m < 0.01:
            raise ValueError("points: the line has no length")

    @cached_property
    def turned(self) -> "Line":
        """The same line from its end to its start."""
        return Line(self.points[::-1])

    def at(self, s: float) -> tuple[float, float, float]:
        """x, y, heading at `s` metres."""
        k = min(max(int(np.searchsorted(self.along, s, side="right")) - 1, 0), len(self.points) - 2)
        span = float(self.along[k + 1] - self.along[k])
        part = min(max((s - float(self.along[k])) / max(span, 1e-9), 0.0), 1.0)
        (x, y), (u, v) = self.points[k].tolist(), self.points[k + 1].tolist()
        return x + part * (u - x), y + part * (v - y), float(np.arctan2(v - y, u - x))


def at_once(world: "World") -> bool:
    return True


@dataclass
class Walk:
    """Go along the line, there and back for ever (`again`) or once and away; before a vehicle they stop, then turn."""

    line: Line
    speed_mps: float
    again: bool = True
    s: float = 0.0
    forth: bool = True
    blocked_s: float = 0.0

    def step(self, me: Actor, world: "World", dt_s: float) -> bool:
        me.state = "walking"
        x, y, heading = self.line.at(self.s)
        if way_is_blocked(world, x, y, heading if self.forth else heading + np.pi):
            self.blocked_s += dt_s
            if self.blocked_s > TURNS_S and self.again:
                self.forth, self.blocked_s = not self.forth, 0.0
            me.move(x, y, me.pose[2], 0.0)
            return True
        self.blocked_s = 0.0
        self.s += self.speed_mps * dt_s * (1 if self.forth else -1)
        if not 0.0 <= self.s <= self.line.length_m:
            if not self.again:
                return False
            self.forth = not self.forth
            self.s = min(max(self.s, 0.0), self.line.length_m)
        x, y, heading = self.line.at(self.s)
        me.move(x, y, heading if self.forth else heading + np.pi, self.speed_mps)
        return True


@dataclass
class Cross:
    """Stand at the line's start until `goes`, cross at `speed_mps`, then go on along `after` (or stay there).

    On the way it never stops except for `pause_s` at `pause_at_m`, so that no car waits for ever.
    `waiting_state`: what they are seen to do before ("waiting": want to cross at a crossing; "walking": nobody knows).
    """

    line: Line
    speed_mps: float
    goes: Trigger = at_once
    after: Walk | None = None
    pause_at_m: float = -1.0
    pause_s: float = 0.0
    waiting_state: str = "waiting"
    s: float = field(default=0.0, init=False)
    started: bool = field(default=False, init=False)

    def step(self, me: Actor, world: "World", dt_s: float) -> bool:
        if not self.started:
            x, y, heading = self.line.at(0.0)
            me.move(x, y, heading, 0.0)
            me.state = self.waiting_state
            self.started = self.goes(world)
            return True
        if self.s >= self.line.length_m:
            if self.after is not None:
                return self.after.step(me, world, dt_s)
            me.state = "walking"
            me.move(*self.line.at(self.line.length_m), 0.0)
            return True
        me.state = "crossing"
        speed = self.speed_mps
        if 0.0 <= self.pause_at_m <= self.s and self.pause_s > 0.0:
            self.pause_s -= dt_s
            speed = 0.0
        self.s += speed * dt_s
        me.move(*self.line.at(self.s), speed)
        return True
