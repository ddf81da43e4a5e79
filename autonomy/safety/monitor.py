"""The monitor: pure functions between policy and actuation, one car at a time.

`decide` takes what the car knows about itself and what the policy proposes, and says what may be done. In a
minimal-risk manoeuvre the policy has no say; the manoeuvre never accelerates and ends at a stand; only a release
ends it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from autonomy.safety.link_lease import LinkLease
from autonomy.safety.manoeuvre import Manoeuvre, ManoeuvreBounds, PathRows, Row, choose, rows, speeds
from autonomy.safety.modes import IN_MRM, Mode, ModeEvent, after
from autonomy.safety.plausible import PlausibleBounds, fault_of
from autonomy.safety.rss import RssBounds, accel_bound

STANDING_MPS = 0.05


@dataclass(frozen=True, slots=True)
class Bounds:
    """accel_mps2, brake_mps2: the envelope of actuation; over_limit: how far above the limit the car may be driven;
    grace_s: how long the policy may be at fault before the car gives up; mrm_s: how long a manoeuvre may take;
    prepare_s: how long after its begin a manoeuvre may still turn to a kerb place that was found meanwhile."""

    accel_mps2: float = 2.5
    brake_mps2: float = 8.0
    over_limit: float = 1.1
    grace_s: float = 0.5
    mrm_s: float = 30.0
    prepare_s: float = 0.5
    rss: RssBounds = field(default_factory=RssBounds)
    plausible: PlausibleBounds = field(default_factory=PlausibleBounds)
    manoeuvre: ManoeuvreBounds = field(default_factory=ManoeuvreBounds)
    lease: LinkLease = field(default_factory=LinkLease)


@dataclass(frozen=True, slots=True)
class Situation:
    """Plain facts of one car now. `path`: rows x, y, heading ahead, `spacing_m` apart; `kerb_m`: to a prepared kerb
    place; `silent_s`: since the last frame on the link; `must_stop`: a reason from outside (ODD left, sensor lost), or
    None."""

    now_s: float
    pose: tuple[float, float, float, float]
    speed_limit_mps: float
    gap_m: float | None
    lead_speed_mps: float
    path: PathRows | None
    spacing_m: float
    kerb_m: float | None
    silent_s: float = 0.0
    must_stop: str | None = None


@dataclass(frozen=True, slots=True)
class Proposal:
    """What the policy says: rows x, y, heading, speed every `step_s`, in answer to the observation of `answers_s`."""

    rows: Sequence[Sequence[float]]
    answers_s: float


@dataclass(frozen=True, slots=True)
class Guarded:
    """What the monitor remembers of a car."""

    mode: Mode = Mode.AUTONOMOUS
    reason: str = ""
    since_s: float = 0.0
    fault_since_s: float | None = None
    manoeuvre: Manoeuvre | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """`rows`: the trajectory to drive in place of the policy's; None: the policy's is fine. Bounds hold for both."""

    rows: list[Row] | None
    speed_max_mps: float
    accel_max_mps2: float
    accel_min_mps2: float
    fault: str | None = None


def decide(
    guarded: Guarded, situation: Situation, proposal: Proposal | None, *, steps: int, step_s: float, bounds: Bounds
) -> tuple[Guarded, Verdict]:
    """The last word before actuation."""
    fault = _fault(situation, proposal, step_s, bounds)
    guarded = _watch(guarded, situation, fault, bounds)
    if guarded.mode in IN_MRM:
        return _stop(guarded, situation, fault, steps=steps, step_s=step_s, bounds=bounds)
    if fault is not None:
        _, verdict = _stop(guarded, situation, fault, steps=steps, step_s=step_s, bounds=bounds)
        return guarded, verdict
    speed_max = situation.speed_limit_mps * bounds.over_limit + 0.5
    return guarded, Verdict(None, speed_max, _accel_max(situation, bounds), -bounds.brake_mps2)


def release(guarded: Guarded, now_s: float) -> Guarded:
    """A person, or the end of the cause, lets the car go on. Raises IllegalMode unless it stands safely."""
    return Guarded(after(guarded.mode, ModeEvent.RELEASED), "released", now_s)


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


def _watch(guarded: Guarded, situation: Situation, fault: str | None, bounds: Bounds) -> Guarded:
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
    reason = _reason(guarded, situation, fault, bounds)
    if reason is None:
        return guarded
    return Guarded(after(guarded.mode, ModeEvent.MRM_REQUIRED), reason, situation.now_s, guarded.fault_since_s)


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
    return None


def _stop(
    guarded: Guarded, situation: Situation, fault: str | None, *, steps: int, step_s: float, bounds: Bounds
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
    usable = None if kind is Manoeuvre.HARD_STOP else path
    trajectory = rows(situation.pose, usable, situation.spacing_m, profile, step_s)
    accel_max = min(0.0, _accel_max(situation, bounds))
    verdict = Verdict(trajectory, speed, accel_max, -bounds.brake_mps2, fault)
    return replace(guarded, manoeuvre=kind) if guarded.mode in IN_MRM else guarded, verdict


def _begins(guarded: Guarded, situation: Situation, bounds: Bounds) -> bool:
    return guarded.mode is Mode.MRM_OPERATING and situation.now_s - guarded.since_s <= bounds.prepare_s


def _accel_max(situation: Situation, bounds: Bounds) -> float:
    if situation.gap_m is None:
        return bounds.accel_mps2
    free = accel_bound(situation.gap_m, situation.pose[3], situation.lead_speed_mps, bounds.rss)
    return min(bounds.accel_mps2, free)
