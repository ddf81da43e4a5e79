"""Every release in the checkout opens, answers, and fits what hosting and safety layer read from its manifest."""

from dataclasses import replace

import numpy as np
import pytest

from autonomy.agent.eyes import Camerawork, Eyes
from autonomy.policy.registry import releases
from autonomy.policy.vla import load_policy, use_threads
from autonomy.safety.doubt import DoubtBounds
from autonomy.sim.errands import Errands
from autonomy.sim.grid import grid_town
from autonomy.sim.roads import RoadMap
from autonomy.sim.world import World

CARS = 4


@pytest.mark.parametrize("release", releases())
def test_a_shipped_release_drives_off(release: str) -> None:
    """Four cars at the kerb with an errand: within 12 s at least one of them has driven off."""
    use_threads(1)
    policy = load_policy(release)
    DoubtBounds.from_calibration(policy.network.calibration)
    world = World(RoadMap.from_arrays(grid_town()), seed=1)
    errands = Errands(world, 1)
    ids = errands.add_cars(CARS)
    eyes = Eyes(world.scene, Camerawork(world))
    for step in range(120):
        errands.tick()
        if step % 2 == 0:
            seen = world.observe(ids)
            frames = eyes.shot(seen).frames(ids)
            actions = policy.act([replace(look, frames=view) for look, view in zip(seen, frames, strict=True)])
            assert all(np.isfinite(action.trajectory).all() for action in actions)
            world.act(actions, {})
        world.step(0.1)
    assert max(world.state(car_id).odometer_m for car_id in ids) > 5.0
