"""What a policy sees of one car at one instant.

Cameras, navigation and instruction are what a learned policy drives by. The structured part (path, leader, junction,
stop) is privileged: only the simulator knows it so well; the `rules` policy drives by it and teaches by it.
Frame of reference: metres east and north in the map's projection; headings in radians, counter-clockwise from east.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum

import numpy as np
from numpy.typing import NDArray

from autonomy.world.orders import Order
from autonomy.world.scene import LensFault, Weather

PATH_POINTS = 100
PATH_SPACING_M = 2.0
ROUTE_POINTS = 30
ROUTE_SPACING_M = 2.0
ROUTE_STOP_MAX_M = 60.0


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


class HazardKind(StrEnum):
    """What is on or beside the car's way, as the simulator knows it."""

    VEHICLE = "vehicle"
    CYCLIST = "cyclist"
    PEDESTRIAN = "pedestrian"
    PARKED = "parked"
    BLOCKING = "blocking"
    WORKS = "works"
    SCHOOL_BUS = "school_bus"
    EMERGENCY = "emergency"
    OFFICER = "officer"
    UNKNOWN = "unknown"


class Cause(StrEnum):
    """Why the car drives as it does: the simulator's truth, and what the policy's explanation is measured against."""

    CRUISE = "cruise"
    TURN = "turn"
    FOLLOW = "follow"
    RED_LIGHT = "red_light"
    YIELD = "yield"
    PEDESTRIAN = "pedestrian"
    CYCLIST = "cyclist"
    BLOCKED = "blocked"
    WORKS = "works"
    SCHOOL_BUS = "school_bus"
    EMERGENCY = "emergency"
    OFFICER = "officer"
    UNKNOWN_OBJECT = "unknown_object"
    PASSING = "passing"
    STOPPING = "stopping"
    STANDING = "standing"
    LEAVING_KERB = "leaving_kerb"
    ORDER_WAIT = "order_wait"
    ORDER_PULL_OVER = "order_pull_over"
    LOW_VISIBILITY = "low_visibility"
    CAMERA_FAULT = "camera_fault"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Hazard:
    """A body near the car's way. ahead_m: from the front bumper along the path to the body's nearest point (negative:
    alongside or behind); left_m: of the body's centre from the path, clear_m: between the body's outline and the
    car's swept path (0: in it); along_mps, across_mps (left +): its speed in the path's frame. `state` by kind:
    pedestrian "crossing", "waiting", "walking"; officer "stop", "go"; school bus "flashing", "dark"; emergency
    "behind", "ahead", "crossing", "parked"; vehicle "oncoming", "same", "crossing"; others ""."""

    kind: HazardKind
    ahead_m: float
    left_m: float
    clear_m: float
    along_mps: float
    across_mps: float
    length_m: float
    width_m: float
    state: str = ""
    ident: str = ""


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
    """The nearest body in the car's way. `gap_m` from the front bumper; `speed_mps` along the car's path; `ident`: the
    hazard that it is."""

    gap_m: float
    speed_mps: float
    ident: str = ""


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
    route: f8[ROUTE_POINTS, 2], the navigation's line in the car's own frame (m ahead, m left) every ROUTE_SPACING_M,
    with the error of localisation and map: what a learned policy gets in place of `path`; target_points too.
    route_stop_m: along `route` to where the car must stand, with the same error, at most ROUTE_STOP_MAX_M.
    instruction: what a person asks for, in plain English; order: what it means (privileged, None in service).
    other_ways: f8[PATH_POINTS, 5] as `path`, by the command that leads there, while an order asks for another way.
    instructed_s: world time when the instruction came. Privileged too: side, +1 where cars keep right, -1 left;
    room_left_m, from the path's line away from the kerb to where the other direction's lanes begin, and to the far edge
    of the road, the least of what lies ahead; kerb_m, how far the rear axle has to go to the kerb place where an order
    to pull over is carried out; lens, what is wrong with which camera, 0 to 1.
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
    instruction: str = ""
    hazards: tuple[Hazard, ...] = ()
    order: Order | None = None
    other_ways: Mapping[NavigationCommand, NDArray[np.float64]] = field(default_factory=dict)
    route: NDArray[np.float64] = field(default_factory=lambda: np.zeros((ROUTE_POINTS, 2)))
    weather: Weather = field(default_factory=Weather)
    platform: str = ""
    route_stop_m: float = ROUTE_STOP_MAX_M
    instructed_s: float = 0.0
    side: float = 1.0
    room_left_m: tuple[float, float] = (1.6, 1.6)
    kerb_m: float | None = None
    lens: Mapping[str, tuple[LensFault, float]] = field(default_factory=dict)
