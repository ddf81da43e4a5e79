"""The driver by rules: keeps the lane, the limit, its distance, signals, right of way and the place where to stop,
gives way to people, passes what stands in its way where there is room, and obeys orders that are safe.

Longitudinal: the Intelligent Driver Model (Treiber, Hennecke, Helbing 2000) behind the leaders; below every speed cap
ahead (limit, curve, stop line, stopping place) with v² = v_cap² + 2 b d. Laterally it follows its path, or a curve
beside it. All cars at once; what a situation asks for is judged car by car (`autonomy.policy.expert`).
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from autonomy.language import explain
from autonomy.policy.expert import FAR_M, Judgement, Manner, judge
from autonomy.policy.expert.judgement import MOST_LEADERS
from autonomy.policy.expert.reasons import reason
from autonomy.policy.expert.sideways import GRID, OFF_M, along_curve, bends, curve
from autonomy.world.action import ACTION_STEP_S, ACTION_STEPS, Action
from autonomy.world.observation import PATH_POINTS, PATH_SPACING_M, Directive, Observation

F8 = NDArray[np.float64]
FULL_BRAKE_MPS2 = 5.0  # a stop that needs more is made with all that the brakes have
WHEELBASE_M = 3.0  # of all platforms about
PATH_AT = PATH_SPACING_M * np.arange(PATH_POINTS)

__all__ = ["FAR_M", "Manner", "RulesPolicy"]


class RulesPolicy:
    """Privileged expert behind the `Policy` protocol; without memory, so `reset` has nothing to forget."""

    def __init__(self, manner: Manner | None = None) -> None:
        self.manner = manner or Manner()

    @property
    def name(self) -> str:
        return "rules/1"

    def reset(self, car_ids: Sequence[str]) -> None:
        """Nothing is remembered between observations."""

    def act(self, observations: Sequence[Observation]) -> list[Action]:
        """A trajectory for each observation, with its cause and explanation."""
        if not observations:
            return []
        judged = [judge(seen, self.manner) for seen in observations]
        path = np.stack([one.path for one in judged])
        curves = [_curve(seen, one) for seen, one in zip(observations, judged, strict=True)]
        scalars = np.array([_scalars(seen, one) for seen, one in zip(observations, judged, strict=True)])
        leaders = np.array([_leaders(one) for one in judged])
        ahead, speed = self._roll(self._caps(_bent(path, curves)), scalars, leaders)
        trajectory = _along(path, ahead, speed)
        for k, offset in enumerate(curves):
            if offset is not None:
                trajectory[k, :, :3] = along_curve(path[k], PATH_SPACING_M, offset, ahead[k])
        return [
            self._action(seen, one, trajectory[k])
            for k, (seen, one) in enumerate(zip(observations, judged, strict=True))
        ]

    def _action(self, seen: Observation, judged: Judgement, trajectory: F8) -> Action:
        cause = reason(seen, judged, self.manner)
        speed = seen.ego.speed_mps
        gains = (float(trajectory[9, 3]) - speed) / (10 * ACTION_STEP_S)
        words = judged.refuses or explain(cause, speed_mps=speed, accel_mps2=gains)
        action = Action(seen.car_id, seen.time_s, trajectory, intent=_intent(seen), help=judged.help, cause=cause.value)
        return replace(action, explanation=words, refuses=judged.refuses)

    def _caps(self, path: F8) -> F8:
        """f8[N, PATH_POINTS]: squared speed allowed at each path point, so that every later cap can be kept."""
        bend = np.sqrt(self.manner.lateral_mps2 / np.maximum(np.abs(path[:, :, 3]), 1e-4))
        slope = 2 * self.manner.brake_mps2 * PATH_SPACING_M * np.arange(PATH_POINTS)
        level = np.minimum(path[:, :, 4], bend) ** 2 + slope
        lowest: F8 = np.minimum.accumulate(level[:, ::-1], axis=1)[:, ::-1] - slope
        return np.maximum(lowest, 0.0)

    def _roll(self, squares: F8, scalars: F8, leaders: F8) -> tuple[F8, F8]:
        """Simulate 4 s: metres ahead f8[N, T] and speeds f8[N, T]. leaders: f8[N, MOST_LEADERS, 2], gap and speed."""
        manner = self.manner
        speed, stop, most, brake_max = scalars.T
        gap, leader_speed = leaders[:, :, 0], leaders[:, :, 1]
        count = len(speed)
        rows = np.arange(count)
        ahead = np.zeros(count)
        out_s, out_v = np.empty((count, ACTION_STEPS)), np.empty((count, ACTION_STEPS))
        room = np.minimum(stop, np.where(leader_speed < 0.5, gap, FAR_M).min(axis=1))
        wanted = speed * speed / (2 * np.maximum(room, 0.5))
        hard = np.where(wanted > FULL_BRAKE_MPS2, brake_max, np.minimum(manner.emergency_mps2, brake_max))
        root = 2 * np.sqrt(manner.accel_mps2 * manner.brake_mps2)
        for k in range(ACTION_STEPS):
            place = np.minimum((ahead / PATH_SPACING_M).astype(int), PATH_POINTS - 1)
            left = stop - ahead - speed * ACTION_STEP_S  # where the car will be when it has reacted
            cap = np.sqrt(np.minimum(squares[rows, place], 2 * manner.brake_mps2 * np.maximum(left - 0.05, 0.0)))
            cap = np.minimum(cap, np.maximum(most, speed - manner.brake_mps2 * ACTION_STEP_S))  # braked for gently
            free = gap + leader_speed * ((k + 1) * ACTION_STEP_S) - ahead[:, None]
            closing = speed[:, None] * (speed[:, None] - leader_speed) / root
            wish = manner.gap_m + np.maximum(0.0, speed[:, None] * manner.headway_s + closing)
            ratio = np.minimum(speed / np.maximum(cap, 0.5), 1.0)
            held = ((wish / np.maximum(free, 0.1)) ** 2).max(axis=1)
            follow = manner.accel_mps2 * (1 - ratio**4 - held)
            keep = (cap - speed) / (2 * ACTION_STEP_S)
            accel = np.clip(np.minimum(keep, follow), -hard, manner.accel_mps2)
            after = np.maximum(speed + accel * ACTION_STEP_S, 0.0)
            ahead = ahead + (speed + after) / 2 * ACTION_STEP_S
            speed = after
            out_s[:, k], out_v[:, k] = ahead, speed
        return out_s, out_v


def _scalars(seen: Observation, judged: Judgement) -> tuple[float, float, float, float]:
    """(speed, metres to where it must stand, speed cap from here on, hardest braking)."""
    return seen.ego.speed_mps, judged.stop_m, judged.cap_mps, seen.ego.brake_max_mps2


def _leaders(judged: Judgement) -> list[tuple[float, float]]:
    """Gap and speed of those who press most, padded with nobody."""
    found = [(need.room_m, need.speed_mps) for need in judged.pressing_leaders()]
    return found + [(FAR_M, 0.0)] * (MOST_LEADERS - len(found))


def _curve(seen: Observation, judged: Judgement) -> F8 | None:
    """Offset from the path at each metre of `GRID`; None: the path itself."""
    ego = seen.ego
    own = judged.path is seen.path
    if not own or (not judged.shifts and abs(ego.lateral_m) < OFF_M):
        return None
    slope = float(np.tan(np.clip(_turned(ego.heading_rad - seen.path[0, 2]), -0.9, 0.9)))
    bend = 0.0
    if ego.speed_mps > 0.5:
        bend = float(np.clip(np.tan(ego.steer_rad) / WHEELBASE_M - seen.path[0, 3], -0.15, 0.15))
    return curve(judged.shifts, left_m=ego.lateral_m, slope=slope, bend=bend, speed_mps=ego.speed_mps)


def _turned(angle: float) -> float:
    return float(np.angle(np.exp(1j * angle)))


def _bent(path: F8, curves: Sequence[F8 | None]) -> F8:
    """The paths with the curvature of the curves driven beside them."""
    if all(offset is None for offset in curves):
        return path
    bent = path.copy()
    for k, offset in enumerate(curves):
        if offset is not None:
            bent[k, :, 3] += np.interp(PATH_AT, GRID, bends(offset), right=0.0)
    return bent


def _along(path: F8, ahead: F8, speed: F8) -> F8:
    """f8[N, T, 4]: x, y, heading on the path at `ahead` metres, with the speeds."""
    at = np.minimum(ahead / PATH_SPACING_M, PATH_POINTS - 1.001)
    low = at.astype(int)
    part = (at - low)[:, :, None]
    rows = np.arange(len(path))[:, None]
    pose = path[rows, low, :3] * (1 - part) + path[rows, low + 1, :3] * part
    return np.concatenate([pose, speed[:, :, None]], axis=2)


def _intent(seen: Observation) -> str:
    if seen.directive is not Directive.DRIVE:
        return seen.directive.value
    if seen.junction is not None and not seen.junction.may_enter and seen.junction.line_m < 15:
        return "wait"
    if seen.stop is not None and seen.stop.distance_m < 25:
        return "stop"
    return str(seen.navigation.value)
