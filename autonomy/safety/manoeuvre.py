"""The minimal-risk manoeuvre: to the kerb if a place there is near, else to a stand in the lane, else a hard stop.

It needs the lane ahead and nothing of the policy. It never accelerates.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import cos, isfinite, sin
from typing import Any, Protocol

Row = tuple[float, float, float, float]


class PathRows(Protocol):
    """Rows x, y, heading, ...: a list of tuples or an array."""

    def __len__(self) -> int: ...

    def __getitem__(self, index: int, /) -> Any: ...


class Manoeuvre(StrEnum):
    PULL_OVER = "pull_over"
    STOP_IN_LANE = "stop_in_lane"
    HARD_STOP = "hard_stop"


@dataclass(frozen=True, slots=True)
class ManoeuvreBounds:
    lane_brake_mps2: float = 2.5
    hard_brake_mps2: float = 6.0
    kerb_within_m: float = 90.0  # a place that the world finds at 50 km/h lies 75 m ahead
    crawl_mps: float = 2.0


def choose(speed_mps: float, kerb_m: float | None, path: PathRows | None, bounds: ManoeuvreBounds) -> Manoeuvre:
    """`kerb_m`: distance to a prepared place at the kerb, None without one; `path`: rows x, y, heading ahead."""
    if path is None or len(path) < 2 or not all(isfinite(value) for row in (path[0], path[-1]) for value in row[:3]):
        return Manoeuvre.HARD_STOP
    if kerb_m is None or kerb_m > bounds.kerb_within_m or kerb_m < speed_mps**2 / (2 * bounds.lane_brake_mps2):
        return Manoeuvre.STOP_IN_LANE
    reach = speed_mps**2 / (2 * 0.4)  # rolling out at 0.4 m/s² must carry it there, for it may not accelerate
    return Manoeuvre.PULL_OVER if reach >= kerb_m else Manoeuvre.STOP_IN_LANE


def speeds(
    manoeuvre: Manoeuvre, speed_mps: float, kerb_m: float, *, steps: int, step_s: float, bounds: ManoeuvreBounds
) -> list[float]:
    """Speed after each step: never above the one before, ending at 0 for good."""
    brake = bounds.hard_brake_mps2 if manoeuvre is Manoeuvre.HARD_STOP else bounds.lane_brake_mps2
    if manoeuvre is Manoeuvre.PULL_OVER:
        brake = min(max(speed_mps**2 / (2 * max(kerb_m, 0.1)), 0.4), brake)
    result = []
    for _ in range(steps):
        speed_mps = max(0.0, speed_mps - brake * step_s)
        result.append(speed_mps)
    return result


def rows(
    pose: tuple[float, float, float, float],
    path: PathRows | None,
    spacing_m: float,
    profile: Sequence[float],
    step_s: float,
) -> list[Row]:
    """The trajectory with these speeds along the path, or straight on without one."""
    x, y, heading, speed = pose
    gone, result = 0.0, []
    for after in profile:
        gone += (speed + after) / 2 * step_s
        speed = after
        if path is None:
            result.append((x + gone * cos(heading), y + gone * sin(heading), heading, after))
        else:
            result.append((*_on_path(path, spacing_m, gone), after))
    return result


def _on_path(path: PathRows, spacing_m: float, gone_m: float) -> tuple[float, float, float]:
    at = min(gone_m / spacing_m, len(path) - 1.001)
    low, part = int(at), at - int(at)
    a, b = path[low], path[low + 1]
    return (
        float(a[0]) * (1 - part) + float(b[0]) * part,
        float(a[1]) * (1 - part) + float(b[1]) * part,
        float(a[2]) * (1 - part) + float(b[2]) * part,
    )
