"""From an observation to the monitor's plain facts: bodies in the lane's frame, the band, the lane to be judged by.

The list of bodies is the monitor's own: it comes from sensing that does not go through the policy.
"""

from collections.abc import Sequence
from math import cos, hypot, isfinite, sin, sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autonomy.safety.lane import Lane
from autonomy.safety.obstacles import Kind, Obstacle
from autonomy.world.observation import PATH_SPACING_M, Directive, Hazard, HazardKind, Observation, Signal
from autonomy.world.orders import OrderKind

F8 = NDArray[np.float64]
REAR_M = 1.15
LANE_BAND_M = 1.5
KERB_BAND_M = 3.4
SLOW_MPS = 3.0
LOOK_AHEAD_M = 70.0
BEHIND_M = 25.0
BEND_MPS2 = 3.5
BEND_BRAKE_MPS2 = 3.0
OTHER_WAY_M = 2.0

_WALKERS = frozenset({HazardKind.PEDESTRIAN, HazardKind.OFFICER})
_STANDING = frozenset({HazardKind.PARKED, HazardKind.BLOCKING, HazardKind.WORKS, HazardKind.UNKNOWN})
_KERB_ORDERS = frozenset({OrderKind.PULL_OVER, OrderKind.PULL_OVER_PAST_CROSSING})
_PASS_ORDERS = frozenset({OrderKind.PASS_LEFT, OrderKind.WAIT_THEN_PASS_LEFT})


def bodies_of(seen: Observation) -> list[Obstacle]:
    """Everything near the path, the leader included."""
    half = seen.ego.width_m / 2
    bodies = [obstacle_of(hazard, half) for hazard in seen.hazards]
    leader = seen.leader
    if leader is not None and not any(
        abs(hazard.ahead_m - leader.gap_m) < 3.0 and abs(hazard.left_m) < 4.0 for hazard in seen.hazards
    ):
        kind = Kind.VEHICLE if leader.speed_mps > 0.3 else Kind.STANDING
        bodies.append(Obstacle(kind, leader.gap_m, 4.5, -1.0, 1.0, leader.speed_mps, name="leader"))
    return bodies


def obstacle_of(hazard: Hazard, half_width_m: float) -> Obstacle:
    """`half_width_m`: of the car, for what lies beside its way is measured from there."""
    speed = hypot(hazard.along_mps, hazard.across_mps)
    across = _lies_across(hazard, speed)
    half = _half_wide(hazard, speed, across)
    if hazard.clear_m > 0.0:
        half = min(half, max(abs(hazard.left_m) - half_width_m - hazard.clear_m, 0.1))
    return Obstacle(
        kind=_kind(hazard, speed),
        ahead_m=hazard.ahead_m,
        length_m=2 * _half_long(hazard, speed, across),
        low_m=hazard.left_m - half,
        high_m=hazard.left_m + half,
        along_mps=hazard.along_mps,
        across_mps=hazard.across_mps,
        crossing=hazard.state == "crossing" or (speed > 0.5 and abs(hazard.across_mps) > abs(hazard.along_mps)),
        name=hazard.kind.value,
        slim_m=hazard.width_m / 2,
    )


def _kind(hazard: Hazard, speed: float) -> Kind:
    if hazard.kind in _WALKERS:
        return Kind.WALKER
    if hazard.kind is HazardKind.CYCLIST:
        return Kind.CYCLIST
    if hazard.kind in _STANDING:
        return Kind.STANDING if speed < 0.3 else Kind.WALKER
    return Kind.VEHICLE


def _lies_across(hazard: Hazard, speed: float) -> bool:
    return abs(hazard.across_mps) > abs(hazard.along_mps) if speed > 0.3 else hazard.state == "crossing"


def _half_wide(hazard: Hazard, speed: float, across: bool) -> float:
    """Half of what it takes of the lane's width, by the direction in which it moves."""
    if speed > 0.3:
        c, s = abs(hazard.along_mps) / speed, abs(hazard.across_mps) / speed
        return (hazard.length_m * s + hazard.width_m * c) / 2
    return (hazard.length_m if across else hazard.width_m) / 2


def _half_long(hazard: Hazard, speed: float, across: bool) -> float:
    if speed > 0.3:
        c, s = abs(hazard.along_mps) / speed, abs(hazard.across_mps) / speed
        return (hazard.length_m * c + hazard.width_m * s) / 2
    return (hazard.width_m if across else hazard.length_m) / 2


def band_of(seen: Observation, bodies: Sequence[Obstacle]) -> tuple[float, float]:
    """What of the lane's width the rear axle may take: (low, high), left positive.

    Its lane; away from the kerb up to the road's edge while something that stands or is slow is in the lane or an order
    asks to pass; to the kerb when it is to stop there or an emergency vehicle comes.
    """
    order = None if seen.order is None else seen.order.kind
    passes = order in _PASS_ORDERS or any(
        -BEHIND_M < body.ahead_m < LOOK_AHEAD_M
        and abs(body.along_mps) < SLOW_MPS + (3.0 if body.kind is Kind.CYCLIST else 0.0)
        and body.high_m > -2.2
        and body.low_m < 2.2
        for body in bodies
    )
    parks = (
        order in _KERB_ORDERS
        or seen.directive is not Directive.DRIVE
        or (seen.stop is not None and seen.stop.at_kerb and seen.stop.distance_m < LOOK_AHEAD_M)
        or any(hazard.kind is HazardKind.EMERGENCY for hazard in seen.hazards)
    )
    away = max(seen.room_left_m[1] - seen.ego.width_m / 2 + 0.3, LANE_BAND_M) if passes else LANE_BAND_M
    kerb = KERB_BAND_M if parks or passes else LANE_BAND_M
    return (-kerb, away) if seen.side > 0 else (-away, kerb)


def closed_line_m(seen: Observation) -> float | None:
    """To the line of a junction without lights that the car may not enter; lights are the policy's own to obey."""
    junction = seen.junction
    if junction is None or junction.may_enter or junction.signal is not Signal.NONE:
        return None
    return junction.line_m


def bend_speed_mps(path: F8, spacing_m: float = PATH_SPACING_M) -> float:
    """The speed from which every bend ahead can still be driven; none without a path that is known. path: f8[k, 5], its
    column 3 the curvature."""
    ahead = spacing_m * np.arange(len(path))
    squares = BEND_MPS2 / np.maximum(np.abs(path[:, 3]), 1e-4) + 2 * BEND_BRAKE_MPS2 * ahead
    least = float(squares.min())
    return sqrt(least) if isfinite(least) else float("inf")


def way_of(seen: Observation, rows: Sequence[Sequence[float]] | None) -> tuple[list[Any], bool]:
    """The lane to judge by, rows x, y, heading, ...: the path, or the other way that an order asked for and the
    trajectory takes. True for another way."""
    path: list[Any] = seen.path.tolist()
    if not seen.other_ways or not rows:
        return path, False
    ways = [path, *(way.tolist() for way in seen.other_ways.values())]
    off = [_off(way, rows) for way in ways]
    best = min(range(len(ways)), key=lambda k: off[k])
    return (ways[best], True) if off[0] > OTHER_WAY_M and best > 0 else (path, False)


def _off(way: list[Any], rows: Sequence[Sequence[float]]) -> float:
    lane, near, worst = Lane(way, PATH_SPACING_M), 0, 0.0
    for row in rows:
        place, near = lane.locate(row[0], row[1], row[2], near)
        worst = max(worst, abs(place.left_m))
    return worst


def on_other_way(seen: Observation, bodies: Sequence[Obstacle], way: list[Any]) -> list[Obstacle]:
    """The bodies in the frame of another way."""
    own, other = Lane(seen.path.tolist(), PATH_SPACING_M), Lane(way, PATH_SPACING_M)
    front, result = seen.ego.front_m, []
    for body in bodies:
        middle = (body.low_m + body.high_m) / 2
        x, y, heading = own.point(body.ahead_m + front + body.length_m / 2, middle)
        place = min((other.locate(x, y, heading, near)[0] for near in (0, 10, 20, 30)), key=lambda p: abs(p.left_m))
        c, s = cos(place.heading_rad), sin(place.heading_rad)
        wide, long = (body.high_m - body.low_m) / 2, body.length_m / 2
        half_long, half_wide = abs(long * c) + abs(wide * s), abs(long * s) + abs(wide * c)
        result.append(
            Obstacle(
                body.kind,
                place.s_m - front - half_long,
                2 * half_long,
                place.left_m - half_wide,
                place.left_m + half_wide,
                body.along_mps * c - body.across_mps * s,
                body.along_mps * s + body.across_mps * c,
                body.crossing,
                body.name,
                body.slim_m,
            )
        )
    return result
