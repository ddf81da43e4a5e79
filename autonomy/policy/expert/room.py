"""Standing and slow things on the way: pass within the lane, pass over the other lane when it is free, or stop."""

from dataclasses import dataclass

from autonomy.policy.expert.judgement import Judgement
from autonomy.policy.expert.sideways import Shift
from autonomy.world.observation import Cause, Hazard, HazardKind, Observation, Signal
from autonomy.world.orders import OrderKind

SIDE_BY_SIDE_M = 0.3  # kept from the edge of the road, or of the own lanes
BEFORE_M = 1.5
BEHIND_M = 1.5
PASS_RAMP_M = 14.0
PASS_MPS = 6.0
MEAN_PASS_MPS = 4.5
COMMITTED_M = 6.0
PASSES = frozenset({OrderKind.PASS_LEFT, OrderKind.WAIT_THEN_PASS_LEFT})
WAIT_FIRST_S = 3.0
LANE_M = 1.625
LITTLE_M = 0.7  # so far over the middle line nobody needs to be asked
SHOWN = frozenset({Cause.WORKS, Cause.EMERGENCY})  # passing these is told by what is passed


@dataclass(frozen=True, slots=True)
class Custom:
    """How a kind of thing is treated: wanted and least distance beside it, where to stop behind it, the speed beside
    it, and whether the other lane may be used without an order."""

    cause: Cause
    beside_m: float
    least_m: float
    behind_m: float
    speed_mps: float
    other_lane: bool


CUSTOMS: dict[HazardKind, Custom] = {
    HazardKind.PARKED: Custom(Cause.PASSING, 0.9, 0.45, 8.0, 8.0, True),
    HazardKind.BLOCKING: Custom(Cause.BLOCKED, 0.9, 0.6, 9.0, 6.0, False),
    HazardKind.WORKS: Custom(Cause.WORKS, 0.8, 0.4, 9.0, 6.0, True),
    HazardKind.UNKNOWN: Custom(Cause.UNKNOWN_OBJECT, 0.9, 0.5, 8.0, 5.0, False),
    HazardKind.EMERGENCY: Custom(Cause.EMERGENCY, 1.2, 0.7, 10.0, 5.0, True),
    HazardKind.PEDESTRIAN: Custom(Cause.PEDESTRIAN, 0.8, 0.25, 3.0, 3.0, False),
    HazardKind.CYCLIST: Custom(Cause.CYCLIST, 1.5, 1.5, 5.0, 20.0, True),
}


def edges_of(hazard: Hazard, half_m: float) -> tuple[float, float]:
    """Its right and left outline (m left of the path); `clear_m` knows better than the width of a turned body."""
    low, high = hazard.left_m - hazard.width_m / 2, hazard.left_m + hazard.width_m / 2
    if hazard.clear_m > 0:
        if hazard.left_m < 0:
            high = -hazard.clear_m - half_m
        else:
            low = hazard.clear_m + half_m
    return low, high


def clear_at(hazard: Hazard, offset_m: float, half_m: float) -> float:
    """Between its outline and the car's body if the car drives `offset_m` to the left of the path (0: in the way)."""
    low, high = edges_of(hazard, half_m)
    return max(low - offset_m - half_m, offset_m - half_m - high, 0.0)


def stands_in_way(hazard: Hazard) -> bool:
    if hazard.kind is HazardKind.EMERGENCY:
        return hazard.state == "parked"
    if hazard.kind is HazardKind.CYCLIST:
        return 0.2 < hazard.along_mps < 7.0 and abs(hazard.across_mps) < 1.0
    if hazard.kind is HazardKind.PEDESTRIAN:  # who stands beside the lane and does not want to cross
        return hazard.state == "walking" and hazard.clear_m > 0.02 and stands(hazard)
    return hazard.kind in CUSTOMS and stands(hazard)


def stands(hazard: Hazard) -> bool:
    return abs(hazard.along_mps) < 0.5 and abs(hazard.across_mps) < 0.5


def pass_or_stop(seen: Observation, judged: Judgement) -> list[Hazard]:
    """Ways round things, stops behind those that can't be passed. Returns the hazards that are dealt with by a way
    round them."""
    passed = []
    for hazard in seen.hazards:
        behind = 35.0 if hazard.along_mps > 0.2 else 3.0  # the way back to the lane is measured from what moves
        if stands_in_way(hazard) and hazard.ahead_m + hazard.length_m > -seen.ego.front_m - behind:
            custom = CUSTOMS[hazard.kind]
            if _pass(seen, judged, hazard, custom):
                passed.append(hazard)
    return passed


def _pass(seen: Observation, judged: Judgement, hazard: Hazard, custom: Custom) -> bool:
    """Is the thing dealt with by a way round it (or no way needed)?"""
    half = seen.ego.width_m / 2
    beside = clear_at(hazard, 0.0, half)
    if beside >= custom.beside_m:
        return True
    low, high = edges_of(hazard, half)
    away = seen.side  # to the left where cars keep right
    edge = high if away > 0 else -low
    least, comfortable = edge + custom.least_m + half, edge + custom.beside_m + half
    own_m = min(seen.room_left_m[0], LANE_M) if not custom.other_lane else seen.room_left_m[0]
    own = own_m - half - 0.1  # round some things nobody drives unasked, on wide roads neither
    whole = seen.room_left_m[1] - half - SIDE_BY_SIDE_M
    inner = -(low if away > 0 else -high) + custom.least_m + half  # towards the kerb instead
    if hazard.left_m * away > 0.6 and inner <= 0.7:
        judged.shifts.append(_shift(seen, hazard, -away * max(inner, 0.0), custom))
        judged.slow(custom.cause, max(custom.speed_mps, 4.0))
        return True
    if least <= max(own, 0.0):
        offset = min(comfortable, max(own, 0.0))
        judged.shifts.append(_shift(seen, hazard, away * max(offset, 0.0), custom))
        _slow_beside(seen, judged, hazard, custom)
        return True
    return _over_the_other_lane(seen, judged, hazard, custom, _reach(least, comfortable, own, whole))


def _over_the_other_lane(
    seen: Observation, judged: Judgement, hazard: Hazard, custom: Custom, offset_m: float | None
) -> bool:
    ordered = seen.order is not None and seen.order.kind in PASSES
    out = seen.ego.lateral_m * seen.side
    if hazard.kind is HazardKind.PEDESTRIAN or (hazard.kind is HazardKind.CYCLIST and not _passable(seen, hazard)):
        return False
    little = offset_m is not None and offset_m <= min(seen.room_left_m[0], LANE_M) - seen.ego.width_m / 2 + LITTLE_M
    if offset_m is not None and (custom.other_lane or ordered or little):
        shift = _shift(seen, hazard, seen.side * offset_m, custom)
        committed = out > 0.5 * offset_m and hazard.ahead_m < COMMITTED_M
        if committed or (_waited(seen) and _is_free(seen, hazard, shift)):
            judged.shifts.append(shift)
            if hazard.ahead_m < 35.0:
                judged.slow(
                    custom.cause if custom.cause in SHOWN else Cause.PASSING, PASS_MPS + max(hazard.along_mps, 0.0)
                )
            return True
    if hazard.kind is HazardKind.CYCLIST:
        return False  # followed like any leader
    cause = Cause.PASSING if ordered and offset_m is not None and hazard.ahead_m < 30.0 else custom.cause
    cause = Cause.BLOCKED if cause is Cause.PASSING and not ordered else cause
    if ordered and not _waited(seen):
        cause = Cause.ORDER_WAIT
    judged.stand(cause, place_behind(seen, hazard.ahead_m, custom.behind_m))
    judged.held[hazard.ident] = cause
    if not ordered and not ((custom.other_lane or little) and offset_m is not None):
        judged.ask(custom.cause, hazard.ahead_m)
    return False


def _passable(seen: Observation, hazard: Hazard) -> bool:
    """Nobody passes a cyclist in or before a junction, nor one who turns off."""
    line = seen.junction
    if seen.box_left_m > 0 or (line is not None and line.line_m < hazard.ahead_m + 35.0):
        return False
    return hazard.across_mps * seen.side < 0.5


def _reach(least: float, comfortable: float, own: float, whole: float) -> float | None:
    """How far over: in comfort where there is room, the least where it then is only a little over the middle line."""
    if least > whole:
        return None
    return least if least <= own + LITTLE_M else min(comfortable, whole)


def _waited(seen: Observation) -> bool:
    order = seen.order
    waits = order is not None and order.kind is OrderKind.WAIT_THEN_PASS_LEFT
    return not waits or order is None or seen.time_s - order.given_s > WAIT_FIRST_S


def place_behind(seen: Observation, ahead_m: float, gap_m: float, brake_mps2: float = 3.5) -> float:
    """Where to stand: `gap_m` behind if that can be done without braking hard, else nearer, but not within 2.5 m."""
    speed = seen.ego.speed_mps
    return max(ahead_m - gap_m, min(speed * speed / (2 * brake_mps2), ahead_m - 2.5), 0.0)


def _shift(seen: Observation, hazard: Hazard, left_m: float, custom: Custom) -> Shift:
    ego = seen.ego
    speed = ego.speed_mps
    ramp = max(PASS_RAMP_M, speed * (5.77 * max(abs(left_m), 0.1) / 1.4) ** 0.5)
    ahead, length = hazard.ahead_m, hazard.length_m
    if hazard.along_mps > 0.2:  # it drives on while it is passed
        takes = min(max(speed - hazard.along_mps, 1.0), 20.0)
        length += hazard.along_mps * min((max(ahead, 0.0) + length + ego.front_m + 3.0) / takes, 12.0)
    start, end = ahead - BEFORE_M, ahead + ego.front_m + length + BEHIND_M
    return Shift(left_m, start, end, ramp, max(ramp, PASS_RAMP_M))


def _slow_beside(seen: Observation, judged: Judgement, hazard: Hazard, custom: Custom) -> None:
    """Near a thing the car is slower, the nearer the slower; braking begins in time."""
    limit = custom.speed_mps
    room = max(hazard.ahead_m - BEFORE_M, 0.0)
    judged.slow(custom.cause, (limit * limit + 2 * 1.2 * room) ** 0.5)


def _is_free(seen: Observation, hazard: Hazard, shift: Shift) -> bool:
    """Nobody comes towards, stands or walks on the stretch of the other lane that is needed, no junction lies in it."""
    ego, half = seen.ego, seen.ego.width_m / 2
    speed = MEAN_PASS_MPS + 0.5 * max(hazard.along_mps, 0.0)  # not its own of now, lest the answer changes with it
    reach = shift.end_m + 0.7 * shift.ramp_out_m
    begun = ego.lateral_m * seen.side > 0.3  # who has begun to pull out does not waver
    takes_s = reach / speed + (0.3 if begun else 1.3)
    spare_m = 4.0 if begun else 9.0
    for other in seen.hazards:
        if other is hazard or clear_at(other, shift.left_m, half) > 0.7:
            continue
        if other.ahead_m < -2.0 and other.along_mps < ego.speed_mps + 1.0:
            continue
        if other.ahead_m < 0 and other.along_mps > 2.0:  # somebody passes this car
            return False
        closing = max(-other.along_mps, 0.0)
        if 0 <= other.ahead_m < reach + ego.front_m + spare_m + closing * takes_s and other.along_mps < 2.0:
            return False
    line = seen.junction
    return line is None or line.line_m > reach or (line.may_enter and line.signal is not Signal.RED) or line.line_m < 0
