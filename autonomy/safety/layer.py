"""The monitor for all cars of a process: from observations and actions to actions and limits."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import isfinite, tan
from typing import NamedTuple

from autonomy.safety.brakes import BrakeState, feel_brakes
from autonomy.safety.cameras import CameraWatch
from autonomy.safety.doubt import QUESTIONS, Doubt, DoubtBounds, Doubts, weigh
from autonomy.safety.facts import Bounds, Guarded, Proposal, Situation, Verdict
from autonomy.safety.modes import IN_MRM, Mode
from autonomy.safety.monitor import decide, release
from autonomy.safety.odd import Conditions, OddSight, OddStatus, sight_speed_mps, worse
from autonomy.safety.seeing import (
    REAR_M,
    band_of,
    bend_speed_mps,
    bodies_of,
    closed_line_m,
    on_other_way,
    way_of,
)
from autonomy.world.action import ACTION_STEP_S, ACTION_STEPS, Action, Limits
from autonomy.world.observation import PATH_SPACING_M, Directive, Observation

WEAK_BRAKES_MPS2 = 4.0
SLOW_PART, SLOW_MPS = 0.5, 3.0
ODD_STOP_MPS2, ODD_ROOM_M = 1.5, 20.0
ACT_STEPS = 2
WHEELBASE_M = 2.9


class ModeChange(NamedTuple):
    car_id: str
    mode: Mode
    reason: str


class Question(NamedTuple):
    """What a person is asked because the car does not know how to go on."""

    car_id: str
    time_s: float
    reason: str
    text: str


@dataclass(frozen=True, slots=True)
class Finding:
    """What the monitor made of a car's last tick. fault: what is wrong with the policy's answer; corrected: what was
    changed ("steer:walker", "off_lane", "brake:vehicle", "brake:line", ""); the bounds put on actuation."""

    mode: Mode = Mode.AUTONOMOUS
    reason: str = ""
    fault: str | None = None
    corrected: str = ""
    speed_max_mps: float = float("inf")
    accel_max_mps2: float = float("inf")
    doubt: Doubt = Doubt.NONE
    odd_status: OddStatus = OddStatus.UNKNOWN
    brake_able_mps2: float = float("inf")


@dataclass(eq=False)
class _Car:
    """What is remembered of one car besides the monitor's own."""

    guarded: Guarded = field(default_factory=Guarded)
    silent_s: float = 0.0
    must_stop: str | None = None
    odd: OddSight | None = None
    doubt_bounds: DoubtBounds = field(default_factory=DoubtBounds)
    doubts: Doubts = field(default_factory=Doubts)
    cameras: CameraWatch = field(default_factory=CameraWatch)
    brakes: BrakeState = field(default_factory=BrakeState)
    asked_mps2: float = 0.0
    finding: Finding = field(default_factory=Finding)


class Safety:
    """Keeps what the monitor remembers of each car. `report` tells it what observations do not say."""

    def __init__(self, bounds: Bounds | None = None, conditions: Conditions | None = None) -> None:
        self._bounds = bounds or Bounds()
        self._conditions = conditions or Conditions()
        self._cars: dict[str, _Car] = {}
        self._changes: list[ModeChange] = []
        self._questions: list[Question] = []

    def report(
        self, car_id: str, *, silent_s: float = 0.0, must_stop: str | None = None, odd: OddSight | None = None
    ) -> None:
        """How long the link has been silent, a reason to stop from outside (None: there is none), and where the car is
        in its operational design domain (None: nothing new)."""
        car = self._car(car_id)
        car.silent_s, car.must_stop = silent_s, must_stop
        if odd is not None:
            car.odd = odd

    def set_conditions(self, conditions: Conditions) -> None:
        """The conditions of the domain in force."""
        self._conditions = conditions

    def calibrate(self, car_id: str, bounds: DoubtBounds) -> None:
        """The limits of doubt of the release that drives the car. What was remembered of another is forgotten."""
        car = self._car(car_id)
        car.doubt_bounds, car.doubts, car.cameras = bounds, Doubts(), CameraWatch()

    def mode(self, car_id: str) -> Mode:
        """AUTONOMOUS for a car not seen yet."""
        return self._guarded(car_id).mode

    def finding(self, car_id: str) -> Finding:
        """What the last check made of the car."""
        known = self._cars.get(car_id)
        return Finding() if known is None else known.finding

    def odd_status(self, car_id: str) -> OddStatus:
        """As the car reports it: where it is and under which conditions, the worse of both."""
        return self.finding(car_id).odd_status

    def directive(self, car_id: str) -> Directive | None:
        """What the world should prepare for the car: a kerb place while a manoeuvre runs, or may soon begin."""
        guarded = self._guarded(car_id)
        threatens = guarded.mode in IN_MRM or guarded.fault_since_s is not None
        return Directive.PULL_OVER if threatens else None

    def release(self, car_id: str, now_s: float) -> None:
        """Let a car go on that stands in a minimal-risk condition. Raises IllegalMode."""
        self._keep(car_id, release(self._guarded(car_id), now_s))

    def changes(self) -> list[ModeChange]:
        """Changes of mode since the last call, oldest first."""
        changes, self._changes = self._changes, []
        return changes

    def questions(self) -> list[Question]:
        """Questions to a person since the last call, oldest first."""
        questions, self._questions = self._questions, []
        return questions

    def check(
        self, observations: Sequence[Observation], actions: Sequence[Action | None]
    ) -> tuple[list[Action], Mapping[str, Limits]]:
        """What may be done, one action for each observation, and the bounds of actuation by car id."""
        fit: list[Action] = []
        limits: dict[str, Limits] = {}
        for seen, action in zip(observations, actions, strict=True):
            kept, bounds = self._one(seen, action)
            fit.append(kept)
            limits[seen.car_id] = bounds
        return fit, limits

    def _one(self, seen: Observation, action: Action | None) -> tuple[Action, Limits]:
        car = self._car(seen.car_id)
        before = car.guarded
        proposal = None if action is None else Proposal(action.trajectory.tolist(), action.time_s)
        self._feel(car, seen, action)
        situation, status = self._situation(car, seen, proposal)
        after, verdict = decide(
            before, situation, proposal, steps=ACTION_STEPS, step_s=ACTION_STEP_S, bounds=self._bounds
        )
        if after is not before:
            self._keep(seen.car_id, after)
        car.finding = Finding(
            after.mode,
            after.reason,
            verdict.fault,
            verdict.corrected,
            verdict.speed_max_mps,
            verdict.accel_max_mps2,
            car.doubts.level,
            status,
            car.brakes.able_mps2,
        )
        bounds = Limits(verdict.speed_max_mps, verdict.accel_max_mps2, verdict.accel_min_mps2)
        fit = self._fit(seen, action, after, verdict)
        car.asked_mps2 = _asked(fit, seen, bounds)
        return fit, bounds

    def _fit(self, seen: Observation, action: Action | None, after: Guarded, verdict: Verdict) -> Action:
        if action is not None and verdict.rows is None:
            return action
        rows = verdict.rows or []
        if action is None or verdict.fault is not None or after.mode in IN_MRM:
            return Action.from_rows(seen.car_id, seen.time_s, rows, f"mrm {after.reason or verdict.fault}")
        kept = Action.from_rows(seen.car_id, seen.time_s, rows, f"kept {verdict.corrected}")
        return replace(action, time_s=seen.time_s, trajectory=kept.trajectory, intent=kept.intent)

    def _feel(self, car: _Car, seen: Observation, action: Action | None) -> None:
        """Doubts, brakes: what develops with time."""
        if action is not None:
            level = car.doubts.level
            car.doubts = weigh(car.doubts, action.uncertainty, action.ood, seen.time_s, car.doubt_bounds)
            if level < Doubt.ASK <= car.doubts.level:
                reason = car.doubts.reason
                self._questions.append(Question(seen.car_id, seen.time_s, reason, QUESTIONS[reason]))
        car.brakes = feel_brakes(
            car.brakes,
            now_s=seen.time_s,
            asked_mps2=car.asked_mps2,
            accel_mps2=seen.ego.accel_mps2,
            speed_mps=seen.ego.speed_mps,
        )

    def _situation(self, car: _Car, seen: Observation, proposal: Proposal | None) -> tuple[Situation, OddStatus]:
        ego = seen.ego
        limit = float(seen.path[0, 4])
        rows = None if proposal is None or not _finite(proposal) else proposal.rows
        way, other = way_of(seen, rows)
        bodies = bodies_of(seen)
        if other:
            bodies = on_other_way(seen, bodies, way)
        status, reason, cap = self._domain(car, seen)
        if car.doubts.level:
            cap = min(cap, max(SLOW_MPS, SLOW_PART * limit))
        kerb = kerb_ahead_m(seen)
        if kerb is not None and car.odd is not None and kerb > car.odd.left_m - 2.0:
            kerb = None
        situation = Situation(
            now_s=seen.time_s,
            pose=(ego.x_m, ego.y_m, ego.heading_rad, ego.speed_mps),
            speed_limit_mps=limit,
            gap_m=None,
            lead_speed_mps=0.0,
            path=way,
            spacing_m=PATH_SPACING_M,
            kerb_m=kerb,
            silent_s=car.silent_s,
            must_stop=self._must_stop(car, seen, reason),
            guards_way=True,
            bodies=bodies,
            band_m=band_of(seen, bodies),
            front_m=ego.front_m,
            rear_m=REAR_M,
            width_m=ego.width_m,
            line_m=None if other else closed_line_m(seen),
            speed_cap_mps=min(cap, bend_speed_mps(seen.path)) if not other else cap,
            brake_max_mps2=ego.brake_max_mps2,
            brake_able_mps2=car.brakes.able_mps2,
            bend=tan(ego.steer_rad) / WHEELBASE_M,
        )
        return situation, status

    def _domain(self, car: _Car, seen: Observation) -> tuple[OddStatus, str | None, float]:
        """Status of the domain, a reason to stop, and a cap on speed."""
        weather = seen.weather
        status, what = self._conditions.judge(
            visibility_m=weather.visibility_m,
            rain=weather.rain,
            sun_elevation_rad=weather.sun_elevation_rad,
            street_lights=weather.street_lights,
        )
        cap = sight_speed_mps(weather.visibility_m) if isfinite(weather.visibility_m) else SLOW_MPS
        reason = f"odd_{what}" if status is OddStatus.OUTSIDE else None
        sight = car.odd
        if sight is None or sight.status is OddStatus.UNKNOWN:
            return worse(status, OddStatus.UNKNOWN), reason, cap
        if sight.status is OddStatus.OUTSIDE:
            reason = reason or "outside_odd"
        elif sight.left_m < seen.ego.speed_mps**2 / (2 * ODD_STOP_MPS2) + ODD_ROOM_M and _leads_on(seen, sight.left_m):
            reason = reason or "odd_ends"
        return worse(status, sight.status), reason, cap

    def _must_stop(self, car: _Car, seen: Observation, odd: str | None) -> str | None:
        """The first reason to stop, of all that there may be."""
        fault = car.cameras.look(seen.frames, seen.time_s)
        if car.must_stop is not None:
            return car.must_stop
        if fault is not None:
            return fault.reason
        if odd is not None:
            return odd
        if car.brakes.able_mps2 < WEAK_BRAKES_MPS2:
            return "brakes_weak"
        return f"policy_{car.doubts.reason}" if car.doubts.level is Doubt.STOP else None

    def _car(self, car_id: str) -> _Car:
        return self._cars.setdefault(car_id, _Car())

    def _guarded(self, car_id: str) -> Guarded:
        known = self._cars.get(car_id)
        return Guarded() if known is None else known.guarded

    def _keep(self, car_id: str, guarded: Guarded) -> None:
        car = self._car(car_id)
        known, car.guarded = car.guarded, guarded
        if guarded.mode is not known.mode:
            self._changes.append(ModeChange(car_id, guarded.mode, guarded.reason))


def kerb_ahead_m(seen: Observation) -> float | None:
    """To the prepared kerb place; None when it lies behind a junction that the car may not enter."""
    if seen.stop is None or not seen.stop.at_kerb:
        return None
    crossing = seen.junction
    closed = crossing is not None and not crossing.may_enter and crossing.line_m < seen.stop.distance_m
    return None if closed else seen.stop.distance_m


def _leads_on(seen: Observation, left_m: float) -> bool:
    """Does the car's errand go beyond there?"""
    return seen.stop is None or seen.stop.distance_m > left_m


def _finite(proposal: Proposal) -> bool:
    return all(len(row) == 4 and isfinite(sum(row)) for row in proposal.rows)


def _asked(action: Action, seen: Observation, limits: Limits) -> float:
    """The braking that the actuators are asked for, 0 without any."""
    row = min(max(int((seen.time_s - action.time_s) / ACTION_STEP_S + 0.5) + ACT_STEPS - 1, 0), ACTION_STEPS - 1)
    due = min(float(action.trajectory[row, 3]), limits.speed_max_mps)
    wanted = min((due - seen.ego.speed_mps) / (ACT_STEPS * ACTION_STEP_S), limits.accel_max_mps2)
    return min(max(-wanted, 0.0), -limits.accel_min_mps2, seen.ego.brake_max_mps2)
