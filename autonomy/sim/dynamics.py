"""How cars move: a kinematic bicycle about the rear axle, all cars at once.

Kinematic bicycle model: x' = v cos θ, y' = v sin θ, θ' = v tan δ / L (Rajamani, Vehicle Dynamics and Control, 2.2).
The tracking controller is feed-forward curvature plus feedback in the path's own length, critically damped:
κ = κ_ref − e / ℓ² − 2 θ_e / ℓ.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from autonomy.world.action import ACTION_STEP_S, ACTION_STEPS

F8 = NDArray[np.float64]
JERK_MPS3 = 4.0
BRAKE_JERK_MPS3 = 40.0
PREVIEW_S = 0.15


@dataclass(eq=False)
class Motion:
    """Arrays f8[N] of all cars; `trajectory` f8[N, ACTION_STEPS, 4] is what each follows, given at `given_s`."""

    x: F8
    y: F8
    heading: F8
    speed: F8
    accel: F8
    steer: F8
    wheelbase: F8
    steer_max: F8
    steer_rate: F8
    accel_max: F8
    brake_max: F8
    speed_max: F8
    trajectory: F8
    given_s: F8
    limit_speed: F8
    limit_accel: F8
    limit_brake: F8

    def advance(self, time_s: float, dt_s: float) -> F8:
        """Move all cars by `dt_s`. Returns f8[N], the metres that each has driven."""
        reference, past_end = self._reference(time_s + PREVIEW_S)
        self._steer(reference, dt_s)
        self._drive(time_s, past_end, dt_s)
        before = self.speed
        after = before + self.accel * dt_s
        after = np.where((after < 0.02) & (self.accel <= 0.05), 0.0, np.maximum(after, 0.0))
        self.accel = np.where(after > 0, self.accel, np.minimum(self.accel, 0.0) * (before > 0))
        driven = (before + after) / 2 * dt_s
        turned = driven * np.tan(self.steer) / self.wheelbase
        middle = self.heading + turned / 2
        self.x = self.x + driven * np.cos(middle)
        self.y = self.y + driven * np.sin(middle)
        self.heading = self.heading + turned
        self.speed = after
        return driven

    def _row(self, at_s: float | F8) -> tuple[F8, NDArray[np.bool_]]:
        """f8[N, 4]: the trajectory at a time, interpolated; and where the time lies past its end."""
        k = (at_s - self.given_s) / ACTION_STEP_S - 1.0
        past = k > ACTION_STEPS - 1
        k = np.clip(k, 0.0, ACTION_STEPS - 1.001)
        low = k.astype(int)
        part = (k - low)[:, None]
        rows = np.arange(len(low))
        return self.trajectory[rows, low] * (1 - part) + self.trajectory[rows, low + 1] * part, past

    def _reference(self, at_s: float) -> tuple[F8, NDArray[np.bool_]]:
        """f8[N, 5]: x, y, heading, speed, curvature where the car should be."""
        here, past = self._row(at_s)
        there, _ = self._row(at_s + 0.3)
        gone = np.hypot(there[:, 0] - here[:, 0], there[:, 1] - here[:, 1])
        curvature = np.where(gone > 0.15, (there[:, 2] - here[:, 2]) / np.maximum(gone, 0.15), 0.0)
        return np.column_stack([here, curvature]), past

    def _steer(self, reference: F8, dt_s: float) -> None:
        c, s = np.cos(reference[:, 2]), np.sin(reference[:, 2])
        dx, dy = self.x - reference[:, 0], self.y - reference[:, 1]
        along = dx * c + dy * s
        kappa = reference[:, 4]
        across = -dx * s + dy * c - along * along * kappa / 2
        off = np.angle(np.exp(1j * (self.heading - reference[:, 2] - along * kappa)))
        scale = 2.5 + 0.35 * self.speed
        wanted = kappa - across / scale**2 - 2 * off / scale
        target = np.clip(np.arctan(wanted * self.wheelbase), -self.steer_max, self.steer_max)
        target = np.where(self.speed < 0.05, self.steer, target)
        turn = np.clip(target - self.steer, -self.steer_rate * dt_s, self.steer_rate * dt_s)
        self.steer = self.steer + turn

    def _drive(self, time_s: float, past_end: NDArray[np.bool_], dt_s: float) -> None:
        soon, _ = self._row(time_s + 0.4)
        wanted = (np.minimum(soon[:, 3], np.minimum(self.speed_max, self.limit_speed)) - self.speed) / 0.4
        wanted = np.where(past_end, -3.0, wanted)
        wanted = np.clip(wanted, -self.brake_max, self.accel_max)
        wanted = np.maximum(wanted, self.limit_brake)
        wanted = np.minimum(wanted, self.limit_accel)
        wanted = np.maximum(wanted, -self.brake_max)
        self.accel = np.clip(wanted, self.accel - BRAKE_JERK_MPS3 * dt_s, self.accel + JERK_MPS3 * dt_s)
        self.accel = np.where((self.accel < 0) & (wanted >= 0), np.maximum(self.accel, wanted - 1.0), self.accel)
