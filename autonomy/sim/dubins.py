"""Shortest way between two poses for a car that can't turn tighter than a radius.

L. E. Dubins, On curves of minimal length (1957); the six words in the form of Shkel and Lumelsky (2001).
"""

from math import acos, atan2, cos, hypot, pi, sin, sqrt, tau

import numpy as np
from numpy.typing import NDArray

F8 = NDArray[np.float64]
Pose = tuple[float, float, float]
Segments = tuple[str, float, float, float]


def _turns(d: float, a: float, b: float) -> list[Segments]:
    """Candidates (word, three segment lengths) in units of the radius."""
    sa, sb, ca, cb, cab = sin(a), sin(b), cos(a), cos(b), cos(a - b)
    found: list[Segments] = []
    square = 2 + d * d - 2 * cab + 2 * d * (sa - sb)
    if square >= 0:
        heading = atan2(cb - ca, d + sa - sb)
        found.append(("LSL", (heading - a) % tau, sqrt(square), (b - heading) % tau))
    square = 2 + d * d - 2 * cab + 2 * d * (sb - sa)
    if square >= 0:
        heading = atan2(ca - cb, d - sa + sb)
        found.append(("RSR", (a - heading) % tau, sqrt(square), (heading - b) % tau))
    square = d * d - 2 + 2 * cab + 2 * d * (sa + sb)
    if square >= 0:
        p = sqrt(square)
        heading = atan2(-ca - cb, d + sa + sb) - atan2(-2.0, p)
        found.append(("LSR", (heading - a) % tau, p, (heading - b) % tau))
    square = d * d - 2 + 2 * cab - 2 * d * (sa + sb)
    if square >= 0:
        p = sqrt(square)
        heading = atan2(ca + cb, d - sa - sb) - atan2(2.0, p)
        found.append(("RSL", (a - heading) % tau, p, (b - heading) % tau))
    cosine = (6 - d * d + 2 * cab + 2 * d * (sa - sb)) / 8
    if abs(cosine) <= 1:
        p = (tau - acos(cosine)) % tau
        t = (a - atan2(ca - cb, d - sa + sb) + p / 2) % tau
        found.append(("RLR", t, p, (a - b - t + p) % tau))
    cosine = (6 - d * d + 2 * cab + 2 * d * (sb - sa)) / 8
    if abs(cosine) <= 1:
        p = (tau - acos(cosine)) % tau
        t = (-a - atan2(ca - cb, d + sa - sb) + p / 2) % tau
        found.append(("LRL", t, p, (b - a - t + p) % tau))
    return found


def dubins(start: Pose, end: Pose, radius_m: float, spacing_m: float = 0.5) -> F8:
    """f8[k, 2]: points of the shortest way, both ends included, about `spacing_m` apart."""
    dx, dy = end[0] - start[0], end[1] - start[1]
    bearing = atan2(dy, dx)
    a, b = (start[2] - bearing) % tau, (end[2] - bearing) % tau
    word, *lengths = min(_turns(hypot(dx, dy) / radius_m, a, b), key=lambda found: sum(found[1:]))
    x, y, heading = start
    pieces = [np.array([[x, y]])]
    for kind, length in zip(word, lengths, strict=True):
        steps = np.linspace(0.0, length, max(2, int(length * radius_m / spacing_m) + 2))[1:]
        if kind == "S":
            xs, ys = x + radius_m * steps * cos(heading), y + radius_m * steps * sin(heading)
        else:
            side = 1.0 if kind == "L" else -1.0
            turned = heading + side * steps
            xs = x + side * radius_m * (np.sin(turned) - sin(heading))
            ys = y - side * radius_m * (np.cos(turned) - cos(heading))
            heading = (heading + side * length + pi) % tau - pi
        pieces.append(np.column_stack([xs, ys]))
        x, y = float(xs[-1]), float(ys[-1])
    return np.concatenate(pieces)
