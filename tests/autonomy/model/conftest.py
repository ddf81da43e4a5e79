"""Observations of a small town, with made-up pictures."""

from dataclasses import replace

import numpy as np
import pytest

from autonomy.sim.errands import Errands
from autonomy.sim.grid import grid_town
from autonomy.sim.roads import RoadMap
from autonomy.sim.world import World
from autonomy.world import CAMERA_NAMES, CameraFrames, Observation


@pytest.fixture(scope="session")
def seen() -> list[Observation]:
    """Four cars with errands and pictures."""
    world = World(RoadMap.from_arrays(grid_town()), seed=1)
    errands = Errands(world, 1)
    ids = errands.add_cars(4)
    errands.tick()
    pixels = np.random.default_rng(0).integers(0, 256, (4, 5, 3, 64, 128), dtype=np.uint8)
    return [
        replace(one, frames=CameraFrames(pixels[k], CAMERA_NAMES, one.time_s))
        for k, one in enumerate(world.observe(ids))
    ]
