"""What a policy says: where the car shall be over the next four seconds.

Frame of reference: metres east and north in the map's projection; headings in radians, counter-clockwise from east.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Self

import numpy as np
from numpy.typing import NDArray

ACTION_STEPS = 20
ACTION_STEP_S = 0.2


@dataclass(frozen=True, slots=True)
class Action:
    """A trajectory of the rear axle.

    trajectory: f8[ACTION_STEPS, 4]: x (m), y (m), heading (rad), speed (m/s); row k is due `(k + 1) * ACTION_STEP_S`
    after `time_s`, the world time of the observation that it answers.
    uncertainty: 0 (sure) to 1, calibrated on held-out drives; ood: how far the pictures are from all training, 1 at the
    calibrated limit; intent: a short word for people; cause: the policy's own reason (`Cause`), explanation: in words;
    help: the question to a person, if one is needed; refuses: why the instruction is not obeyed.
    alternatives: f8[K, ACTION_STEPS, 4] other plans, alternative_weights f8[K]; both empty where there are none.
    """

    car_id: str
    time_s: float
    trajectory: NDArray[np.float64]
    uncertainty: float = 0.0
    intent: str = "drive"
    help: str | None = None
    cause: str = ""
    explanation: str = ""
    ood: float = 0.0
    refuses: str | None = None
    alternatives: NDArray[np.float64] = field(default_factory=lambda: np.zeros((0, ACTION_STEPS, 4)))
    alternative_weights: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))

    @classmethod
    def from_rows(
        cls, car_id: str, time_s: float, rows: Sequence[tuple[float, float, float, float]], intent: str
    ) -> Self:
        """An action from plain rows, as the safety layer writes them. Raises ValueError on a wrong shape."""
        trajectory = np.array(rows, dtype=np.float64)
        if trajectory.shape != (ACTION_STEPS, 4):
            raise ValueError(f"trajectory: shape {trajectory.shape}, must be ({ACTION_STEPS}, 4)")
        return cls(car_id=car_id, time_s=time_s, trajectory=trajectory, intent=intent)


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds that the safety layer puts on actuation; the actuator obeys them whatever the trajectory says."""

    speed_max_mps: float = float("inf")
    accel_max_mps2: float = float("inf")
    accel_min_mps2: float = float("-inf")
