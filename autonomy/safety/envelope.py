"""The envelope: may the car go where the policy wants it, and how hard must it brake?

A way is safe while each body either lies far enough ahead to stop before it (definitions 1 and 2 of RSS), or is passed
with enough room at the side whatever it may do meanwhile (definition 6). The proposal is driven when its way is safe.
Else the car keeps to the way that was found safe before, back to its lane, or straight on beside it, whichever is the
safest, and brakes (definitions 4 and 8): at least with brake_min, harder when that does not suffice. Because the way
kept was safe when it was begun, there is a safe one at every moment while others behave as assumed.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from autonomy.safety.lane import Lane, Track
from autonomy.safety.obstacles import MANNERS, Kind, Obstacle, swept, swept_along
from autonomy.safety.rss import RssBounds, accel_bound, needed_brake_mps2, opposite_gap_m, safe_gap_m

MOVING_MPS = 0.5
LOOK_S = 6.0
STAND_OFF_M = 0.4  # kept to what the car stops for
SETTLE_S = 1.2  # how long the car may swing over its track
TIE_M = 0.05


@dataclass(frozen=True, slots=True)
class Body:
    """The car itself: speed, rear axle to the bumpers, width."""

    speed_mps: float
    front_m: float
    rear_m: float
    width_m: float
    brake_max_mps2: float


class Danger(NamedTuple):
    """spare_m: by how much the worst body keeps its distance (negative: dangerous); accel_max_mps2: the proper
    response; cause: the name of that body's kind, "" without one."""

    spare_m: float
    accel_max_mps2: float
    cause: str


FREE = Danger(float("inf"), float("inf"), "")


def danger(track: Track, bodies: Sequence[Obstacle], car: Body, rss: RssBounds, lane: Lane | None = None) -> Danger:
    """The worst that the way can meet. With the lane, vehicles are looked at more closely."""
    worst, accel = FREE, rss.accel_mps2
    for body in bodies:
        spare, bound = _spare(track, body, car, rss, lane)
        accel = min(accel, bound)
        if spare < worst.spare_m:
            worst = Danger(spare, bound, body.kind.value)
    return worst._replace(accel_max_mps2=accel)


def _spare(track: Track, body: Obstacle, car: Body, rss: RssBounds, lane: Lane | None) -> tuple[float, float]:
    """By how much the body keeps its distance along the way or lies beside it, and the bound on acceleration."""
    free = float("inf"), rss.accel_mps2
    reach = car.front_m + car.rear_m
    first, last = body.ahead_m, body.ahead_m + body.length_m
    if last + reach < 0.0:
        return free  # behind: its driver keeps the distance
    begin, end, seconds = _meeting(first, last + reach, body.along_mps, car.speed_mps)
    low, high = track.extent(begin, end, car.speed_mps * SETTLE_S)
    half = car.width_m / 2
    low, high = low - half, high + half
    taken = swept(body, seconds)
    if low >= taken[1] or high <= taken[0]:
        return free
    if lane is not None and body.kind is Kind.VEHICLE and body.speed_mps > MOVING_MPS:
        taken = swept_along(body, seconds, lane, car.front_m)
        if low >= taken[1] or high <= taken[0]:
            return free
    if first < 0.0:
        # Beside it already: braking lets it go by; only the way to the side can be wrong.
        return (0.0 if _apart(track, body, half) else -1.0), rss.accel_mps2
    gap = first - STAND_OFF_M
    bounds = replace(rss, lead_brake_max_mps2=MANNERS[body.kind].lead_brake_mps2)
    if body.along_mps < -MOVING_MPS:
        spare = gap - opposite_gap_m(car.speed_mps, -body.along_mps, bounds)
        needed = needed_brake_mps2(gap + body.along_mps * abs(body.along_mps) / (2 * rss.brake_min_mps2),
                                   car.speed_mps, 0.0, bounds)  # fmt: skip
    else:
        lead = max(body.along_mps, 0.0)
        spare = gap - safe_gap_m(car.speed_mps, lead, bounds)
        needed = needed_brake_mps2(gap, car.speed_mps, lead, bounds)
    if spare >= 0.0:
        return spare, rss.accel_mps2
    return spare, -min(max(rss.brake_min_mps2, 1.1 * needed), car.brake_max_mps2)


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
    return -min(max(rss.brake_min_mps2, needed_brake_mps2(line_m, speed_mps, 0.0, rss)), brake_max_mps2)
