"""The navigation's line as the car knows it: with the error of localisation and map.

The error of each car is a sum of three slow sines in every direction, drawn from the world's seed and the car's name:
smooth, bounded at sqrt(6) sigma, of standard deviation sigma over time, and a function of time alone, so that a world
restored at some time has the same one.
"""

import hashlib
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from autonomy.world.observation import ROUTE_POINTS

F8 = NDArray[np.float64]
SIGMA = np.array([0.5, 0.25, 0.01])  # m along, m across, rad
PERIODS_S = (13.0, 90.0)
WAVES = 3


@lru_cache(maxsize=4096)
def _waves(seed: int, car_id: str) -> tuple[F8, F8]:
    """Angular frequencies and phases, f8[3, WAVES] each."""
    word = int.from_bytes(hashlib.sha256(car_id.encode()).digest()[:8], "big")
    random = np.random.default_rng([seed & 0xFFFFFFFF, word])
    period = random.uniform(*PERIODS_S, size=(3, WAVES))
    return 2 * np.pi / period, random.uniform(0.0, 2 * np.pi, size=(3, WAVES))


def localisation_error(seed: int, car_id: str, time_s: float) -> tuple[float, float, float]:
    """How far off the car believes to be: metres ahead, metres to the left, radians counter-clockwise."""
    frequency, phase = _waves(seed, car_id)
    along, across, turn = (SIGMA * np.sqrt(2 / WAVES) * np.sin(frequency * time_s + phase).sum(axis=1)).tolist()
    return along, across, turn


def in_car_frame(points: F8, pose: tuple[float, float, float], error: tuple[float, float, float]) -> F8:
    """f8[k, 2]: places (x, y) as metres ahead and left of a car that believes itself off by `error`."""
    x, y, heading = pose
    c, s = np.cos(heading), np.sin(heading)
    dx, dy = points[:, 0] - x, points[:, 1] - y
    ahead, left = dx * c + dy * s - error[0], -dx * s + dy * c - error[1]
    c, s = np.cos(error[2]), np.sin(error[2])
    return np.column_stack([ahead * c + left * s, -ahead * s + left * c])


def route_of(path: F8, pose: tuple[float, float, float], error: tuple[float, float, float]) -> F8:
    """f8[ROUTE_POINTS, 2] from the observation's path."""
    return in_car_frame(path[:ROUTE_POINTS, :2], pose, error)
