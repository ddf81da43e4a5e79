"""What is around each car, measured in the frame of its own path."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from autonomy.sim.bodies import AllBodies
from autonomy.sim.fleet import Fleet

F8 = NDArray[np.float64]
AROUND_M = 110.0
BESIDE_M = 16.0
STEP = 2  # path points 1 m apart, every second is looked at


@dataclass(frozen=True, eq=False)
class Nearby:
    """P pairs, sorted by car: body `j` (see `AllBodies`) near the path of car `i`. ahead_m: front bumper to the body's
    nearest point; left_m: of its middle from the path; clear_m: outline to swept path; along, across: its speed in the
    path's frame (m/s); turn: its heading against the path's; half_m: half its extent along the path."""

    i: NDArray[np.int64]
    j: NDArray[np.int64]
    ahead_m: F8
    left_m: F8
    clear_m: F8
    along_mps: F8
    across_mps: F8
    turn: F8
    half_m: F8

    def of(self, index: int) -> slice:
        """The pairs of one car."""
        first, last = np.searchsorted(self.i, [index, index + 1])
        return slice(int(first), int(last))


def look_around(fleet: Fleet, window: F8, bodies: AllBodies) -> Nearby:
    """window: f8[N, K, 5], the path ahead of each car's foot point, 1 m apart."""
    here = window[:, 0, :2]
    apart = np.hypot(here[:, None, 0] - bodies.x[None, :], here[:, None, 1] - bodies.y[None, :])
    near = apart < AROUND_M
    rows = np.arange(fleet.count)
    near[rows, rows] = False
    i, j = np.nonzero(near)
    x, y = bodies.x[j], bodies.y[j]
    line = window[:, ::STEP, :3]
    points = line[i, :, :2]
    k = ((points[:, :, 0] - x[:, None]) ** 2 + (points[:, :, 1] - y[:, None]) ** 2).argmin(axis=1)
    foot = line[i, k]
    c, s = np.cos(foot[:, 2]), np.sin(foot[:, 2])
    dx, dy = x - foot[:, 0], y - foot[:, 1]
    left = -dx * s + dy * c
    ahead = k * float(STEP) + dx * c + dy * s - fleet.front[i]
    turn = bodies.heading[j] - foot[:, 2]
    ct, st = np.cos(turn), np.sin(turn)
    length, width = bodies.length[j] / 2, bodies.width[j] / 2
    half = np.abs(length * ct) + np.abs(width * st)
    wide = np.abs(length * st) + np.abs(width * ct)
    clear = np.maximum(np.abs(left) - wide - fleet.width[i] / 2, 0.0)
    keep = (clear < BESIDE_M) & (ahead > -AROUND_M)
    i, j = i[keep], j[keep]
    speed = bodies.speed[j]
    return Nearby(
        i, j, (ahead - half)[keep], left[keep], clear[keep], speed * ct[keep], speed * st[keep],
        np.arctan2(st, ct)[keep], half[keep],
    )  # fmt: skip
