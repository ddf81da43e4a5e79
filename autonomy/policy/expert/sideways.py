"""Driving beside the lane's middle: where, and along which curve.

Every way sideways is fixed to the road (to the thing that is passed), not to the car, so that a driver without memory
drives one curve from tick to tick. What the car is off that curve fades out by the quintic that starts with the car's
offset, slope and bend and ends with none (Werling et al., Optimal trajectory generation in a Frenet frame, 2010).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

F8 = NDArray[np.float64]
GRID_M = 1.0
GRID = np.arange(0.0, 130.0, GRID_M)
GENTLE_MPS2 = 1.2
OFF_M = 0.4  # nearer to its lane than this a car needs no curve back: the steering sees to it


@dataclass(frozen=True, slots=True)
class Shift:
    """Offset `left_m` for the rear axle from `start_m` to `end_m` (m ahead of where it is now), with `ramp_in_m` before
    and `ramp_out_m` behind it."""

    left_m: float
    start_m: float
    end_m: float
    ramp_in_m: float
    ramp_out_m: float


def ease(t: F8) -> F8:
    """0 to 1 with no slope and no bend at both ends."""
    t = np.clip(t, 0.0, 1.0)
    smooth: F8 = t * t * t * (10 - 15 * t + 6 * t * t)
    return smooth


def wanted(shifts: list[Shift]) -> F8:
    """f8[len(GRID)]: offset to the left at each metre ahead; of several ways the one further out."""
    offset = np.zeros(len(GRID))
    for shift in shifts:
        rise = ease((GRID - shift.start_m + shift.ramp_in_m) / max(shift.ramp_in_m, 1e-3))
        fall = ease((GRID - shift.end_m) / max(shift.ramp_out_m, 1e-3))
        way = shift.left_m * rise * (1 - fall)
        offset = np.where(np.abs(way) > np.abs(offset), way, offset)
    return offset


def curve(shifts: list[Shift], *, left_m: float, slope: float, bend: float, speed_mps: float) -> F8:
    """f8[len(GRID)]: the offset to drive, from the car's own state on to the ways wanted."""
    way = wanted(shifts)
    first_slope = (way[1] - way[0]) / GRID_M
    first_bend = (way[2] - 2 * way[1] + way[0]) / GRID_M**2
    off, off_slope, off_bend = left_m - way[0], slope - first_slope, bend - first_bend
    near = min((shift.start_m for shift in shifts if shift.start_m > 0), default=1e3)
    gentle = speed_mps * (5.77 * abs(off) / GENTLE_MPS2) ** 0.5  # 5.77: the most bend of `ease`
    reach = float(np.clip(max(10.0, 2.0 * speed_mps, gentle), 6.0, max(near, 6.0)))
    t = np.clip(GRID / reach, 0.0, 1.0)
    fade = 1 - ease(t)
    fade_slope = reach * (t - 6 * t**3 + 8 * t**4 - 3 * t**5)
    fade_bend = reach**2 * (0.5 * t**2 - 1.5 * t**3 + 1.5 * t**4 - 0.5 * t**5)
    result: F8 = way + off * fade + off_slope * fade_slope + off_bend * fade_bend
    return result


def bends(offset: F8) -> F8:
    """f8[len(GRID)]: the curvature that the offset adds to the path's, 1/m."""
    slope = np.gradient(offset, GRID_M)
    return np.gradient(slope, GRID_M) / (1 + slope * slope) ** 1.5


def along_curve(path: F8, spacing_m: float, offset: F8, driven: F8) -> F8:
    """f8[T, 3]: x, y, heading after `driven` metres (f8[T]) on the offset curve along the path f8[K, >=4]."""
    at = np.arange(len(path)) * spacing_m
    slope = np.gradient(offset, GRID_M)
    kappa = np.interp(GRID, at, path[:, 3])
    stretch = np.hypot(1 - kappa * offset, slope)
    length = np.concatenate([[0.0], np.cumsum((stretch[1:] + stretch[:-1]) / 2 * GRID_M)])
    s = np.interp(driven, length, GRID)
    x, y, heading = (np.interp(s, at, path[:, column]) for column in range(3))
    left = np.interp(s, GRID, offset)
    turn = np.arctan2(np.interp(s, GRID, slope), 1 - np.interp(s, GRID, kappa) * left)
    return np.column_stack([x - left * np.sin(heading), y + left * np.cos(heading), heading + turn])
