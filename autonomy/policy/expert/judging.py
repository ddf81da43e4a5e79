"""All duties in their order: what one observation asks of the driver."""

from autonomy.policy.expert.asked import KERB_M, obey
from autonomy.policy.expert.duties import drivers, emergencies, officers, people, rest_in_lane, school_buses
from autonomy.policy.expert.judgement import Judgement
from autonomy.policy.expert.manner import BEFORE_LINE_M, Manner
from autonomy.policy.expert.room import pass_or_stop
from autonomy.policy.expert.sideways import Shift
from autonomy.policy.expert.sight import look
from autonomy.world.observation import Cause, Directive, Hazard, HazardKind, LeaderAhead, Observation, Signal

LEADER_OF: dict[HazardKind, Cause] = {
    HazardKind.PEDESTRIAN: Cause.PEDESTRIAN,
    HazardKind.CYCLIST: Cause.CYCLIST,
    HazardKind.PARKED: Cause.BLOCKED,
    HazardKind.BLOCKING: Cause.BLOCKED,
    HazardKind.WORKS: Cause.WORKS,
    HazardKind.SCHOOL_BUS: Cause.FOLLOW,
    HazardKind.EMERGENCY: Cause.EMERGENCY,
    HazardKind.OFFICER: Cause.OFFICER,
    HazardKind.UNKNOWN: Cause.UNKNOWN_OBJECT,
}
SAME_M = 2.5


def judge(seen: Observation, manner: Manner) -> Judgement:
    """Duties, then orders: an order never takes a duty away."""
    judged = Judgement(seen.path)
    passed: list[Hazard] = []
    by_officer = False
    if seen.hazards:
        passed = pass_or_stop(seen, judged)
        offset = _offset(judged.shifts)
        people(seen, judged, offset)
        drivers(seen, judged, offset, passed)
        school_buses(seen, judged)
        emergencies(seen, judged)
        by_officer = officers(seen, judged)
    look(seen, judged)
    obey(seen, judged)
    _road(seen, judged, manner, by_officer=by_officer)
    _leader(seen, judged, passed)
    return judged


def _offset(shifts: list[Shift]) -> float:
    """The offset of the way at the thing that is passed next."""
    ahead = [shift for shift in shifts if shift.end_m > 0]
    return min(ahead, key=lambda shift: shift.start_m).left_m if ahead else 0.0


def _road(seen: Observation, judged: Judgement, manner: Manner, *, by_officer: bool) -> None:
    if seen.stop is not None:
        judged.stand(Cause.STOPPING, seen.stop.distance_m)
    line = seen.junction
    if line is not None and not line.may_enter and not by_officer:
        red = line.signal in (Signal.RED, Signal.AMBER)
        judged.stand(Cause.RED_LIGHT if red else Cause.YIELD, line.line_m - BEFORE_LINE_M)
    if seen.directive is Directive.HOLD:
        judged.stand(Cause.ORDER_WAIT, rest_in_lane(seen, manner.brake_mps2))
    elif seen.directive is Directive.PULL_OVER:
        judged.told = judged.told or Cause.ORDER_PULL_OVER
    if not seen.may_leave_kerb or _comes_from_behind(seen):
        judged.stand(Cause.LEAVING_KERB, 0.0)


def _comes_from_behind(seen: Observation) -> bool:
    """Standing at the kerb beside its way (after an order to pull over), with somebody coming up in the lane?"""
    ego = seen.ego
    if ego.speed_mps > 0.5 or -ego.lateral_m * seen.side < KERB_M / 2:
        return False
    return any(
        hazard.kind in (HazardKind.VEHICLE, HazardKind.CYCLIST, HazardKind.EMERGENCY)
        and hazard.clear_m < 0.5
        and hazard.along_mps > 1.0
        and -hazard.along_mps * 4.0 - 10.0 < hazard.ahead_m < 0.0
        for hazard in seen.hazards
    )


def _leader(seen: Observation, judged: Judgement, passed: list[Hazard]) -> None:
    """The world's leader on the path, unless the car drives round it; told by what it is."""
    leader = seen.leader
    if leader is None:
        return
    cause = Cause.FOLLOW
    hazard = _what_leads(seen, leader)
    if hazard is not None:
        if hazard in passed:
            return
        cause = judged.held.get(hazard.ident) or LEADER_OF.get(hazard.kind, cause)
        if hazard.kind is HazardKind.VEHICLE and hazard.state == "crossing":
            cause = Cause.YIELD
        elif hazard.kind is HazardKind.SCHOOL_BUS and hazard.state == "flashing":
            cause = Cause.SCHOOL_BUS
    judged.follow(cause, leader.gap_m, leader.speed_mps)


def _what_leads(seen: Observation, leader: LeaderAhead) -> Hazard | None:
    """The hazard that the leader is: by its name, else (in observations without names) by place and speed."""
    if leader.ident:
        return next((hazard for hazard in seen.hazards if hazard.ident == leader.ident), None)
    for hazard in seen.hazards:
        near = hazard.ahead_m - SAME_M < leader.gap_m < max(hazard.ahead_m, -0.5) + SAME_M
        if near and abs(max(hazard.along_mps, 0.0) - leader.speed_mps) < 1.5 and hazard.clear_m < 1.0:
            return hazard
    return None
