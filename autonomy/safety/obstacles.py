"""The monitor's own list of what is around, in the frame of the lane, and what each of these may do next.

What others may do is assumed by kind, as IEEE 2846-2022 asks for: who is on foot and on its way over the lane goes on
or stops at any place; who walks beside it stops at its edge; a vehicle may brake, and gives up crossing only slowly.
"""

from dataclasses import dataclass
from enum import StrEnum
from math import atan2, cos, hypot, sin

from autonomy.safety.lane import Lane


class Kind(StrEnum):
    STANDING = "standing"  # it will not move by itself
    VEHICLE = "vehicle"
    WALKER = "walker"
    CYCLIST = "cyclist"


@dataclass(frozen=True, slots=True)
class Obstacle:
    """A body. ahead_m: from the front bumper to its nearest point along the lane (negative: beside or behind);
    low_m, high_m: what it takes of the lane's width, left positive; along, across (left +): its speed in the lane's
    frame; crossing: it is on its way over the lane; slim_m: half its width across its own heading."""

    kind: Kind
    ahead_m: float
    length_m: float
    low_m: float
    high_m: float
    along_mps: float = 0.0
    across_mps: float = 0.0
    crossing: bool = False
    name: str = ""
    slim_m: float = 1.0

    @property
    def speed_mps(self) -> float:
        return hypot(self.along_mps, self.across_mps)


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
    Kind.VEHICLE: Manners(0.2, 0.4, 2.0, 8.0),
    Kind.WALKER: Manners(0.3, 0.6, 2.0, 50.0),
    Kind.CYCLIST: Manners(0.3, 0.5, 1.5, 10.0),
}
GIVE_WAY_MPS2 = 4.0  # with which a vehicle on its way towards the lane stops before it
RESPONSE_S = 0.1  # of others: who gives way has begun to
HURRY = 1.2  # a walker on its way may go so much faster
HURRY_MPS = 0.2
PARTS = (0.25, 0.5, 0.75, 1.0)


def swept(body: Obstacle, seconds: float) -> tuple[float, float]:
    """Lowest and highest left_m that the body may take of the lane's width within `seconds`, its margin included."""
    margin = MANNERS[body.kind].margin_m
    right, left = _reach(body, -body.across_mps, seconds), _reach(body, body.across_mps, seconds)
    return body.low_m - right - margin, body.high_m + left + margin


def swept_along(body: Obstacle, seconds: float, lane: Lane, front_m: float) -> tuple[float, float]:
    """The same for a moving vehicle, looked at more closely. One that goes along the lane turns into its own as it
    stops its movement to the side, and takes less of the width then; of one that crosses the way is followed straight
    on until it could stand, on a lane that may bend."""
    margin = MANNERS[body.kind].margin_m
    middle = (body.low_m + body.high_m) / 2
    if not body.crossing:
        right, left = _reach(body, -body.across_mps, seconds), _reach(body, body.across_mps, seconds)
        low, high = middle - right - body.slim_m, middle + left + body.slim_m
        return min(body.low_m, low) - margin, max(body.high_m, high) + margin
    stop = _reach(body, body.speed_mps, seconds)
    x, y, heading = lane.point(body.ahead_m + front_m + body.length_m / 2, middle)
    heading += atan2(body.across_mps, body.along_mps)
    low, high, near = body.low_m, body.high_m, lane.row_at(body.ahead_m + front_m)
    for part in PARTS:
        place, near = lane.locate(*_onward(x, y, heading, part * stop), near)
        half = body.slim_m + abs(sin(place.heading_rad)) * body.length_m / 4 * (1.0 - part)
        low, high = min(low, place.left_m - half), max(high, place.left_m + half)
    return low - margin, high + margin


def _onward(x: float, y: float, heading: float, metres: float) -> tuple[float, float, float]:
    return x + metres * cos(heading), y + metres * sin(heading), heading


def _reach(body: Obstacle, speed: float, seconds: float) -> float:
    """How far it may come to one side."""
    manners = MANNERS[body.kind]
    if body.kind is Kind.STANDING:
        return 0.0
    brake = manners.brake_mps2
    if body.crossing and speed > 0.2:
        if body.kind is not Kind.VEHICLE:
            return (speed * HURRY + HURRY_MPS) * seconds
        brake = GIVE_WAY_MPS2
    speed = max(speed, 0.0)
    reached = speed + manners.accel_mps2 * RESPONSE_S
    stop = (speed + reached) / 2 * RESPONSE_S + reached * reached / (2 * brake)
    return min(stop, reached * seconds)
