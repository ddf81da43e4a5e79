"""All bodies of a world in one set of arrays: the cars first, in their order, then the actors."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from autonomy.sim.actors import Actors
from autonomy.sim.fleet import Fleet

F8 = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class AllBodies:
    """B bodies: x, y: middle; heading, speed along it, length, width, f8[B]; solid: bool[B]; edge: i8[B], -1: on every
    level; cars: how many of them are cars."""

    x: F8
    y: F8
    heading: F8
    speed: F8
    length: F8
    width: F8
    solid: NDArray[np.bool_]
    edge: NDArray[np.int64]
    cars: int


def all_bodies(fleet: Fleet, actors: Actors, edge_of: list[int]) -> AllBodies:
    """edge_of: the edge that each car is on."""
    motion = fleet.motion
    middle = (fleet.front - fleet.rear) / 2
    c, s = np.cos(motion.heading), np.sin(motion.heading)
    return AllBodies(
        x=np.concatenate([motion.x + middle * c, actors.x]),
        y=np.concatenate([motion.y + middle * s, actors.y]),
        heading=np.concatenate([motion.heading, actors.heading]),
        speed=np.concatenate([motion.speed, actors.speed]),
        length=np.concatenate([fleet.front + fleet.rear, actors.length]),
        width=np.concatenate([fleet.width, actors.width]),
        solid=np.concatenate([np.ones(fleet.count, dtype=np.bool_), actors.solid]),
        edge=np.concatenate([np.array(edge_of, dtype=np.int64), actors.edge]),
        cars=fleet.count,
    )
