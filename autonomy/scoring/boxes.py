"""Bodies as rectangles: corners, and which of them overlap (separating axis theorem), many pairs at once."""

import numpy as np
from numpy.typing import NDArray

from autonomy.sim.bodies import AllBodies

F8 = NDArray[np.float64]
TOUCH_M = 0.05


def corners(x: F8, y: F8, heading: F8, length: F8, width: F8) -> F8:
    """f8[N, 4, 2]: rear right, front right, front left, rear left."""
    along = np.array([-0.5, 0.5, 0.5, -0.5]) * length[:, None]
    across = np.array([-0.5, -0.5, 0.5, 0.5]) * width[:, None]
    c, s = np.cos(heading)[:, None], np.sin(heading)[:, None]
    return np.stack([x[:, None] + along * c - across * s, y[:, None] + along * s + across * c], axis=2)


def corners_of(bodies: AllBodies) -> F8:
    """f8[B, 4, 2] of all bodies of a world."""
    return corners(bodies.x, bodies.y, bodies.heading, bodies.length, bodies.width)


def overlap(a: F8, b: F8, touch_m: float = TOUCH_M) -> NDArray[np.bool_]:
    """bool[K]: do the rectangles a f8[K, 4, 2] and b overlap by more than `touch_m`?"""
    apart = np.zeros(len(a), dtype=bool)
    for body in (a, b):
        for first, second in ((0, 1), (1, 2)):
            axis = body[:, second] - body[:, first]
            axis = axis / np.maximum(np.hypot(axis[:, 0], axis[:, 1]), 1e-9)[:, None]
            p, q = (a * axis[:, None, :]).sum(axis=2), (b * axis[:, None, :]).sum(axis=2)
            apart |= (p.max(axis=1) < q.min(axis=1) + touch_m) | (q.max(axis=1) < p.min(axis=1) + touch_m)
    return ~apart
