"""Lines for cars to follow: offset, joined by arcs, smoothed until a car can steer along them."""

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

from autonomy.sim.dubins import dubins

F8 = NDArray[np.float64]
TURN_RADIUS_M = 7.5
LOOP_RADIUS_M = 6.5
REPAIR_RADIUS_M = 5.8
KAPPA_WANTED = 0.19  # a circle of 5.3 m, which every platform can steer


def lengths_along(line: F8) -> F8:
    """f8[k]: distance of each point from the first one."""
    return np.concatenate([[0.0], np.cumsum(np.hypot(np.diff(line[:, 0]), np.diff(line[:, 1])))])


def offset_line(line: F8, right_m: float) -> F8:
    """The line moved to its right (left if negative) with mitred corners, the mitre bounded at twice the offset."""
    steps = np.diff(line, axis=0)
    size = np.hypot(steps[:, 0], steps[:, 1])
    steps = steps[size > 1e-6] / size[size > 1e-6][:, None]
    points = np.concatenate([line[:1], line[1:][size > 1e-6]])
    if len(points) < 2:
        return line + 0.0
    before = np.concatenate([steps[:1], steps])
    after = np.concatenate([steps, steps[-1:]])
    middle = before + after
    norm = np.hypot(middle[:, 0], middle[:, 1])
    middle = np.where(norm[:, None] > 1e-6, middle / np.maximum(norm, 1e-6)[:, None], before)
    cosine = np.maximum((middle * before).sum(axis=1), 0.5)
    normal = np.column_stack([middle[:, 1], -middle[:, 0]])
    moved: F8 = points + normal * (right_m / cosine)[:, None]
    return moved


def bend(start: F8, start_heading: float, end: F8, end_heading: float) -> F8:
    """Points of a cubic Bezier curve that is nearly a circle's arc when the ends allow one."""
    turn = abs(float(np.angle(np.exp(1j * (end_heading - start_heading)))))
    chord = float(np.hypot(*(end - start)))
    half = max(turn / 2, 1e-3)
    handle = chord * (2 / 3) * np.tan(half / 2) / np.sin(min(half, np.pi / 2))
    first = start + handle * np.array([np.cos(start_heading), np.sin(start_heading)])
    second = end - handle * np.array([np.cos(end_heading), np.sin(end_heading)])
    t = np.linspace(0.0, 1.0, max(4, int(chord) + 3))[:, None]
    curve: F8 = (1 - t) ** 3 * start + 3 * (1 - t) ** 2 * t * first + 3 * (1 - t) * t**2 * second + t**3 * end
    return curve


def loop(node: F8, heading: float, lane_m: float, room_m: float) -> F8:
    """Turning round at a road's end: swing out, drive round on a circle, swing back. `lane_m` > 0: keeping right.

    Two circles of one radius r touch: dx² + (lane + r)² = (2 r)².
    """
    side, lane = np.sign(lane_m) or 1.0, abs(lane_m)
    radius = max(LOOP_RADIUS_M, lane + 0.1)
    reach = float(np.sqrt(max(4 * radius**2 - (lane + radius) ** 2, 0.01)))
    start_x = -min(reach + 2.0, room_m)
    alpha = float(np.arctan2(lane + radius, reach))
    out = np.linspace(np.pi / 2, alpha, 8)
    swing = np.column_stack([start_x + radius * np.cos(out), -lane - radius + radius * np.sin(out)])
    around = np.linspace(alpha - np.pi, np.pi - alpha, 32)
    circle = np.column_stack([start_x + reach + radius * np.cos(around), radius * np.sin(around)])
    local = np.concatenate([swing, circle[1:], (swing * [1, -1])[::-1][1:]]) * [1.0, side]
    c, s = np.cos(heading), np.sin(heading)
    turned: F8 = node + local @ np.array([[c, s], [-s, c]])
    return turned


def heading_of(line: F8) -> F8:
    """f8[k]: continuous heading at each point of an evenly spaced line."""
    gradient = np.gradient(line, axis=0)
    return np.unwrap(np.arctan2(gradient[:, 1], gradient[:, 0]))


def curvature_of(heading: F8, spacing_m: float) -> F8:
    return np.gradient(heading, spacing_m)


def even(columns: F8, spacing_m: float) -> F8:
    """Rows resampled at even distances of their first two columns (x, y); less than a spacing is lost at the end."""
    along = lengths_along(columns)
    keep = np.concatenate([[True], np.diff(along) > 1e-9])
    along, columns = along[keep], columns[keep]
    at = np.arange(0.0, along[-1] + 1e-9, spacing_m)
    return np.column_stack([np.interp(at, along, columns[:, k]) for k in range(columns.shape[1])])


def steerable(columns: F8) -> F8:
    """Rows (x, y, ...) at 1 m, smoothed a little; where they are still too tight to steer, a Dubins way instead."""
    rows = even(columns, 1.0)
    if len(rows) < 5:
        return rows
    rows = even(_smooth(rows, 2.0), 1.0)
    for _ in range(3):
        tight = np.flatnonzero(np.abs(curvature_of(heading_of(rows[:, :2]), 1.0)) > KAPPA_WANTED)
        if len(tight) == 0 or len(rows) < 8:
            break
        groups = np.split(tight, np.flatnonzero(np.diff(tight) > 12) + 1)
        for group in reversed(groups):
            rows = _repaired(rows, int(group[0]), int(group[-1]))
        rows = even(_smooth(even(rows, 1.0), 1.0), 1.0)
    return rows


def _repaired(rows: F8, first: int, last: int) -> F8:
    """Rows `first` to `last` and what is needed around them replaced by the Dubins way that costs the least detour."""
    heading = heading_of(rows[:, :2])
    best: tuple[float, int, int, F8] | None = None
    for reach in (5, 8, 11, 15, 20, 26):
        a, b = max(first - reach, 0), min(last + reach, len(rows) - 1)
        way = dubins((*rows[a, :2], heading[a]), (*rows[b, :2], heading[b]), REPAIR_RADIUS_M)
        detour = float(lengths_along(way)[-1]) - (b - a)
        if best is None or detour < best[0] - 3.0:
            best = (detour, a, b, way)
        if detour < 2.0:
            break
    assert best is not None
    _, a, b, way = best
    t = lengths_along(way) / max(float(lengths_along(way)[-1]), 1e-6)
    rest = rows[a, 2:] + t[:, None] * (rows[b, 2:] - rows[a, 2:])
    return np.concatenate([rows[:a], np.column_stack([way, rest]), rows[b + 1 :]])


def _smooth(rows: F8, sigma: float) -> F8:
    """Gaussian smoothing of deviations from the straight line between the ends, so that the ends stay."""
    t = np.linspace(0.0, 1.0, len(rows))[:, None]
    chord = (1 - t) * rows[0] + t * rows[-1]
    deviation = rows - chord
    mirrored = np.concatenate([-deviation[:0:-1], deviation, -deviation[-2::-1]])
    smooth = gaussian_filter1d(mirrored, sigma, axis=0)[len(rows) - 1 : 2 * len(rows) - 1]
    result: F8 = chord + smooth
    return result
