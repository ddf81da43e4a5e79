"""The monitor for all cars of a process: from observations and actions to actions and limits."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from autonomy.safety.modes import IN_MRM, Mode
from autonomy.safety.monitor import Bounds, Guarded, Proposal, Situation, decide, release
from autonomy.world.action import ACTION_STEP_S, ACTION_STEPS, Action, Limits
from autonomy.world.observation import PATH_SPACING_M, Directive, Observation


class ModeChange(NamedTuple):
    car_id: str
    mode: Mode
    reason: str


class Safety:
    """Keeps what the monitor remembers of each car. `report` tells it what observations do not say."""

    def __init__(self, bounds: Bounds | None = None) -> None:
        self._bounds = bounds or Bounds()
        self._guarded: dict[str, Guarded] = {}
        self._silent_s: dict[str, float] = {}
        self._must_stop: dict[str, str] = {}
        self._changes: list[ModeChange] = []

    def report(self, car_id: str, *, silent_s: float = 0.0, must_stop: str | None = None) -> None:
        """How long the link has been silent, and a reason to stop from outside (None: there is none)."""
        self._silent_s[car_id] = silent_s
        if must_stop is None:
            self._must_stop.pop(car_id, None)
        else:
            self._must_stop[car_id] = must_stop

    def mode(self, car_id: str) -> Mode:
        """AUTONOMOUS for a car not seen yet."""
        return self._guarded.get(car_id, Guarded()).mode

    def directive(self, car_id: str) -> Directive | None:
        """What the world should prepare for the car: a kerb place while a manoeuvre runs, or may soon begin."""
        guarded = self._guarded.get(car_id, Guarded())
        threatens = guarded.mode in IN_MRM or guarded.fault_since_s is not None
        return Directive.PULL_OVER if threatens else None

    def release(self, car_id: str, now_s: float) -> None:
        """Let a car go on that stands in a minimal-risk condition. Raises IllegalMode."""
        self._keep(car_id, release(self._guarded.get(car_id, Guarded()), now_s))

    def changes(self) -> list[ModeChange]:
        """Changes of mode since the last call, oldest first."""
        changes, self._changes = self._changes, []
        return changes

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
        before = self._guarded.get(seen.car_id, Guarded())
        proposal = None if action is None else Proposal(action.trajectory.tolist(), action.time_s)
        after, verdict = decide(
            before, self._situation(seen), proposal, steps=ACTION_STEPS, step_s=ACTION_STEP_S, bounds=self._bounds
        )
        if after is not before:
            self._keep(seen.car_id, after)
        bounds = Limits(verdict.speed_max_mps, verdict.accel_max_mps2, verdict.accel_min_mps2)
        if action is not None and verdict.rows is None:
            return action, bounds
        rows = verdict.rows or []
        return Action.from_rows(seen.car_id, seen.time_s, rows, f"mrm {after.reason or verdict.fault}"), bounds

    def _situation(self, seen: Observation) -> Situation:
        ego, leader = seen.ego, seen.leader
        return Situation(
            now_s=seen.time_s,
            pose=(ego.x_m, ego.y_m, ego.heading_rad, ego.speed_mps),
            speed_limit_mps=float(seen.path[0, 4]),
            gap_m=None if leader is None else leader.gap_m,
            lead_speed_mps=0.0 if leader is None else leader.speed_mps,
            path=seen.path,
            spacing_m=PATH_SPACING_M,
            kerb_m=kerb_ahead_m(seen),
            silent_s=self._silent_s.get(seen.car_id, 0.0),
            must_stop=self._must_stop.get(seen.car_id),
        )

    def _keep(self, car_id: str, guarded: Guarded) -> None:
        known = self._guarded.get(car_id, Guarded())
        self._guarded[car_id] = guarded
        if guarded.mode is not known.mode:
            self._changes.append(ModeChange(car_id, guarded.mode, guarded.reason))


def kerb_ahead_m(seen: Observation) -> float | None:
    """To the prepared kerb place; None when it lies behind a junction that the car may not enter."""
    if seen.stop is None or not seen.stop.at_kerb:
        return None
    crossing = seen.junction
    closed = crossing is not None and not crossing.may_enter and crossing.line_m < seen.stop.distance_m
    return None if closed else seen.stop.distance_m
