"""Small towns and a way to let time pass."""

from collections.abc import Callable

import pytest

from autonomy.policy.rules import RulesPolicy
from autonomy.safety.layer import Safety
from autonomy.sim.grid import grid_town
from autonomy.sim.roads import RoadMap
from autonomy.sim.world import World

Drive = Callable[..., None]


@pytest.fixture(scope="session")
def town() -> RoadMap:
    return RoadMap.from_arrays(grid_town())


@pytest.fixture
def drive() -> Drive:
    """drive(world, seconds, each=...): policy, safety and world for so long; `each` is called before every tick."""

    def run(world: World, seconds: float, each: Callable[[], object] | None = None, dt_s: float = 0.1) -> None:
        policy, safety = RulesPolicy(), Safety()
        ids = list(world.cars)
        for _ in range(round(seconds / dt_s)):
            if each is not None:
                each()
            seen = world.observe(ids)
            world.act(*safety.check(seen, policy.act(seen)))
            world.step(dt_s)

    return run
