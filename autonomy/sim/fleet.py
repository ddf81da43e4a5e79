"""The arrays of all cars of a world: motion, windows of path ahead, energy."""

from dataclasses import fields

import numpy as np
from numpy.typing import NDArray

from autonomy.sim.car import Car
from autonomy.sim.dynamics import Motion
from autonomy.sim.path import HEADING, X, Y
from autonomy.sim.platforms import Platform
from autonomy.world.action import ACTION_STEPS
from autonomy.world.observation import PATH_POINTS, PATH_SPACING_M

F8 = NDArray[np.float64]
WINDOW_BACK = 12
WINDOW_SLACK = 40
WINDOW = WINDOW_BACK + WINDOW_SLACK + int(PATH_POINTS * PATH_SPACING_M) + 2
SPECS = ("wheelbase_m", "steer_max_rad", "steer_rate_rad_s", "accel_max_mps2", "brake_max_mps2", "speed_max_mps")


class Fleet:
    """Arrays f8[N], N cars; `s` is each rear axle's foot point on its path, `lateral` its distance from it (left +)."""

    def __init__(self) -> None:
        def zeros(*shape: int) -> F8:
            return np.zeros((0, *shape))

        names = [entry.name for entry in fields(Motion)]
        arrays = {name: zeros(ACTION_STEPS, 4) if name == "trajectory" else zeros() for name in names}
        self.motion = Motion(**arrays)
        self.s, self.lateral, self.odometer, self.energy_kwh = zeros(), zeros(), zeros(), zeros()
        self.front, self.rear, self.width = zeros(), zeros(), zeros()
        self.battery, self.per_m, self.idle_kw, self.charge_kw = zeros(), zeros(), zeros(), zeros()
        self.window = zeros(WINDOW, 5)
        self.base = np.zeros(0, dtype=np.int64)
        self.size = np.zeros(0, dtype=np.int64)

    @property
    def count(self) -> int:
        return len(self.s)

    def append(self, platform: Platform, soc_pct: float, odometer_m: float) -> int:
        """Room for one more car. Returns its index."""
        m = self.motion
        specs = [float(getattr(platform, name)) for name in SPECS]
        for name in ("x", "y", "heading", "speed", "accel", "steer", "given_s"):
            setattr(m, name, np.append(getattr(m, name), 0.0))
        names = ("wheelbase", "steer_max", "steer_rate", "accel_max", "brake_max", "speed_max")
        for name, value in zip(names, specs, strict=True):
            setattr(m, name, np.append(getattr(m, name), value))
        m.limit_speed, m.limit_accel = np.append(m.limit_speed, np.inf), np.append(m.limit_accel, np.inf)
        m.limit_brake = np.append(m.limit_brake, -np.inf)
        m.trajectory = np.concatenate([m.trajectory, np.zeros((1, ACTION_STEPS, 4))])
        own = {
            "s": 0.0,
            "lateral": 0.0,
            "odometer": odometer_m,
            "energy_kwh": platform.battery_kwh * soc_pct / 100,
            "front": platform.front_m,
            "rear": platform.rear_overhang_m,
            "width": platform.width_m,
            "battery": platform.battery_kwh,
            "per_m": platform.drive_kwh_per_km / 1000,
            "idle_kw": platform.idle_kw,
            "charge_kw": 0.0,
        }
        for name, value in own.items():
            setattr(self, name, np.append(getattr(self, name), value))
        self.window = np.concatenate([self.window, np.zeros((1, WINDOW, 5))])
        self.base, self.size = np.append(self.base, 0), np.append(self.size, 0)
        return self.count - 1

    def remove(self, index: int) -> None:
        for holder in (self, self.motion):
            for name, value in list(vars(holder).items()):
                if isinstance(value, np.ndarray):
                    setattr(holder, name, np.delete(value, index, axis=0))

    def rest_at(self, index: int, x: float, y: float, heading: float, time_s: float) -> None:
        """Stand still at a pose, with a trajectory that says so."""
        m = self.motion
        m.x[index], m.y[index], m.heading[index] = x, y, heading
        m.speed[index] = m.accel[index] = m.steer[index] = 0.0
        m.trajectory[index] = (x, y, heading, 0.0)
        m.given_s[index] = time_s

    def reload(self, car: Car) -> None:
        """Copy the stretch of path around the car into its window; past the path's end the last point repeats."""
        points = car.path.points
        base = max(0, int(self.s[car.index]) - WINDOW_BACK)
        piece = points[base : base + WINDOW]
        self.window[car.index, : len(piece)] = piece
        self.window[car.index, len(piece) :] = piece[-1]
        self.base[car.index], self.size[car.index] = base, len(points)

    def stale_windows(self) -> NDArray[np.int64]:
        """Cars that have driven far into their window while the path goes on."""
        near_end = self.base + WINDOW < self.size
        return np.flatnonzero((self.s - self.base > WINDOW_BACK + WINDOW_SLACK - 2) & near_end)

    def refoot(self) -> None:
        """Move each foot point along its path to where its car now is."""
        rows = np.arange(self.count)
        for _ in range(2):
            local = np.clip(self.s - self.base, 0.0, WINDOW - 1.001)
            low = local.astype(int)
            part = (local - low)[:, None]
            foot = self.window[rows, low] * (1 - part) + self.window[rows, low + 1] * part
            dx, dy = self.motion.x - foot[:, X], self.motion.y - foot[:, Y]
            c, s = np.cos(foot[:, HEADING]), np.sin(foot[:, HEADING])
            self.lateral = -dx * s + dy * c
            self.s = np.clip(self.s + dx * c + dy * s, 0.0, np.maximum(self.size - 1.0, 0.0))

    def ahead(self, points: int, spacing_m: float) -> F8:
        """f8[N, points, 5]: the path ahead of each foot point at even distances."""
        start = np.clip(self.s - self.base, 0.0, None)
        low = start.astype(int)
        part = (start - low)[:, None, None]
        at = np.minimum(low[:, None] + (np.arange(points) * spacing_m).astype(int)[None, :], WINDOW - 2)
        rows = np.arange(self.count)[:, None]
        ahead: F8 = self.window[rows, at] * (1 - part) + self.window[rows, at + 1] * part
        return ahead

    def spend(self, driven_m: F8, dt_s: float) -> None:
        """Energy and odometer: kWh per metre driven, idle power always, charging only at rest."""
        self.odometer = self.odometer + driven_m
        charge = np.where(self.motion.speed < 0.05, self.charge_kw, 0.0)
        used = driven_m * self.per_m + (self.idle_kw - charge) * dt_s / 3600
        self.energy_kwh = np.clip(self.energy_kwh - used, 0.0, self.battery)
