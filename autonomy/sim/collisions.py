"""Which bodies touch: rectangles by the separating axis theorem."""

import numpy as np
from numpy.typing import NDArray

from autonomy.sim.world import World

F8 = NDArray[np.float64]
TOUCH_M = 0.05


def corners(world: World) -> F8:
    """f8[N, 4, 2]: the corners of every car's body."""
    motion, fleet = world.fleet.motion, world.fleet
    along = np.stack([-fleet.rear, fleet.front, fleet.front, -fleet.rear], axis=1)
    across = np.stack([-fleet.width, -fleet.width, fleet.width, fleet.width], axis=1) / 2
    c, s = np.cos(motion.heading)[:, None], np.sin(motion.heading)[:, None]
    return np.stack([motion.x[:, None] + along * c - across * s, motion.y[:, None] + along * s + across * c], axis=2)


def collisions(world: World) -> set[tuple[str, str]]:
    """Pairs of cars whose bodies overlap by more than `TOUCH_M`, on roads that meet."""
    bodies = corners(world)
    middle = bodies.mean(axis=1)
    apart = np.hypot(middle[:, None, 0] - middle[None, :, 0], middle[:, None, 1] - middle[None, :, 1])
    found = set()
    for i, j in zip(*np.nonzero(np.triu(apart < 6.0, 1)), strict=True):
        a, b = world.order[i], world.order[j]
        edges = [car.path.position(float(world.fleet.s[car.index]))[0] for car in (a, b)]
        if _overlap(bodies[i], bodies[j]) and world.levels.meet(*edges):
            found.add((a.car_id, b.car_id))
    return found


def _overlap(a: F8, b: F8) -> bool:
    for body in (a, b):
        for side in (body[1] - body[0], body[2] - body[1]):
            axis = side / np.hypot(*side)
            p, q = a @ axis, b @ axis
            if p.max() < q.min() + TOUCH_M or q.max() < p.min() + TOUCH_M:
                return False
    return True
