"""What a policy sees of one car at one instant.

Cameras, navigation and instruction are what a learned policy drives by. The structured part (path, leader, junction,
stop) is privileged: only the simulator knows it so well; the `rules` policy drives by it and teaches by it.
Frame of reference: metres east and north in the map's projection; headings in radians, counter-clockwise from east.
"""

from dataclasses import dataclass
from enum import IntEnum, StrEnum

import numpy as np
from numpy.typing import NDArray

PATH_POINTS = 100
PATH_SPACING_M = 2.0


class Directive(StrEnum):
    """What people or the safety layer ask of the driver. The world plans the kerb place of a pull-over."""

    DRIVE = "drive"
    HOLD = "hold"
    PULL_OVER = "pull_over"


class Signal(IntEnum):
    NONE = 0
    GREEN = 1
    AMBER = 2
    RED = 3


class NavigationCommand(StrEnum):
    FOLLOW = "follow"
    LEFT = "left"
    RIGHT = "right"
    STRAIGHT = "straight"
    TURN_ROUND = "turn_round"
    STOP = "stop"


@dataclass(frozen=True, slots=True)
class CameraFrames:
    """pixels: uint8 [C, 3, H, W], newest; names: C names; taken at `time_s`."""

    pixels: NDArray[np.uint8]
    names: tuple[str, ...]
    time_s: float


@dataclass(frozen=True, slots=True)
class EgoState:
    """The car: rear axle position and what it can do."""

    x_m: float
    y_m: float
    heading_rad: float
    speed_mps: float
    accel_mps2: float
    steer_rad: float
    lateral_m: float  # left of the path is positive
    front_m: float  # rear axle to front bumper
    width_m: float
    accel_max_mps2: float
    brake_max_mps2: float


@dataclass(frozen=True, slots=True)
class LeaderAhead:
    """The nearest body in the car's way. `gap_m` from the front bumper; `speed_mps` along the car's path."""

    gap_m: float
    speed_mps: float


@dataclass(frozen=True, slots=True)
class JunctionAhead:
    """The next junction on the path. `line_m`: front bumper to the stop line (negative: passed)."""

    line_m: float
    signal: Signal
    may_enter: bool
    clear_m: float  # front bumper to the place where the junction is left


@dataclass(frozen=True, slots=True)
class StopAhead:
    """Where the car must stand. `distance_m` for the rear axle along the path."""

    distance_m: float
    at_kerb: bool


@dataclass(frozen=True, slots=True)
class Observation:
    """path: f8[PATH_POINTS, 5]: x, y, heading, curvature (1/m), speed limit (m/s); row k lies `k * PATH_SPACING_M`
    ahead of the rear axle's foot point on the path; past the path's end the last point repeats.
    box_left_m: how far the car must still go until its rear has left the junction that it is in (0: in none).
    target_points: f8[2, 2] in the car's own frame (m ahead, m left), the navigation targets at 20 m and 50 m.
    """

    car_id: str
    time_s: float
    ego: EgoState
    path: NDArray[np.float64]
    leader: LeaderAhead | None
    junction: JunctionAhead | None
    stop: StopAhead | None
    may_leave_kerb: bool
    box_left_m: float
    directive: Directive
    navigation: NavigationCommand
    target_points: NDArray[np.float64]
    frames: CameraFrames | None = None
    instruction: tuple[int, ...] = ()
