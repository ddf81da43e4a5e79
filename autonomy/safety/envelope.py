"""The envelope: may the car go where the policy wants it, and how hard must it brake?

A way is safe while each body either lies far enough ahead to stop before it (definitions 1 and 2 of RSS), or is passed
with enough room at the side whatever it may do meanwhile (definition 6). The proposal is driven when its way is safe.
Else the car keeps to the way that was found safe before, back to its lane, or straight on beside it, whichever is the
safest, and brakes (definitions 4 and 8): at least with brake_min, harder when that does not suffice. Because the way
kept was safe when it was begun, there is a safe one at every moment while others behave as assumed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from autonomy.safety.lane import Lane, Track
from autonomy.safety.obstacles import MANNERS, Kind, Obstacle, swept, swept_along
from autonomy.safety.rss import RssBounds, accel_bound, needed_brake_mps2, opposite_gap_m, safe_gap_m

MOVING_MPS = 0.5
LOOK_S = 6.0
STAND_OFF_M = 0.4  # kept to what the car stops for
SETTLE_S = 1.2  # how long the car may swing over its track
TIE_M = 0.05
COMES_MPS = 0.3
NOSE_M = 1.0


@dataclass(frozen=True, slots=True)
class Body:
    """The car itself: speed, rear axle to the bumpers, width; bend: curvature that it drives by its steering (1/m)."""

    speed_mps: float
    front_m: float
    rear_m: float
    width_m: float
    brake_max_mps2: float
    bend: float = 0.0


class Danger(NamedTuple):
    """spare_m: by how much the worst body keeps its distance (negative: dangerous); accel_max_mps2: the proper
    response; needed_mps2: the braking that just suffices; cause: the name of that body's kind, "" without one."""

    spare_m: float
    accel_max_mps2: float
    needed_mps2: float
    cause: str


FREE = Danger(float("inf"), float("inf"), 0.0, "")
NEVER_MPS2 = 20.0  # no braking suffices


def danger(track: Track, bodies: Sequence[Obstacle], car: Body, rss: RssBounds, lane: Lane | None = None) -> Danger:
    """The worst that the way can meet. With the lane, vehicles are looked at more closely."""
    worst, accel, needed = FREE, rss.accel_mps2, 0.0
    for body in bodies:
        found = _danger(track, body, car, rss, lane)
        accel, needed = min(accel, found.accel_max_mps2), max(needed, found.needed_mps2)
        if found.spare_m < worst.spare_m:
            worst = found
    return Danger(worst.spare_m, accel, needed, worst.cause)


def _danger(track: Track, body: Obstacle, car: Body, rss: RssBounds, lane: Lane | None) -> Danger:
    """What one body means for the way."""
    reach = car.front_m + car.rear_m
    first, last = body.ahead_m, body.ahead_m + body.length_m
    if last + reach < 0.0 or not _meets(track, body, car, lane):
        return FREE._replace(accel_max_mps2=rss.accel_mps2)
    name = body.kind.value
    if first < 0.0:
        return _beside(track, body, car, rss)
    gap = first - STAND_OFF_M
    if body.along_mps < -MOVING_MPS:
        spare = gap - opposite_gap_m(car.speed_mps, -body.along_mps, rss)
        theirs = body.along_mps * body.along_mps / (2 * rss.brake_min_mps2)
        needed = needed_brake_mps2(gap - theirs, car.speed_mps)
    else:
        lead, brake = max(body.along_mps, 0.0), MANNERS[body.kind].lead_brake_mps2
        spare = gap - safe_gap_m(car.speed_mps, lead, rss, brake)
        needed = needed_brake_mps2(gap, car.speed_mps, lead, brake)
    if spare >= 0.0:
        return Danger(spare, rss.accel_mps2, 0.0, name)
    bound = -min(max(rss.brake_min_mps2, 1.1 * needed), car.brake_max_mps2)
    return Danger(spare, bound, min(needed, NEVER_MPS2), name)


def _meets(track: Track, body: Obstacle, car: Body, lane: Lane | None) -> bool:
    """May the car on its way and the body want the same part of the lane's width?"""
    last = body.ahead_m + body.length_m + car.front_m + car.rear_m
    begin, end, seconds = _meeting(body.ahead_m, last, body.along_mps, car.speed_mps)
    low, high = track.extent(begin, end, car.speed_mps * SETTLE_S)
    low, high = low - car.width_m / 2, high + car.width_m / 2
    taken = swept(body, seconds)
    if low >= taken[1] or high <= taken[0]:
        return False
    if lane is None or body.kind is not Kind.VEHICLE or body.speed_mps <= MOVING_MPS:
        return True
    taken = swept_along(body, seconds, lane, car.front_m)
    return low < taken[1] and high > taken[0]


def _beside(track: Track, body: Obstacle, car: Body, rss: RssBounds) -> Danger:
    """A body that the car is beside already: the way must not lead nearer; one that comes over is let in; and what the
    car has run up to without a gap is no reason to brake less."""
    name, here, half = body.kind.value, track.left_m[0], car.width_m / 2
    if body.ahead_m > -NOSE_M and here - half < body.high_m and here + half > body.low_m:
        return Danger(-1.0, -car.brake_max_mps2, NEVER_MPS2, name)
    apart = _apart(track, body, half)
    side = body.across_mps if here > (body.low_m + body.high_m) / 2 else -body.across_mps
    comes_over = side > COMES_MPS and body.along_mps > MOVING_MPS
    accel = -car.brake_max_mps2 if comes_over else rss.accel_mps2
    return Danger(0.0 if apart and not comes_over else -1.0, accel, 0.0 if apart else NEVER_MPS2, name)


def _apart(track: Track, body: Obstacle, half_m: float) -> bool:
    """Does the way keep its margin to a body beside it, or lead no nearer? What the body does is its own duty."""
    here, margin = track.left_m[0], MANNERS[body.kind].margin_m
    low, high = track.extent(0.0, body.ahead_m + body.length_m + 6.0, 0.0)
    if here >= (body.low_m + body.high_m) / 2:
        return low - half_m >= body.high_m + margin or low >= here - TIE_M
    return high + half_m <= body.low_m - margin or high <= here + TIE_M


def _meeting(first: float, last: float, along: float, speed: float) -> tuple[float, float, float]:
    """Where on its way the car is beside the body, from and to (m), and until when (s)."""
    near = max(first, 0.0)
    if along < -MOVING_MPS:
        seconds = min(last / max(speed - along, 0.5), LOOK_S)
        return 0.0, max(speed * seconds, 2.0), seconds
    if along > MOVING_MPS:
        closing = speed - along
        if closing < 0.5:
            return near, last + 2.0 * along, LOOK_S / 2
        to, past = near / closing, min(last / closing, LOOK_S)
        return near + along * min(to, LOOK_S), last + along * past, past
    return near, last, min(last / max(speed, 1.0), LOOK_S)


def junction_bound(line_m: float, speed_mps: float, rss: RssBounds, brake_max_mps2: float) -> float:
    """Bound on acceleration before a stop line that must not be passed; none for a car that can't stop any more."""
    if line_m < 0.0 or speed_mps * speed_mps / (2 * brake_max_mps2) > line_m + 1.0:
        return rss.accel_mps2
    bound = accel_bound(line_m, speed_mps, 0.0, rss)
    if bound >= 0.0:
        return bound
    return -min(max(rss.brake_min_mps2, needed_brake_mps2(line_m, speed_mps)), brake_max_mps2)
