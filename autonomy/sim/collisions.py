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
    return _placed(motion.x, motion.y, motion.heading, along, across)


def actor_corners(world: World) -> F8:
    """f8[M, 4, 2]: the corners of every actor's body."""
    actors = world.actors
    along = np.stack([-actors.length, actors.length, actors.length, -actors.length], axis=1) / 2
    across = np.stack([-actors.width, -actors.width, actors.width, actors.width], axis=1) / 2
    return _placed(actors.x, actors.y, actors.heading, along, across)


def _placed(x: F8, y: F8, heading: F8, along: F8, across: F8) -> F8:
    c, s = np.cos(heading)[:, None], np.sin(heading)[:, None]
    placed: F8 = np.stack([x[:, None] + along * c - across * s, y[:, None] + along * s + across * c], axis=2)
    return placed


def collisions(world: World) -> set[tuple[str, str]]:
    """Pairs of names whose bodies overlap by more than `TOUCH_M`, on roads that meet: two cars, or a car and an actor
    that is solid."""
    bodies = np.concatenate([corners(world), actor_corners(world)])
    count, actors = world.fleet.count, world.actors
    if count == 0:
        return set()
    middle = bodies.mean(axis=1)
    reach = np.hypot(*(bodies[:, 2] - bodies[:, 0]).T) / 2
    solid = np.concatenate([np.ones(count, dtype=np.bool_), actors.solid])
    apart = np.hypot(middle[:count, None, 0] - middle[None, :, 0], middle[:count, None, 1] - middle[None, :, 1])
    near = np.triu(apart < reach[:count, None] + reach[None, :], 1) & solid[None, :]
    found = set()
    for i, j in zip(*np.nonzero(near), strict=True):
        if _overlap(bodies[i], bodies[j]) and world.levels.meet(_edge(world, i), _edge(world, j, like=i)):
            other = world.order[j].car_id if j < count else actors.rows[j - count].ident
            found.add((world.order[i].car_id, other))
    return found


def _edge(world: World, body: int, like: int = -1) -> int:
    """The edge that a body is on; that of car `like` for what is on every level."""
    if body < world.fleet.count:
        return world.order[body].path.position(float(world.fleet.s[body]))[0]
    edge = int(world.actors.edge[body - world.fleet.count])
    return edge if edge >= 0 else _edge(world, like)


def _overlap(a: F8, b: F8) -> bool:
    for body in (a, b):
        for side in (body[1] - body[0], body[2] - body[1]):
            axis = side / np.hypot(*side)
            p, q = a @ axis, b @ axis
            if p.max() < q.min() + TOUCH_M or q.max() < p.min() + TOUCH_M:
                return False
    return True
