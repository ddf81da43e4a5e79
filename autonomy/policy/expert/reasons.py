"""Why the car drives as it does: of all demands the one that holds it back most, else what it is doing."""

from autonomy.policy.expert.judgement import Judgement, Need
from autonomy.policy.expert.manner import Manner
from autonomy.policy.expert.room import SHOWN
from autonomy.world.observation import PATH_SPACING_M, Cause, NavigationCommand, Observation

HOLDS_MPS2 = 0.5
TURNS = frozenset({NavigationCommand.LEFT, NavigationCommand.RIGHT, NavigationCommand.TURN_ROUND})
TURN_BEND = 0.04
SOON_M = 16.0


def reason(seen: Observation, judged: Judgement, manner: Manner) -> Cause:
    """The cause that the car's motion over the next seconds has."""
    if judged.told is Cause.REFUSED:
        return Cause.REFUSED
    pressing = max(
        [(_stop_pressure(seen, need), need.cause) for need in judged.stops]
        + [(_leader_pressure(seen, need, manner), need.cause) for need in judged.leaders],
        default=(0.0, Cause.CRUISE),
        key=lambda entry: entry[0],
    )
    if pressing[0] > HOLDS_MPS2:
        return _of_stop(seen, pressing[1])
    return judged.told or _of_way(seen, judged)


def _of_way(seen: Observation, judged: Judgement) -> Cause:
    """Nothing holds the car back: what its way and its speed are for."""
    capped = judged.cap_mps < float(seen.path[0, 4]) - 0.3 and seen.ego.speed_mps > judged.cap_mps - 1.0
    out = abs(seen.ego.lateral_m) > 0.6 and seen.ego.lateral_m * seen.side > 0
    if judged.shifts and (out or min(shift.start_m - shift.ramp_in_m for shift in judged.shifts) < 6.0):
        around = judged.cap_cause
        return around if around in SHOWN else Cause.PASSING
    if capped and judged.cap_cause is not Cause.CRUISE:
        return judged.cap_cause
    if seen.navigation in TURNS and _bends(seen):
        return Cause.TURN
    return Cause.CRUISE


def _of_stop(seen: Observation, cause: Cause) -> Cause:
    standing = cause is Cause.STOPPING and seen.ego.speed_mps < 0.1
    return Cause.STANDING if standing else cause


def _stop_pressure(seen: Observation, need: Need) -> float:
    """The braking that the stop asks for, m/s²; who stands at it is held by it whatever the arithmetic says."""
    speed = seen.ego.speed_mps
    if need.room_m < 2.0 and speed < 1.5:
        return 10.0 - need.room_m
    return speed * speed / (2 * max(need.room_m, 0.3)) if need.room_m < 60.0 else 0.0


def _leader_pressure(seen: Observation, need: Need, manner: Manner) -> float:
    """By how much the leader alone slows the car, in the terms of the Intelligent Driver Model, m/s²."""
    speed = seen.ego.speed_mps
    closing = speed * (speed - need.speed_mps) / (2 * (manner.accel_mps2 * manner.brake_mps2) ** 0.5)
    wish = manner.gap_m + max(0.0, speed * manner.headway_s + closing)
    share = wish / max(need.room_m, 0.3)
    return float(manner.accel_mps2 * min(share * share, 6.0))


def _bends(seen: Observation) -> bool:
    rows = int(SOON_M / PATH_SPACING_M)
    return bool((abs(seen.path[:rows, 3]) > TURN_BEND).any())
