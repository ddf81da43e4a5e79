"""People who come along the pavement, wait at a crossing until they may cross, cross, go away and come back."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from autonomy.sim.actors.store import Actor
from autonomy.sim.actors.walking import Line
from autonomy.sim.gaps import comes_too_soon, way_is_blocked
from autonomy.sim.roadside import Crossing
from autonomy.world.observation import Signal

if TYPE_CHECKING:
    from autonomy.sim.world import World

LOOKS_S = 0.8  # stands at the kerb so long at least
ASK_AGAIN_S = 0.4
TURNS_BACK_S = 20.0


@dataclass
class CrossingWalker:
    """coming: along the pavement to the kerb; over: from kerb to kerb; leaving: along the other pavement. Then the
    same way back after `rest_s`. `bold`: goes into smaller gaps, where there is no crossing as well."""

    coming: Line
    over: Line
    leaving: Line
    speed_mps: float
    rest_s: float
    crossing: Crossing | None = None
    bold: bool = False
    phase: int = 0
    s: float = 0.0
    since_s: float = field(default=0.0)
    ask_s: float = field(default=0.0)
    blocked_s: float = field(default=0.0)
    back: bool = False

    def step(self, me: Actor, world: "World", dt_s: float) -> bool:
        if self.phase == 0:
            self._along(me, world, self._legs()[0], dt_s, state="walking")
        elif self.phase == 1:
            self._wait(me, world)
        elif self.phase == 2:
            self._cross(me, world, dt_s)
        elif self.phase == 3:
            self._along(me, world, self._legs()[2], dt_s, state="walking")
        elif world.time_s - self.since_s > self.rest_s:
            self.back = not self.back
            self._next(world, 0)
        return True

    def _legs(self) -> tuple[Line, Line, Line]:
        if not self.back:
            return self.coming, self.over, self.leaving
        return self.leaving.turned, self.over.turned, self.coming.turned

    def _next(self, world: "World", phase: int) -> None:
        self.phase, self.s, self.since_s, self.blocked_s = phase, 0.0, world.time_s, 0.0

    def _along(self, me: Actor, world: "World", line: Line, dt_s: float, *, state: str) -> None:
        me.state = state
        x, y, heading = line.at(self.s)
        if way_is_blocked(world, x, y, heading):
            me.move(x, y, heading, 0.0)
            return
        self.s += self.speed_mps * dt_s
        me.move(*line.at(self.s), self.speed_mps)
        if self.s >= line.length_m:
            self._next(world, self.phase + 1)

    def _wait(self, me: Actor, world: "World") -> None:
        over = self._legs()[1]
        x, y, heading = over.at(0.0)
        me.move(x, y, heading, 0.0)
        me.state = "waiting" if self._has_right(world) else "walking"
        if world.time_s - self.since_s < LOOKS_S or world.time_s < self.ask_s:
            return
        self.ask_s = world.time_s + ASK_AGAIN_S
        if self._may_go(world, over):
            self._next(world, 2)

    def _has_right(self, world: "World") -> bool:
        """Cars give way to people who wait at a crossing without signals (or with dark ones)."""
        return self.crossing is not None and self._signal(world, 0.0) is Signal.NONE

    def _signal(self, world: "World", later_s: float) -> Signal:
        plan = None if self.crossing is None else world.rules.plans.get(self.crossing.junction)
        if plan is None or self.crossing is None:
            return Signal.NONE
        return plan.colour(self.crossing.approach, world.time_s + later_s)

    def _may_go(self, world: "World", over: Line) -> bool:
        needs_s = over.length_m / self.speed_mps
        if self._signal(world, 0.0) is not Signal.NONE:
            if any(self._signal(world, part * needs_s) is not Signal.RED for part in (0.0, 0.5, 0.8)):
                return False
            return not comes_too_soon(world, over, needs_s=0.0, comfort_mps2=3.5)
        if self.crossing is None and not self.bold:
            return not comes_too_soon(world, over, needs_s=needs_s + 1.0, comfort_mps2=2.5)
        return not comes_too_soon(world, over, needs_s=0.0, comfort_mps2=3.2 if self.bold else 2.3)

    def _cross(self, me: Actor, world: "World", dt_s: float) -> None:
        over = self._legs()[1]
        me.state = "crossing"
        x, y, heading = over.at(self.s)
        if way_is_blocked(world, x, y, heading):
            self.blocked_s += dt_s
            me.move(x, y, heading, 0.0)
            if self.blocked_s > TURNS_BACK_S:
                self._turn_back(over)
            return
        self.s += self.speed_mps * dt_s
        me.move(*over.at(self.s), self.speed_mps)
        if self.s >= over.length_m:
            self._next(world, 3)

    def _turn_back(self, over: Line) -> None:
        self.s = max(over.length_m - self.s, 0.0)
        self.back = not self.back
        self.blocked_s = 0.0


def way_over(crossing: Crossing, shift_m: float, setback_m: float = 0.7) -> Line:
    """Over the crossing, `shift_m` beside its middle, from `setback_m` before the kerb to as far behind the other."""
    c, s = float(np.cos(crossing.heading_rad)), float(np.sin(crossing.heading_rad))
    x, y = crossing.x + shift_m * s, crossing.y - shift_m * c
    first, last = -(crossing.right_m + setback_m), crossing.left_m + setback_m
    return Line([(x + first * c, y + first * s), (x + last * c, y + last * s)])
