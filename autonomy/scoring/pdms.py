"""PDMS over windows of closed-loop driving.

NAVSIM's Predictive Driver Model Score (Dauner et al., NAVSIM, NeurIPS 2024): no at-fault collision x drivable area x
(5 progress + 5 time to collision + 2 comfort) / 12. Where NAVSIM scores a planned trajectory of 4 s, here the 4 s that
the car really drove are scored; progress is measured against what the expert planned at the window's begin.
"""

from dataclasses import dataclass, field

import numpy as np

from autonomy.scoring.comfort import comfortable

WINDOW_S = 4.0
PROGRESS_WEIGHT, TTC_WEIGHT, COMFORT_WEIGHT = 5.0, 5.0, 2.0
LITTLE_M = 5.0  # where the expert drives less, progress is not judged


@dataclass(slots=True)
class Window:
    """What has happened since `start_s`. planned_m: the expert's way at the begin, None without an expert."""

    start_s: float
    driven_m: float
    planned_m: float | None
    hit: float = 1.0
    on_road: float = 1.0
    clear: float = 1.0
    speed: list[float] = field(default_factory=list)
    heading: list[float] = field(default_factory=list)
    times: list[float] = field(default_factory=list)

    def comfort(self) -> float:
        if len(self.times) < 2:
            return 1.0
        step = (self.times[-1] - self.times[0]) / (len(self.times) - 1)
        return float(comfortable(np.array(self.speed), np.array(self.heading), step))

    def score(self, driven_m: float) -> float:
        """The window's PDMS, given the odometer at its end."""
        way = driven_m - self.driven_m
        progress = 1.0
        if self.planned_m is not None and max(self.planned_m, way) >= LITTLE_M:
            progress = min(way / max(self.planned_m, 1e-3), 1.0)
        parts = PROGRESS_WEIGHT * progress + TTC_WEIGHT * self.clear + COMFORT_WEIGHT * self.comfort()
        return self.hit * self.on_road * parts / (PROGRESS_WEIGHT + TTC_WEIGHT + COMFORT_WEIGHT)
