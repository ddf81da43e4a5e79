"""Is what the policy says fit to be driven? Checks on plain numbers."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import cos, hypot, isfinite, sin

Row = Sequence[float]  # x, y, heading, speed


@dataclass(frozen=True, slots=True)
class PlausibleBounds:
    """late_s: how old an answer may be; jump_m: how far the trajectory's begin may lie from where the car will be;
    accel_mps2: what the speeds may imply."""

    late_s: float = 0.35
    jump_m: float = 3.0
    accel_mps2: float = 12.0
    speed_mps: float = 45.0


def fault_of(
    rows: Sequence[Row],
    *,
    answers_s: float,
    now_s: float,
    pose: tuple[float, float, float, float],
    step_s: float,
    bounds: PlausibleBounds,
) -> str | None:
    """None, or why the trajectory must not be driven: "late", "not_finite", "shape", "jump", "speed".

    `answers_s`: time of the observation that it answers; `pose`: x, y, heading, speed of the car now.
    """
    if not isfinite(answers_s) or now_s - answers_s > bounds.late_s or answers_s > now_s + 1e-6:
        return "late"
    if len(rows) < 2 or any(len(row) != 4 for row in rows):
        return "shape"
    if not isfinite(sum(map(sum, rows))):
        return "not_finite"
    x, y, heading, speed = pose
    ahead = speed * step_s
    if hypot(rows[0][0] - x - ahead * cos(heading), rows[0][1] - y - ahead * sin(heading)) > bounds.jump_m:
        return "jump"
    before = speed
    for row in rows:
        if not -0.01 <= row[3] <= bounds.speed_mps or abs(row[3] - before) > bounds.accel_mps2 * step_s + 0.5:
            return "speed"
        before = row[3]
    return None
