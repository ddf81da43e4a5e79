"""Faults as data, to be injected into a drive: what breaks, from when to when, how badly.

`Saboteur` spoils what a policy says, `blind` what cameras show; brakes and link are spoilt where they are kept.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np

from autonomy.world.action import ACTION_STEP_S, ACTION_STEPS, Action
from autonomy.world.observation import CameraFrames


class FaultKind(StrEnum):
    FROZEN = "frozen"  # the same answer again, as if it were new
    LATE = "late"
    SILENT = "silent"
    NAN = "nan"
    SWERVING = "swerving"  # to and fro over its lane
    DRIFTING = "drifting"  # out of its lane
    HEEDLESS = "heedless"  # straight on at its speed, whatever is ahead
    CAMERA_BLACK = "camera_black"
    CAMERA_FROZEN = "camera_frozen"
    CAMERA_SWAPPED = "camera_swapped"


@dataclass(frozen=True, slots=True)
class Fault:
    """`level`: metres to the side, or seconds of delay, by kind; `camera`: index of the camera that it befalls."""

    kind: FaultKind
    from_s: float = 0.0
    to_s: float = float("inf")
    level: float = 2.0
    camera: int = 0

    def holds(self, time_s: float) -> bool:
        return self.from_s <= time_s < self.to_s


class Saboteur:
    """Spoils the answers of one car's policy."""

    def __init__(self, fault: Fault) -> None:
        self._fault = fault
        self._last: Action | None = None

    def spoil(self, action: Action, heading_rad: float) -> Action | None:
        """What comes of an answer; `heading_rad`: of the lane, for faults to the side."""
        fault = self._fault
        if not fault.holds(action.time_s):
            self._last = action
            return action
        before = self._last or action
        made: dict[FaultKind, Callable[[], Action | None]] = {
            FaultKind.FROZEN: lambda: replace(before, time_s=action.time_s),
            FaultKind.LATE: lambda: replace(action, time_s=action.time_s - fault.level),
            FaultKind.SILENT: lambda: None,
            FaultKind.NAN: lambda: replace(action, trajectory=np.full_like(action.trajectory, np.nan)),
            FaultKind.SWERVING: lambda: _aside(action, heading_rad, _side(fault, action.time_s), 0.4),
            FaultKind.DRIFTING: lambda: _aside(action, heading_rad, fault.level, 2.0),
            FaultKind.HEEDLESS: lambda: _straight_on(action),
        }
        return made.get(fault.kind, lambda: action)()


def _side(fault: Fault, time_s: float) -> float:
    return fault.level * (1.0 if int(time_s / 0.6) % 2 else -1.0)


def _aside(action: Action, heading_rad: float, metres: float, within_s: float) -> Action:
    """The trajectory, moved to the left by `metres` within some time."""
    part = np.minimum(ACTION_STEP_S * np.arange(1, ACTION_STEPS + 1) / within_s, 1.0)
    rows = action.trajectory.copy()
    rows[:, 0] -= metres * part * np.sin(heading_rad)
    rows[:, 1] += metres * part * np.cos(heading_rad)
    return replace(action, trajectory=rows)


def _straight_on(action: Action) -> Action:
    """From the first row on at its speed or 8 m/s, whichever is more."""
    x, y, heading, speed = action.trajectory[0].tolist()
    speed = max(speed, 8.0)
    gone = speed * ACTION_STEP_S * np.arange(ACTION_STEPS)
    rows = np.column_stack([x + gone * np.cos(heading), y + gone * np.sin(heading), np.zeros((ACTION_STEPS, 2))])
    rows[:, 2:] = heading, speed
    return replace(action, trajectory=rows)


def blind(fault: Fault, frames: CameraFrames, before: CameraFrames | None) -> CameraFrames:
    """What the cameras show under a fault. `before`: the pictures of the last time."""
    if not fault.holds(frames.time_s):
        return frames
    pixels, one, two = frames.pixels.copy(), fault.camera, (fault.camera + 1) % len(frames.names)
    if fault.kind is FaultKind.CAMERA_BLACK:
        pixels[one] = 0
    elif fault.kind is FaultKind.CAMERA_FROZEN and before is not None:
        pixels[one] = before.pixels[one]
    elif fault.kind is FaultKind.CAMERA_SWAPPED:
        pixels[[one, two]] = pixels[[two, one]]
    return replace(frames, pixels=pixels)
