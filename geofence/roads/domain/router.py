"""What a router answers, whatever computes it."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from geofence.roads.domain.graph import F8, Bool


@dataclass(frozen=True, slots=True)
class RoadPosition:
    """A place on the network: `offset_m` metres along directed edge `edge`."""

    edge: int
    offset_m: float


@dataclass(frozen=True, slots=True)
class Snapped:
    """A point moved onto the road: where, and how far it was moved."""

    position: RoadPosition
    lon: float
    lat: float
    distance_m: float


class TurnKind(StrEnum):
    """What the driver does at a turn."""

    DEPART = "depart"
    STRAIGHT = "straight"
    SLIGHT_LEFT = "slight_left"
    LEFT = "left"
    SHARP_LEFT = "sharp_left"
    SLIGHT_RIGHT = "slight_right"
    RIGHT = "right"
    SHARP_RIGHT = "sharp_right"
    U_TURN = "u_turn"
    ROUNDABOUT = "roundabout"
    ARRIVE = "arrive"


@dataclass(frozen=True, slots=True)
class Turn:
    """One line of the turn list: do `kind` after `at_m` metres, onto `name`; `angle_deg` is positive to the right."""

    kind: TurnKind
    name: str
    edge: int
    lon: float
    lat: float
    at_m: float
    time_s: float
    angle_deg: float


@dataclass(frozen=True, eq=False)
class Route:
    """A drive along `edges`, from `start_offset_m` on the first to `end_offset_m` on the last.

    `lonlat` is [P, 2] degrees; `time_s` is [P] seconds after departure at each vertex, never falling, and its last
    value is `duration_s`.
    """

    duration_s: float
    distance_m: float
    edges: tuple[int, ...]
    start_offset_m: float
    end_offset_m: float
    lonlat: F8
    time_s: F8
    turns: tuple[Turn, ...]


class Router(Protocol):
    """Fastest drives on one metric (a speed per edge and a set of allowed edges). Safe to share between threads."""

    def route(self, origin: RoadPosition, destination: RoadPosition) -> Route | None:
        """The fastest drive, or None when there is none.

        Raises ValueError for a position that is not on the network.
        """

    def travel_times(self, origins: Sequence[RoadPosition], destinations: Sequence[RoadPosition]) -> F8:
        """Seconds [len(origins), len(destinations)]; infinity where there is no way.

        Raises ValueError for a position that is not on the network.
        """

    def customised(self, speeds_mps: F8 | None = None, allowed: Bool | None = None) -> "Router":
        """A router on other speeds [E] (None: the graph's own) and only the allowed edges [E] (None: all).

        Raises ValueError for arrays of a wrong length and for speeds that are not finite and positive.
        """
