"""How the world's own traffic drives: the Intelligent Driver Model under speed caps ahead, all cars at once.

Treiber, Hennecke, Helbing, Congested traffic states in empirical observations and microscopic simulations (2000).
Speed caps (limit, curve, stop) are met by v² = v_cap² + 2 b d.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from autonomy.world.action import ACTION_STEP_S, ACTION_STEPS
from autonomy.world.observation import PATH_POINTS, PATH_SPACING_M

F8 = NDArray[np.float64]
FAR_M = 1e6
HARD_MPS2 = 6.5
LATERAL_MPS2 = 2.0


@dataclass(frozen=True, eq=False)
class Ahead:
    """f8[N] each: speed (m/s), metres to where the front has to stand, gap to the leader and its speed; and the driver:
    factor on the limit, comfortable acceleration and braking (m/s²), headway (s), gap at a stand (m)."""

    speed: F8
    stop_m: F8
    gap_m: F8
    leader_mps: F8
    factor: F8
    accel: F8
    brake: F8
    headway_s: F8
    stand_gap_m: F8


def trajectories(path: F8, ahead: Ahead) -> F8:
    """f8[N, ACTION_STEPS, 4] along `path`, f8[N, PATH_POINTS, 5]."""
    driven, speed = _roll(_caps(path, ahead), ahead)
    at = np.minimum(driven / PATH_SPACING_M, PATH_POINTS - 1.001)
    low = at.astype(int)
    part = (at - low)[:, :, None]
    rows = np.arange(len(path))[:, None]
    pose = path[rows, low, :3] * (1 - part) + path[rows, low + 1, :3] * part
    return np.concatenate([pose, speed[:, :, None]], axis=2)


def _caps(path: F8, ahead: Ahead) -> F8:
    """f8[N, PATH_POINTS]: squared speed allowed at each path point so that every later cap can be kept."""
    bend = np.sqrt(LATERAL_MPS2 / np.maximum(np.abs(path[:, :, 3]), 1e-4))
    slope = 2 * ahead.brake[:, None] * PATH_SPACING_M * np.arange(PATH_POINTS)
    level = np.minimum(path[:, :, 4] * ahead.factor[:, None], bend) ** 2 + slope
    lowest: F8 = np.minimum.accumulate(level[:, ::-1], axis=1)[:, ::-1] - slope
    return np.maximum(lowest, 0.0)


def _roll(squares: F8, ahead: Ahead) -> tuple[F8, F8]:
    """Metres driven and speeds, f8[N, ACTION_STEPS] each."""
    speed, rows = ahead.speed, np.arange(len(ahead.speed))
    driven = np.zeros(len(speed))
    out_s, out_v = np.empty((len(speed), ACTION_STEPS)), np.empty((len(speed), ACTION_STEPS))
    root = 2 * np.sqrt(ahead.accel * ahead.brake)
    for k in range(ACTION_STEPS):
        place = np.minimum((driven / PATH_SPACING_M).astype(int), PATH_POINTS - 1)
        left = ahead.stop_m - driven - speed * ACTION_STEP_S
        cap = np.sqrt(np.minimum(squares[rows, place], 2 * ahead.brake * np.maximum(left - 0.05, 0.0)))
        free = ahead.gap_m + ahead.leader_mps * ((k + 1) * ACTION_STEP_S) - driven
        closing = speed * ahead.headway_s + speed * (speed - ahead.leader_mps) / root
        wish = ahead.stand_gap_m + np.maximum(0.0, closing)
        ratio = np.minimum(speed / np.maximum(cap, 0.5), 1.0)
        follow = ahead.accel * (1 - ratio**4 - (wish / np.maximum(free, 0.1)) ** 2)
        accel = np.clip(np.minimum((cap - speed) / (2 * ACTION_STEP_S), follow), -HARD_MPS2, ahead.accel)
        after = np.maximum(speed + accel * ACTION_STEP_S, 0.0)
        driven = driven + (speed + after) / 2 * ACTION_STEP_S
        speed = after
        out_s[:, k], out_v[:, k] = driven, speed
    return out_s, out_v
