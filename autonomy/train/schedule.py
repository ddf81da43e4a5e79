"""How fast to learn when: warm up, hold, and come down at the end of the budget.

A constant rate with a short descent at the end (Hägele et al. 2024, "Scaling laws and compute-optimal training beyond
fixed training durations") lets a run be prolonged by new data without knowing its length beforehand.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

Clock = Callable[[], float]


@dataclass(frozen=True, slots=True)
class Rate:
    """peak: the rate that is held; warm_updates: how long it rises from 0; descent: last part of the budget in which it
    falls to `floor` of the peak."""

    peak: float = 1e-3
    warm_updates: int = 100
    descent: float = 0.4
    floor: float = 0.02

    def at(self, update: int, progress: float) -> float:
        """progress: 0 to 1 of the budget. Raises ValueError when it is outside."""
        if not 0.0 <= progress <= 1.0:
            raise ValueError(f"progress: {progress} is not within 0 and 1")
        warm = min((update + 1) / max(self.warm_updates, 1), 1.0)
        left = 1.0 - progress
        fall = 1.0 if left >= self.descent else self.floor + (1.0 - self.floor) * left / max(self.descent, 1e-9)
        return self.peak * warm * fall


@dataclass(frozen=True, slots=True)
class Heat:
    """How much the modes of the plan share what is learned: `hot` at first, from `begin` of the budget on cooling down
    geometrically to `cold` at `end` of it."""

    hot: float = 8.0
    cold: float = 4.0
    begin: float = 0.15
    end: float = 0.6

    def at(self, progress: float) -> float:
        part = min(max((progress - self.begin) / (self.end - self.begin), 0.0), 1.0)
        return float(self.hot * (self.cold / self.hot) ** part)


class Budget:
    """A number of updates, minutes on the clock, or both; whichever ends first. `spent_s`: what earlier runs used."""

    def __init__(
        self,
        *,
        updates: int | None = None,
        minutes: float | None = None,
        spent_s: float = 0.0,
        clock: Clock = time.monotonic,
    ) -> None:
        if updates is None and minutes is None:
            raise ValueError("budget: needs updates or minutes")
        if (updates is not None and updates < 1) or (minutes is not None and minutes <= 0):
            raise ValueError("budget: updates and minutes must be above 0")
        self._updates, self._minutes, self._clock = updates, minutes, clock
        self._began = clock() - spent_s

    @property
    def spent_s(self) -> float:
        return self._clock() - self._began

    def progress(self, update: int) -> float:
        """0 at the begin, 1 when the budget is used up."""
        parts = [0.0]
        if self._updates is not None:
            parts.append(update / self._updates)
        if self._minutes is not None:
            parts.append(self.spent_s / (60 * self._minutes))
        return min(max(parts), 1.0)
