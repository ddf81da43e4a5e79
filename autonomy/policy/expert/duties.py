"""Duties towards others on the road: people on foot, cyclists, other drivers, school buses, emergency vehicles and
officers."""

from autonomy.policy.expert.judgement import Judgement
from autonomy.policy.expert.room import clear_at, place_behind, stands
from autonomy.policy.expert.sideways import Shift
from autonomy.world.observation import Cause, Hazard, HazardKind, Observation

AHEAD_S = 6.0
WALK_GAP_M = 3.0
ASIDE_M = 0.9
CREEP_MPS = 4.0
CAUSE_OF = {
    HazardKind.PEDESTRIAN: Cause.PEDESTRIAN,
    HazardKind.CYCLIST: Cause.CYCLIST,
    HazardKind.UNKNOWN: Cause.UNKNOWN_OBJECT,
}
BESIDE_M = 3.5
WAITING_M = 5.0  # who waits at the far kerb of a lane stands so far off


def people(seen: Observation, judged: Judgement, offset_m: float) -> None:
    """Stop for who is on the way or will be, slow for who is near it. `offset_m`: the car's way beside the path."""
    half = seen.ego.width_m / 2
    for hazard in seen.hazards:
        if hazard.kind is HazardKind.PEDESTRIAN or _crosses(hazard):
            _yield_to(seen, judged, hazard, clear_at(hazard, offset_m, half), offset_m)


def _crosses(hazard: Hazard) -> bool:
    if hazard.kind is HazardKind.UNKNOWN:  # an animal, a ball
        return abs(hazard.across_mps) > 0.3
    return hazard.kind is HazardKind.CYCLIST and abs(hazard.across_mps) > 0.8


def _yield_to(seen: Observation, judged: Judgement, hazard: Hazard, clear_m: float, offset_m: float) -> None:
    ahead, speed = hazard.ahead_m, seen.ego.speed_mps
    cause = CAUSE_OF[hazard.kind]
    towards = -hazard.across_mps if hazard.left_m > offset_m else hazard.across_mps
    if ahead < -0.5 or ahead > 60.0:
        beside = -BESIDE_M < ahead < 0 and clear_m < 0.5 and towards > -0.2
        if beside and speed < 3.0:  # before the mudguard: do not start
            judged.stand(cause, 0.0)
        return
    arrives_s = ahead / max(speed, 2.0)
    if clear_m > 0.4:
        if hazard.state == "waiting":
            if clear_m < WAITING_M and not _has_green(seen, ahead):
                _stop_before(seen, judged, hazard, cause)
            return
        if towards > 0.25:
            enters_s = clear_m / towards
            leaves_s = (clear_m + seen.ego.width_m + hazard.width_m) / towards
            soon = enters_s < max(arrives_s + 2.5, 3.0) and enters_s < AHEAD_S
            if soon and leaves_s > arrives_s - 2.5:
                _stop_before(seen, judged, hazard, cause)
                return
        if clear_m < 1.0 and ahead < 30.0 and hazard.state != "walking":
            judged.slow(cause, (5.0**2 + 2 * 1.5 * ahead) ** 0.5)
        return
    if clear_m > 0.1 and hazard.state == "walking" and stands(hazard):
        judged.slow(cause, (2.0**2 + 2 * 1.5 * max(ahead - 1.0, 0.0)) ** 0.5)
        return
    leaves_s = (seen.ego.width_m + 0.8 + abs(hazard.left_m - offset_m)) / max(abs(hazard.across_mps), 0.05)
    if leaves_s > arrives_s - 2.0:
        _stop_before(seen, judged, hazard, cause)
    else:
        judged.slow(cause, (5.0**2 + 2 * 1.5 * ahead) ** 0.5)


def _stop_before(seen: Observation, judged: Judgement, hazard: Hazard, cause: Cause) -> None:
    speed = seen.ego.speed_mps
    room = max(hazard.ahead_m - WALK_GAP_M, min(speed * speed / (2 * 4.0), hazard.ahead_m - 1.0), 0.0)
    line = seen.junction
    if line is not None and 0.5 < line.line_m < hazard.ahead_m and speed * speed / (2 * 3.5) < line.line_m:
        room = min(room, line.line_m - 0.7)  # not in the junction nor on the crossing
    judged.stand(cause, room)


def _has_green(seen: Observation, ahead_m: float) -> bool:
    """Do the people who wait there have red because the car has green (or is past its light)?"""
    line = seen.junction
    return seen.box_left_m > 0 or (line is not None and int(line.signal) != 0 and line.line_m < ahead_m + 4.0)


def drivers(seen: Observation, judged: Judgement, offset_m: float, skip: list[Hazard]) -> None:
    """Follow what drives ahead, also what is about to cut in; stand for what comes on the own lane."""
    half, speed = seen.ego.width_m / 2, seen.ego.speed_mps
    for hazard in seen.hazards:
        if hazard in skip or hazard.kind not in (HazardKind.VEHICLE, HazardKind.EMERGENCY, HazardKind.SCHOOL_BUS):
            continue
        ahead = hazard.ahead_m
        if ahead < -1.0 or (hazard.kind is not HazardKind.VEHICLE and hazard.along_mps < 0.3):
            continue
        clear = clear_at(hazard, offset_m, half)
        if hazard.along_mps < -0.8:
            if clear < 0.25 and ahead < 70.0:
                meets = ahead * speed / max(speed - hazard.along_mps, 0.1)
                judged.stand(Cause.YIELD, place_behind(seen, meets, 12.0))
            continue
        towards = -hazard.across_mps if hazard.left_m > offset_m else hazard.across_mps
        if clear < 0.2 or (towards > 0.2 and clear / towards < 1.8):
            if abs(hazard.across_mps) > max(1.5, hazard.along_mps):
                _crossing_vehicle(seen, judged, hazard, clear, towards)
            else:
                judged.follow(Cause.FOLLOW, ahead, hazard.along_mps)


def _crossing_vehicle(seen: Observation, judged: Judgement, hazard: Hazard, clear: float, towards: float) -> None:
    """Somebody drives across the way: stop before, unless they are gone by then."""
    arrives_s = hazard.ahead_m / max(seen.ego.speed_mps, 2.0)
    leaves_s = (clear + seen.ego.width_m + hazard.length_m) / max(abs(towards), 0.3)
    if leaves_s > arrives_s - 1.0:
        judged.stand(Cause.YIELD, place_behind(seen, hazard.ahead_m, 3.0, 5.0))


def school_buses(seen: Observation, judged: Judgement) -> None:
    """Nobody passes a school bus that flashes, from ahead or behind."""
    for hazard in seen.hazards:
        if hazard.kind is HazardKind.SCHOOL_BUS:
            if hazard.state == "flashing" and hazard.ahead_m > -2.0 and hazard.clear_m < 7.0:
                judged.stand(Cause.SCHOOL_BUS, place_behind(seen, hazard.ahead_m, 9.0))
            elif hazard.clear_m < 0.2 and hazard.ahead_m > -1.0:
                judged.follow(Cause.FOLLOW, hazard.ahead_m, hazard.along_mps)


def emergencies(seen: Observation, judged: Judgement) -> None:
    """To the side for who comes from behind or ahead with blue lights; let them cross."""
    ego = seen.ego
    for hazard in seen.hazards:
        if hazard.kind is not HazardKind.EMERGENCY or hazard.state == "parked":
            continue
        nears = hazard.ahead_m < 0 and hazard.state == "behind" and hazard.ahead_m + hazard.length_m > -45.0
        beside = -8.0 < hazard.ahead_m < 12.0 and hazard.along_mps > 0 and hazard.clear_m > 0.0
        comes = hazard.along_mps < -0.5 and 0 < hazard.ahead_m < 70.0
        if nears or beside or comes:
            if seen.box_left_m <= 0:
                judged.shifts.append(Shift(-ASIDE_M * seen.side, 8.0, 60.0, 14.0, 14.0))
                judged.told = Cause.EMERGENCY
            if not comes:
                judged.stand(Cause.EMERGENCY, rest_in_lane(seen))
            elif hazard.clear_m < 1.2:
                judged.slow(Cause.EMERGENCY, CREEP_MPS)
        elif hazard.state == "crossing" and hazard.ahead_m > -1.0:
            line = seen.junction
            if line is not None and line.line_m > 0.3:
                judged.stand(Cause.EMERGENCY, max(line.line_m - 0.7, ego.speed_mps**2 / (2 * 5.0)))
            elif seen.box_left_m <= 0:
                judged.stand(Cause.EMERGENCY, place_behind(seen, hazard.ahead_m, 6.0))


def officers(seen: Observation, judged: Judgement) -> bool:
    """An officer's sign stands above the light. Returns whether the line is free by it."""
    line = seen.junction
    free = False
    for hazard in seen.hazards:
        if hazard.kind is not HazardKind.OFFICER or hazard.ahead_m < -1.0:
            continue
        ruled = line is not None and line.line_m < hazard.ahead_m + 8.0
        if hazard.state == "stop":
            if ruled and line is not None and line.line_m > -0.5:
                judged.stand(Cause.OFFICER, max(line.line_m - 0.7, 0.0))
            elif not ruled and hazard.ahead_m > 2.0 and hazard.clear_m < 6.0 and seen.box_left_m <= 0:
                judged.stand(Cause.OFFICER, place_behind(seen, hazard.ahead_m, 6.0))
        elif hazard.state == "go" and ruled and hazard.ahead_m < 45.0:
            free = True
            if line is not None and line.line_m < 25.0:
                judged.slow(Cause.OFFICER, CREEP_MPS + 2.0)
                judged.told = Cause.OFFICER
    return free


def rest_in_lane(seen: Observation, brake_mps2: float = 1.7) -> float:
    """Where a gentle stop in the lane ends, never in a junction (rear axle, m ahead)."""
    speed = seen.ego.speed_mps
    if speed < 1.0 and seen.box_left_m <= 0:
        return 0.0
    distance = speed * speed / (2.6 * brake_mps2)  # shorter than comfort allows, so that it brakes from now on
    crossing = seen.junction
    if crossing is not None and crossing.may_enter and crossing.line_m - 1.0 < distance < crossing.clear_m:
        stops_before = speed * speed / (2 * 2 * brake_mps2) < crossing.line_m
        distance = crossing.line_m if stops_before else crossing.clear_m
    return max(distance, seen.box_left_m + 1.0 if seen.box_left_m > 0 else 0.0)
