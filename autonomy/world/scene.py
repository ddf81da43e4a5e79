"""What there is to be seen at one instant, as arrays: the world writes it, the camera renderer draws it.

Frame of reference: metres east and north in the map's projection, z up from the road; headings in radians,
counter-clockwise from east. Plain data: the renderer needs nothing of the simulation, the simulation nothing of it.
"""

from dataclasses import dataclass, field
from enum import IntEnum, IntFlag, StrEnum

import numpy as np
from numpy.typing import NDArray

F8 = NDArray[np.float64]


class BodyKind(IntEnum):
    """What a body looks like. Names follow ASAM OpenSCENARIO's categories where it has one."""

    CAR = 0
    VAN = 1
    TRUCK = 2
    BUS = 3
    SCHOOL_BUS = 4
    EMERGENCY = 5
    CYCLIST = 6
    PEDESTRIAN = 7
    OFFICER = 8
    CONE = 9
    BARRIER = 10
    SIGN_WORKS = 11
    DEBRIS = 12
    TREE = 13
    POLE = 14
    CAR_DOOR = 15
    ANIMAL = 16


class Lights(IntFlag):
    """What a body shows. STOP_ARM: a school bus's arm; GESTURE_*: an officer's arms."""

    NONE = 0
    BRAKE = 1
    LEFT = 2
    RIGHT = 4
    BEACON = 8  # blue or red flashing lights
    STOP_ARM = 16
    GESTURE_STOP = 32
    GESTURE_GO = 64
    HAZARD = 128


class LensFault(StrEnum):
    NONE = "none"
    BLACK = "black"
    FROZEN = "frozen"
    DIRT = "dirt"
    BLUR = "blur"
    SWAPPED = "swapped"  # shows another camera's picture
    GLARE = "glare"


@dataclass(frozen=True, slots=True)
class Weather:
    """rain, wet: 0 to 1; visibility_m: meteorological optical range (fog below 1000); sun_*_rad: elevation (negative:
    night) and azimuth counter-clockwise from east; cloud: 0 to 1."""

    rain: float = 0.0
    wet: float = 0.0
    visibility_m: float = 10_000.0
    sun_elevation_rad: float = 0.8
    sun_azimuth_rad: float = 2.0
    cloud: float = 0.2
    street_lights: bool = True


@dataclass(frozen=True, slots=True)
class Bodies:
    """M bodies as upright boxes: kind i8[M] (BodyKind); pose f8[M, 4]: x, y, heading of the box's centre, z of its
    bottom; size f8[M, 3]: length, width, height (m); colour u1[M, 3]; lights i8[M] (Lights); owner: car id or "" of
    each body (a car does not see itself)."""

    kind: NDArray[np.int64]
    pose: F8
    size: F8
    colour: NDArray[np.uint8]
    lights: NDArray[np.int64]
    owner: tuple[str, ...]

    @property
    def count(self) -> int:
        return len(self.kind)


@dataclass(frozen=True, slots=True)
class SignalHeads:
    """S lamps' places: pose f8[S, 4]: x, y, z of the middle, heading that they face (towards the traffic); state
    i8[S]: autonomy.world.observation.Signal (NONE: dark)."""

    pose: F8
    state: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Scene:
    """lens: fault by (car id, camera name) with its strength 0 to 1."""

    time_s: float
    bodies: Bodies
    signals: SignalHeads
    weather: Weather = field(default_factory=Weather)
    lens: dict[tuple[str, str], tuple[LensFault, float]] = field(default_factory=dict)
