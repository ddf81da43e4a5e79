"""Time to collision as NAVSIM takes it: everybody goes on as they go now."""

import numpy as np
from numpy.typing import NDArray

from autonomy.scoring.boxes import overlap
from autonomy.sim.bodies import AllBodies

F8 = NDArray[np.float64]
SOON_S = (0.3, 0.6, 0.95)
STOPPED_MPS = 0.5
NEAR_M = 30.0


def too_close(bodies: AllBodies, boxes: F8, index: int) -> bool:
    """Will the car overlap something ahead of it within 0.95 s, at constant velocities? Not one that stands."""
    speed = float(bodies.speed[index])
    if speed < STOPPED_MPS:
        return False
    dx, dy = bodies.x - bodies.x[index], bodies.y - bodies.y[index]
    c, s = float(np.cos(bodies.heading[index])), float(np.sin(bodies.heading[index]))
    ahead = dx * c + dy * s > 0.0
    near = (np.hypot(dx, dy) < NEAR_M) & ahead & bodies.solid
    near[index] = False
    others = np.flatnonzero(near)
    if len(others) == 0:
        return False
    move = np.column_stack([np.cos(bodies.heading[others]), np.sin(bodies.heading[others])])
    move = move * bodies.speed[others][:, None]
    own = np.array([c, s]) * speed
    for after in SOON_S:
        mine = np.repeat((boxes[index] + own * after)[None], len(others), axis=0)
        if overlap(mine, boxes[others] + (move * after)[:, None, :]).any():
            return True
    return False
