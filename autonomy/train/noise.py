"""Small errors of driving while the teacher drives, so that its corrections are in the data.

DART (Laskey et al. 2017): the driver is disturbed, the label is what the undisturbed teacher would do from there. The
disturbances are slow (Ornstein-Uhlenbeck), as those of a learned driver are.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from autonomy.world.action import ACTION_STEP_S, ACTION_STEPS, Action

F8 = NDArray[np.float64]
REACH_M = 8.0


@dataclass(frozen=True, slots=True)
class Disturbance:
    """lateral_m: standard deviation of the shift to the side; speed: of the factor on speeds; tau_s: how fast they
    change; share: the part of the cars that is disturbed."""

    lateral_m: float = 0.35
    speed: float = 0.12
    tau_s: float = 3.0
    share: float = 0.7


class Noise:
    """Disturbs the actions of many cars; deterministic by seed and order of calls."""

    def __init__(self, disturbance: Disturbance, seed: int) -> None:
        self.disturbance = disturbance
        self._random = np.random.default_rng(seed)
        self._state: dict[str, tuple[float, float, bool]] = {}

    def apply(self, actions: Sequence[Action], step_s: float = ACTION_STEP_S) -> list[Action]:
        """Actions moved to the side (growing over the first metres) and driven faster or slower."""
        return [self._one(action, step_s) for action in actions]

    def _one(self, action: Action, step_s: float) -> Action:
        kind = self.disturbance
        draws = self._random.standard_normal(2)
        chance = float(self._random.random())
        lateral, speed, chosen = self._state.get(action.car_id, (0.0, 0.0, chance < kind.share))
        keep = float(np.exp(-step_s / kind.tau_s))
        spread = float(np.sqrt(1.0 - keep * keep))
        lateral = keep * lateral + spread * float(draws[0])
        speed = keep * speed + spread * float(draws[1])
        self._state[action.car_id] = (lateral, speed, chosen)
        if not chosen or action.trajectory[:, 3].max() < 0.5:
            return action
        return replace(action, trajectory=_moved(action.trajectory, kind.lateral_m * lateral, 1 + kind.speed * speed))


def _moved(rows: F8, left_m: float, factor: float) -> F8:
    factor = float(np.clip(factor, 0.6, 1.3))
    steps = np.diff(rows[:, :2], axis=0)
    along = np.concatenate([[0.0], np.cumsum(np.hypot(steps[:, 0], steps[:, 1]))])
    at = np.minimum(along * factor, along[-1])
    pose = np.column_stack([np.interp(at, along, rows[:, k]) for k in range(3)]) if along[-1] > 0.1 else rows[:, :3]
    shift = left_m * np.clip((along + rows[0, 3] * ACTION_STEP_S) / REACH_M, 0.0, 1.0)
    moved = np.empty((ACTION_STEPS, 4))
    moved[:, 0] = pose[:, 0] - shift * np.sin(pose[:, 2])
    moved[:, 1] = pose[:, 1] + shift * np.cos(pose[:, 2])
    moved[:, 2] = pose[:, 2]
    moved[:, 3] = rows[:, 3] * factor
    return moved
