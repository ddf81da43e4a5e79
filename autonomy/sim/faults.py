"""Faults as data, to be injected into a drive: what breaks, from when to when, how badly.

`Saboteur` spoils what a policy says, `blind` what cameras show; brakes and link are spoilt where they are kept.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from autonomy.world.action import ACTION_STEP_S, ACTION_STEPS, Action
from autonomy.world.observation import CameraFrames

F8 = NDArray[np.float64]
DUE_S: F8 = np.asarray(ACTION_STEP_S * np.arange(1, ACTION_STEPS + 1), dtype=np.float64)


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
            FaultKind.SWERVING: lambda: _aside(action, heading_rad, _side(fault, action.time_s)),
            FaultKind.DRIFTING: lambda: _aside(action, heading_rad, _drift(fault, action.time_s)),
            FaultKind.HEEDLESS: lambda: _straight_on(action),
        }
        return made.get(fault.kind, lambda: action)()


def _side(fault: Fault, time_s: float) -> F8:
    """f8[ACTION_STEPS]: metres to the left of each row, one way within 0.4 s, and the other way 0.6 s later."""
    return fault.level * (1.0 if int(time_s / 0.6) % 2 else -1.0) * np.minimum(DUE_S / 0.4, 1.0)


def _drift(fault: Fault, time_s: float) -> F8:
    """As `_side`, growing over the two seconds after the fault's begin."""
    return fault.level * np.clip((time_s + DUE_S - fault.from_s) / 2.0, 0.0, 1.0)


def _aside(action: Action, heading_rad: float, metres: F8) -> Action:
    rows = action.trajectory.copy()
    rows[:, 0] -= metres * np.sin(heading_rad)
    rows[:, 1] += metres * np.cos(heading_rad)
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
