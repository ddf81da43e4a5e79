"""The driver by rules: keeps the lane, the limit, its distance, signals, right of way and the place where to stop.

Longitudinal: the Intelligent Driver Model (Treiber, Hennecke, Helbing 2000) behind the leader; below every speed cap
ahead (limit, curve, stop line, stopping place) with v² = v_cap² + 2 b d. Laterally it follows its path.
All cars at once.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from autonomy.world.action import ACTION_STEP_S, ACTION_STEPS, Action
from autonomy.world.observation import PATH_POINTS, PATH_SPACING_M, Directive, Observation

F8 = NDArray[np.float64]
FAR_M = 1e6
BEFORE_LINE_M = 0.7


@dataclass(frozen=True, slots=True)
class Manner:
    """How the driver drives. Comfort values are those of urban passenger service."""

    accel_mps2: float = 1.6
    brake_mps2: float = 1.7
    headway_s: float = 1.3
    gap_m: float = 2.2
    lateral_mps2: float = 2.0
    emergency_mps2: float = 6.0


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
        """A trajectory for each observation."""
        if not observations:
            return []
        path = np.stack([seen.path for seen in observations])
        scalars = np.array([_scalars(seen, self.manner) for seen in observations])
        squares = self._caps(path)
        ahead, speed = self._roll(squares, scalars)
        trajectory = _along(path, ahead, speed)
        return [
            Action(seen.car_id, seen.time_s, trajectory[k], intent=_intent(seen)) for k, seen in enumerate(observations)
        ]

    def _caps(self, path: F8) -> F8:
        """f8[N, PATH_POINTS]: squared speed allowed at each path point, so that every later cap can be kept."""
        bend = np.sqrt(self.manner.lateral_mps2 / np.maximum(np.abs(path[:, :, 3]), 1e-4))
        slope = 2 * self.manner.brake_mps2 * PATH_SPACING_M * np.arange(PATH_POINTS)
        level = np.minimum(path[:, :, 4], bend) ** 2 + slope
        lowest: F8 = np.minimum.accumulate(level[:, ::-1], axis=1)[:, ::-1] - slope
        return np.maximum(lowest, 0.0)

    def _roll(self, squares: F8, scalars: F8) -> tuple[F8, F8]:
        """Simulate 4 s: metres ahead f8[N, T] and speeds f8[N, T]."""
        manner = self.manner
        speed, stop, gap, leader_speed, brake_max = scalars.T
        count = len(speed)
        rows = np.arange(count)
        ahead = np.zeros(count)
        out_s, out_v = np.empty((count, ACTION_STEPS)), np.empty((count, ACTION_STEPS))
        leader_speed = np.maximum(leader_speed, 0.0)
        hard = np.minimum(manner.emergency_mps2, brake_max)
        root = 2 * np.sqrt(manner.accel_mps2 * manner.brake_mps2)
        for k in range(ACTION_STEPS):
            place = np.minimum((ahead / PATH_SPACING_M).astype(int), PATH_POINTS - 1)
            left = stop - ahead - speed * ACTION_STEP_S  # where the car will be when it has reacted
            cap = np.sqrt(np.minimum(squares[rows, place], 2 * manner.brake_mps2 * np.maximum(left - 0.05, 0.0)))
            free = gap + leader_speed * ((k + 1) * ACTION_STEP_S) - ahead
            wish = manner.gap_m + np.maximum(0.0, speed * manner.headway_s + speed * (speed - leader_speed) / root)
            ratio = np.minimum(speed / np.maximum(cap, 0.5), 1.0)
            follow = manner.accel_mps2 * (1 - ratio**4 - (wish / np.maximum(free, 0.1)) ** 2)
            keep = (cap - speed) / (2 * ACTION_STEP_S)
            accel = np.clip(np.minimum(keep, follow), -hard, manner.accel_mps2)
            after = np.maximum(speed + accel * ACTION_STEP_S, 0.0)
            ahead = ahead + (speed + after) / 2 * ACTION_STEP_S
            speed = after
            out_s[:, k], out_v[:, k] = ahead, speed
        return out_s, out_v


def _scalars(seen: Observation, manner: Manner) -> tuple[float, float, float, float, float]:
    """(speed, metres to where it must stand, gap to the leader, the leader's speed, hardest braking)."""
    ego = seen.ego
    stop = seen.stop.distance_m if seen.stop is not None else FAR_M
    crossing = seen.junction
    if crossing is not None and not crossing.may_enter:
        stop = min(stop, max(crossing.line_m - BEFORE_LINE_M, 0.0))
    if seen.directive is Directive.HOLD:
        stop = min(stop, _hold_distance(seen, manner))
    if not seen.may_leave_kerb:
        stop = 0.0
    if seen.leader is None:
        return ego.speed_mps, stop, FAR_M, 0.0, ego.brake_max_mps2
    return ego.speed_mps, stop, seen.leader.gap_m, seen.leader.speed_mps, ego.brake_max_mps2


def _hold_distance(seen: Observation, manner: Manner) -> float:
    """Brake gently to a stand in the lane, but never in a junction."""
    speed = seen.ego.speed_mps
    if speed < 1.0 and seen.box_left_m <= 0:
        return 0.0
    distance = speed * speed / (2.6 * manner.brake_mps2)  # shorter than comfort allows, so that it brakes from now on
    crossing = seen.junction
    if crossing is not None and crossing.may_enter and crossing.line_m - 1.0 < distance < crossing.clear_m:
        stops_before = speed * speed / (2 * 2 * manner.brake_mps2) < crossing.line_m
        distance = crossing.line_m if stops_before else crossing.clear_m
    return max(distance, seen.box_left_m + 1.0 if seen.box_left_m > 0 else 0.0)


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
