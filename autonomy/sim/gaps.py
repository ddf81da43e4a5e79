"""What people look for before they step on the road, and on it."""

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from autonomy.sim.actors.walking import Line
    from autonomy.sim.world import World

LOOK_M = 90.0
BESIDE_M = 9.0
REACTION_S = 0.7
IN_THE_WAY_M = 1.0
ARM_M = 0.45


def comes_too_soon(world: "World", over: "Line", *, needs_s: float, comfort_mps2: float) -> bool:
    """Does a vehicle come that could not stop before the way `over` the road with comfort, or (with `needs_s`) that
    would be there within that time; or does one stand on the way?"""
    motion, fleet = world.fleet.motion, world.fleet
    (ax, ay), (bx, by) = over.points[0].tolist(), over.points[-1].tolist()
    mx, my = (ax + bx) / 2, (ay + by) / 2
    c, s = np.cos(motion.heading), np.sin(motion.heading)
    front_x, front_y = motion.x + fleet.front * c, motion.y + fleet.front * s
    dx, dy = mx - front_x, my - front_y
    along, across = dx * c + dy * s, np.abs(-dx * s + dy * c)
    reach = over.length_m / 2 + BESIDE_M
    towards = (along < LOOK_M) & (across < reach) & (along > -fleet.front - fleet.rear - IN_THE_WAY_M)
    crosses = np.abs(np.sin(motion.heading - np.arctan2(by - ay, bx - ax))) > 0.5
    near = towards & crosses
    if not near.any():
        return False
    speed, along = motion.speed[near], along[near]
    over_it = (along < IN_THE_WAY_M) & (across[near] < over.length_m / 2)
    stops = speed * REACTION_S + speed * speed / (2 * comfort_mps2)
    soon = (along >= IN_THE_WAY_M) & (speed > 0.5) & ((stops > along - 1.0) | (along < speed * needs_s))
    return bool((over_it | soon).any())


def way_is_blocked(world: "World", x: float, y: float, heading: float) -> bool:
    """Is a vehicle's body where the next step of somebody at (x, y) would go?"""
    motion, fleet = world.fleet.motion, world.fleet
    px, py = x + (ARM_M + 0.4) * np.cos(heading), y + (ARM_M + 0.4) * np.sin(heading)
    c, s = np.cos(motion.heading), np.sin(motion.heading)
    dx, dy = px - motion.x, py - motion.y
    along, across = dx * c + dy * s, np.abs(-dx * s + dy * c)
    inside = (along > -fleet.rear - ARM_M) & (along < fleet.front + ARM_M) & (across < fleet.width / 2 + ARM_M)
    return bool(inside.any())
