"""A scene's bodies and signals as the renderer's array of things."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from autonomy.sim.render import layout as at
from autonomy.world.scene import Scene

F4 = NDArray[np.float32]


def things_of(scene: Scene, props: F4, owners: Mapping[str, int]) -> F4:
    """f4[P + M + S, THING]: what always stands there, bodies, signals. owners: car id to the number of its view.

    Raises ValueError when the scene's arrays do not fit each other or are not finite."""
    bodies, signals = scene.bodies, scene.signals
    count, heads = bodies.count, len(signals.pose)
    if bodies.pose.shape != (count, 4) or bodies.size.shape != (count, 3) or len(bodies.owner) != count:
        raise ValueError("scene.bodies: pose, size and owner do not fit kind")
    if signals.pose.shape != (heads, 4) or len(signals.state) != heads:
        raise ValueError("scene.signals: state does not fit pose")
    if not (np.isfinite(bodies.pose).all() and np.isfinite(bodies.size).all() and np.isfinite(signals.pose).all()):
        raise ValueError("scene: poses and sizes must be finite")
    first = len(props)
    things = np.zeros((first + count + heads, at.THING), dtype=np.float32)
    things[:first] = props
    rows = things[first : first + count]
    rows[:, at.T_KIND] = bodies.kind
    rows[:, at.T_X], rows[:, at.T_Y] = bodies.pose[:, 0], bodies.pose[:, 1]
    rows[:, at.T_COS], rows[:, at.T_SIN] = np.cos(bodies.pose[:, 2]), np.sin(bodies.pose[:, 2])
    rows[:, at.T_HALF_L], rows[:, at.T_HALF_W] = bodies.size[:, 0] / 2, bodies.size[:, 1] / 2
    rows[:, at.T_Z], rows[:, at.T_H] = bodies.pose[:, 3], bodies.size[:, 2]
    rows[:, at.T_R : at.T_B + 1] = bodies.colour
    rows[:, at.T_LIGHTS] = bodies.lights
    rows[:, at.T_SEED] = np.arange(count) * 0.618 % 1.0
    rows[:, at.T_OWNER] = [owners.get(owner, -1) if owner else -1 for owner in bodies.owner]
    rows = things[first + count :]
    rows[:, at.T_KIND] = at.KIND_SIGNAL
    rows[:, at.T_X], rows[:, at.T_Y], rows[:, at.T_Z] = signals.pose[:, 0], signals.pose[:, 1], signals.pose[:, 2]
    rows[:, at.T_COS], rows[:, at.T_SIN] = np.cos(signals.pose[:, 3]), np.sin(signals.pose[:, 3])
    rows[:, at.T_HALF_L] = rows[:, at.T_HALF_W] = 0.45
    rows[:, at.T_H] = 1.0
    rows[:, at.T_LIGHTS] = signals.state
    rows[:, at.T_OWNER] = -1
    return things
