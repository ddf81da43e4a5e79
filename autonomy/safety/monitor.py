"""The monitor: pure functions between policy and actuation, one car at a time.

`decide` takes what the car knows about itself and what the policy proposes, and says what may be done. In a
minimal-risk manoeuvre the policy has no say; the manoeuvre never accelerates and ends at a stand; only a release
ends it.
"""

from collections.abc import Sequence
from dataclasses import replace
from math import isfinite

from autonomy.safety.envelope import Body, Danger, junction_bound
from autonomy.safety.facts import STANDING_MPS, Bounds, Guarded, Proposal, Situation, Verdict
from autonomy.safety.lane import Lane, on_track
from autonomy.safety.liveness import Pulse, feel
from autonomy.safety.manoeuvre import Manoeuvre, Row, choose, rows, speeds
from autonomy.safety.modes import IN_MRM, Mode, ModeEvent, after
from autonomy.safety.plausible import due_row, fault_of
from autonomy.safety.rss import accel_bound
from autonomy.safety.steering import Choice, Scene, choose_way

__all__ = ["STANDING_MPS", "Bounds", "Guarded", "Proposal", "Situation", "Verdict", "decide", "release"]

DRIFT_ROWS = 5
CREEP_MPS = 1.0
Rows = Sequence[Sequence[float]]


def decide(
    guarded: Guarded, situation: Situation, proposal: Proposal | None, *, steps: int, step_s: float, bounds: Bounds
) -> tuple[Guarded, Verdict]:
    """The last word before actuation."""
    bounds = _braked(bounds, situation)
    fault = _fault(situation, proposal, step_s, bounds)
    scene = None if _stays(situation, proposal) else _scene(situation, bounds)
    due = None
    if proposal is not None and fault is None:
        due = _due(proposal, situation.now_s, step_s)
        pulse = _feel(guarded.pulse, proposal, due, situation, scene)
        fault = pulse.fault
        if pulse is not guarded.pulse:
            guarded = replace(guarded, pulse=pulse)
    choice = None if scene is None else choose_way(scene, due if fault is None else None, guarded.kept, step_s)
    guarded = _watch(guarded, situation, fault, choice, bounds)
    if guarded.mode in IN_MRM or fault is not None:
        if scene is not None and fault is None:
            choice = choose_way(scene, None, guarded.kept, step_s)  # the policy has no say any more
        return _stop(guarded, situation, fault, scene, choice, steps=steps, step_s=step_s, bounds=bounds)
    assert proposal is not None
    speed_max = min(situation.speed_limit_mps * bounds.over_limit + 0.5, situation.speed_cap_mps)
    accel = _accel_max(situation, choice, bounds)
    if choice is None or scene is None or due is None:
        return guarded, Verdict(None, speed_max, accel, -bounds.brake_mps2)
    if not choice.corrected:
        safe = choice.risk.spare_m >= 0.0
        guarded = replace(guarded, kept=due) if safe else guarded
        return guarded, Verdict(None, speed_max, accel, -bounds.brake_mps2, None, _braking(choice.risk, accel, bounds))
    if choice.corrected != "off_lane" and situation.pose[3] > CREEP_MPS:
        accel = min(accel, 0.0)  # who wants to steer into somebody does not get faster meanwhile
    wanted = [min(row[3], speed_max) for row in due]
    trajectory = _driven(scene, choice, wanted, step_s)
    return guarded, Verdict(trajectory, speed_max, accel, -bounds.brake_mps2, None, choice.corrected)


def release(guarded: Guarded, now_s: float) -> Guarded:
    """A person, or the end of the cause, lets the car go on. Raises IllegalMode unless it stands safely."""
    return Guarded(after(guarded.mode, ModeEvent.RELEASED), "released", now_s)


def _braked(bounds: Bounds, situation: Situation) -> Bounds:
    """The distances reckon with brakes as they are known to be."""
    able = 0.9 * situation.brake_able_mps2
    if able >= bounds.rss.brake_min_mps2:
        return bounds
    return replace(bounds, rss=replace(bounds.rss, brake_min_mps2=max(able, 0.3)))


def _fault(situation: Situation, proposal: Proposal | None, step_s: float, bounds: Bounds) -> str | None:
    if proposal is None:
        return "silent"
    return fault_of(
        proposal.rows,
        answers_s=proposal.answers_s,
        now_s=situation.now_s,
        pose=situation.pose,
        step_s=step_s,
        bounds=bounds.plausible,
    )


def _due(proposal: Proposal, now_s: float, step_s: float) -> Rows:
    """The trajectory from now on, the row of one step ahead first; past its end the last row is held."""
    age = max(0.0, now_s - proposal.answers_s)
    if age < 1e-6:
        return proposal.rows
    last = len(proposal.rows)
    return [due_row(proposal.rows, age + k * step_s, step_s) for k in range(last)]


def _stays(situation: Situation, proposal: Proposal | None) -> bool:
    """A car that stands and is to stay needs no look at its way."""
    if proposal is None or situation.pose[3] >= STANDING_MPS:
        return False
    return all(len(row) == 4 and row[3] < STANDING_MPS for row in proposal.rows)


def _scene(situation: Situation, bounds: Bounds) -> Scene | None:
    path = situation.path
    if path is None or not situation.guards_way or len(path) < 2:
        return None
    if not all(isfinite(value) for row in (path[0], path[-1], situation.pose) for value in row[:3]):
        return None  # there is nothing to steer by
    lane = Lane(path, situation.spacing_m)
    x, y, heading, speed = situation.pose
    place, _ = lane.locate(x, y, heading)
    car = Body(speed, situation.front_m, situation.rear_m, situation.width_m, situation.brake_max_mps2, situation.bend)
    return Scene(lane, place, car, situation.bodies, situation.band_m, bounds.rss)


def _feel(pulse: Pulse, proposal: Proposal, due: Rows, situation: Situation, scene: Scene | None) -> Pulse:
    drift = 0.0
    if scene is not None:
        row = due[min(DRIFT_ROWS, len(due)) - 1]
        drift = scene.lane.locate(row[0], row[1], row[2])[0].left_m - scene.place.left_m
    moves = situation.pose[3] > 0.5
    return feel(pulse, proposal.rows, proposal.answers_s, moves=moves, drift_m=drift, now_s=situation.now_s)


def _watch(guarded: Guarded, situation: Situation, fault: str | None, choice: Choice | None, bounds: Bounds) -> Guarded:
    """Move the mode on."""
    if guarded.mode in IN_MRM:
        event = _progress(guarded, situation, bounds)
        return replace(guarded, mode=after(guarded.mode, event), since_s=situation.now_s) if event else guarded
    if guarded.mode is Mode.MANUAL:
        return guarded
    if fault is None:
        guarded = replace(guarded, fault_since_s=None) if guarded.fault_since_s is not None else guarded
    elif guarded.fault_since_s is None:
        guarded = replace(guarded, fault_since_s=situation.now_s)
    off = fault is None and choice is not None and choice.corrected == "off_lane"
    if not off:
        guarded = replace(guarded, off_since_s=None) if guarded.off_since_s is not None else guarded
    elif guarded.off_since_s is None:
        guarded = replace(guarded, off_since_s=situation.now_s)
    reason = _reason(guarded, situation, fault, bounds)
    if reason is None:
        return guarded
    begun = after(guarded.mode, ModeEvent.MRM_REQUIRED)
    return Guarded(begun, reason, situation.now_s, guarded.fault_since_s, kept=guarded.kept, pulse=guarded.pulse)


def _progress(guarded: Guarded, situation: Situation, bounds: Bounds) -> ModeEvent | None:
    """What has become of a manoeuvre."""
    if guarded.mode is Mode.MRC_REACHED:
        return None
    if situation.pose[3] < STANDING_MPS:
        return ModeEvent.STANDING
    late = situation.now_s - guarded.since_s > bounds.mrm_s
    return ModeEvent.MRM_NOT_ENDING if late and guarded.mode is Mode.MRM_OPERATING else None


def _reason(guarded: Guarded, situation: Situation, fault: str | None, bounds: Bounds) -> str | None:
    if situation.must_stop is not None:
        return situation.must_stop
    if bounds.lease.must_stop(situation.silent_s):
        return "link_lost"
    if guarded.fault_since_s is not None and situation.now_s - guarded.fault_since_s >= bounds.grace_s:
        return f"policy_{fault}"
    if guarded.off_since_s is not None and situation.now_s - guarded.off_since_s >= bounds.off_lane_s:
        return "policy_off_lane"
    return None


def _stop(
    guarded: Guarded,
    situation: Situation,
    fault: str | None,
    scene: Scene | None,
    choice: Choice | None,
    *,
    steps: int,
    step_s: float,
    bounds: Bounds,
) -> tuple[Guarded, Verdict]:
    speed = situation.pose[3]
    path = situation.path
    kind = choose(speed, situation.kerb_m, path, bounds.manoeuvre)
    if guarded.mode is Mode.MRM_FAILED:
        kind = Manoeuvre.HARD_STOP
    elif (
        guarded.manoeuvre is Manoeuvre.STOP_IN_LANE
        and kind is Manoeuvre.PULL_OVER
        and not _begins(guarded, situation, bounds)
    ):
        kind = Manoeuvre.STOP_IN_LANE  # what has begun to brake harder is not let go again
    profile = speeds(kind, speed, situation.kerb_m or 0.0, steps=steps, step_s=step_s, bounds=bounds.manoeuvre)
    if scene is not None and choice is not None and kind is not Manoeuvre.HARD_STOP:
        trajectory = _driven(scene, choice, profile, step_s)
    else:
        usable = None if kind is Manoeuvre.HARD_STOP else path
        trajectory = rows(situation.pose, usable, situation.spacing_m, profile, step_s)
    accel_max = min(0.0, _accel_max(situation, choice, bounds))
    verdict = Verdict(trajectory, speed, accel_max, -bounds.brake_mps2, fault)
    return replace(guarded, manoeuvre=kind) if guarded.mode in IN_MRM else guarded, verdict


def _driven(scene: Scene, choice: Choice, speeds_mps: Sequence[float], step_s: float) -> list[Row]:
    speed = scene.car.speed_mps
    return on_track(scene.lane, choice.track, scene.place, speed_mps=speed, speeds=speeds_mps, step_s=step_s)


def _begins(guarded: Guarded, situation: Situation, bounds: Bounds) -> bool:
    return guarded.mode is Mode.MRM_OPERATING and situation.now_s - guarded.since_s <= bounds.prepare_s


def _accel_max(situation: Situation, choice: Choice | None, bounds: Bounds) -> float:
    accel = bounds.accel_mps2
    speed = situation.pose[3]
    if situation.gap_m is not None:
        accel = min(accel, accel_bound(situation.gap_m, speed, situation.lead_speed_mps, bounds.rss))
    if situation.line_m is not None:
        accel = min(accel, junction_bound(situation.line_m, speed, bounds.rss, situation.brake_max_mps2))
    return accel if choice is None else min(accel, choice.risk.accel_max_mps2)


def _braking(risk: Danger, accel: float, bounds: Bounds) -> str:
    if accel >= 0.0:
        return ""
    return f"brake:{risk.cause}" if risk.spare_m < 0.0 else "brake:line"
