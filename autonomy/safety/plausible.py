"""Is what the policy says fit to be driven? Checks on plain numbers."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import atan2, cos, hypot, isfinite, pi, sin

Row = Sequence[float]  # x, y, heading, speed


@dataclass(frozen=True, slots=True)
class PlausibleBounds:
    """late_s: how old an answer may be (a policy at 5 Hz: its period, its deadline, and the monitor's own ticks);
    jump_m: how far the row that is due may lie from where the car will be; accel_mps2: what the speeds may imply;
    side_mps2: what the bends of the trajectory may."""

    late_s: float = 0.7
    jump_m: float = 3.0
    accel_mps2: float = 12.0
    speed_mps: float = 45.0
    side_mps2: float = 9.0


def fault_of(
    rows: Sequence[Row],
    *,
    answers_s: float,
    now_s: float,
    pose: tuple[float, float, float, float],
    step_s: float,
    bounds: PlausibleBounds,
) -> str | None:
    """None, or why the trajectory must not be driven: "late", "not_finite", "shape", "jump", "speed", "bend".

    `answers_s`: time of the observation that it answers; `pose`: x, y, heading, speed of the car now.
    """
    age_s = now_s - answers_s
    if not isfinite(answers_s) or age_s > bounds.late_s or age_s < -1e-6:
        return "late"
    if len(rows) < 2 or any(len(row) != 4 for row in rows):
        return "shape"
    if not isfinite(sum(map(sum, rows))):
        return "not_finite"
    x, y, heading, speed = pose
    due = due_row(rows, age_s, step_s)
    ahead = speed * step_s
    if hypot(due[0] - x - ahead * cos(heading), due[1] - y - ahead * sin(heading)) > bounds.jump_m:
        return "jump"
    before = speed if age_s < step_s / 2 else due[3]
    if abs(due[3] - speed) > bounds.accel_mps2 * (step_s + bounds.late_s) or not _drivable(
        [row[3] for row in rows], before, max(0, int(age_s / step_s + 0.5)), step_s, bounds
    ):
        return "speed"
    return "bend" if _bend(rows, step_s) > bounds.side_mps2 else None


def _drivable(speeds: Sequence[float], before: float, first: int, step_s: float, bounds: PlausibleBounds) -> bool:
    """Every speed within what cars do, and from `first` on no faster change than they can make."""
    if not all(-0.01 <= speed <= bounds.speed_mps for speed in speeds):
        return False
    most = bounds.accel_mps2 * step_s + 0.5
    return all(abs(b - a) <= most for a, b in pairwise([before, *speeds[first:]]))


def due_row(rows: Sequence[Row], age_s: float, step_s: float) -> Sequence[float]:
    """The row that is due one step from now, for an answer `age_s` old; row k is due (k + 1) steps after it."""
    at = min(max(age_s / step_s, 0.0), len(rows) - 1.0)
    low = min(int(at), len(rows) - 2)
    part = at - low
    return [a * (1 - part) + b * part for a, b in zip(rows[low], rows[low + 1], strict=True)]


def _bend(rows: Sequence[Row], step_s: float) -> float:
    """The strongest acceleration to the side over two steps each, where the car moves forward."""
    strongest, before, speed_before = 0.0, None, 0.0
    for a, b in zip(rows[::2], rows[2::2], strict=False):
        gone = hypot(b[0] - a[0], b[1] - a[1])
        if gone < 1.0:
            before = None
            continue
        along, speed = atan2(b[1] - a[1], b[0] - a[0]), gone / (2 * step_s)
        if before is not None:
            turn = abs((along - before + pi) % (2 * pi) - pi)
            strongest = max(strongest, turn * (speed + speed_before) / 2 / (2 * step_s))
        before, speed_before = along, speed
    return strongest
