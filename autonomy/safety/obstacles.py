"""The monitor's own list of what is around, in the frame of the lane, and what each of these may do next.

What others may do is assumed by kind, as IEEE 2846-2022 asks for: who is on foot and on its way over the lane goes on
or stops at any place; who walks beside it stops at its edge; a vehicle may brake, and gives up crossing only slowly.
"""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    STANDING = "standing"  # it will not move by itself
    VEHICLE = "vehicle"
    WALKER = "walker"
    CYCLIST = "cyclist"


@dataclass(frozen=True, slots=True)
class Obstacle:
    """A body. ahead_m: from the front bumper to its nearest point along the lane (negative: beside or behind);
    low_m, high_m: what it takes of the lane's width, left positive; along, across (left +): its speed in the lane's
    frame; crossing: it is on its way over the lane."""

    kind: Kind
    ahead_m: float
    length_m: float
    low_m: float
    high_m: float
    along_mps: float = 0.0
    across_mps: float = 0.0
    crossing: bool = False
    name: str = ""


@dataclass(frozen=True, slots=True)
class Manners:
    """What may be assumed of one kind: margin_m kept to it at the side; accel_mps2 towards the car within the response
    time; brake_mps2 with which it then ends its movement across at least; lead_brake_mps2 along."""

    margin_m: float
    accel_mps2: float
    brake_mps2: float
    lead_brake_mps2: float


MANNERS = {
    Kind.STANDING: Manners(0.1, 0.0, 10.0, 10.0),
    Kind.VEHICLE: Manners(0.2, 0.4, 1.5, 8.0),
    Kind.WALKER: Manners(0.3, 0.6, 2.0, 50.0),
    Kind.CYCLIST: Manners(0.3, 0.5, 1.5, 10.0),
}
CROSSING_BRAKE_MPS2 = 3.0  # of a vehicle on its way over the lane
HURRY = 1.25  # a walker on its way may go so much faster
HURRY_MPS = 0.3


def swept(body: Obstacle, seconds: float, response_s: float) -> tuple[float, float]:
    """Lowest and highest left_m that the body may take of the lane's width within `seconds`, its margin included."""
    manners = MANNERS[body.kind]
    right = _reach(body, -body.across_mps, seconds, response_s)
    left = _reach(body, body.across_mps, seconds, response_s)
    return body.low_m - right - manners.margin_m, body.high_m + left + manners.margin_m


def _reach(body: Obstacle, speed: float, seconds: float, response_s: float) -> float:
    """How far it may come to one side."""
    manners = MANNERS[body.kind]
    if body.kind is Kind.STANDING:
        return 0.0
    brake = manners.brake_mps2
    if body.crossing and speed > 0.2:
        if body.kind is not Kind.VEHICLE:
            return (speed * HURRY + HURRY_MPS) * seconds
        brake = CROSSING_BRAKE_MPS2
    speed = max(speed, 0.0)
    reached = speed + manners.accel_mps2 * response_s
    stop = (speed + reached) / 2 * response_s + reached * reached / (2 * brake)
    return min(stop, reached * seconds)
