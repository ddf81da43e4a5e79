"""Driving for a film: a scenario, or a plain drive through a town with other people about."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from PIL import Image

from autonomy.film.above import Above
from autonomy.film.sheet import compose
from autonomy.policy.base import Policy
from autonomy.sim.errands import Errands
from autonomy.sim.population import populate
from autonomy.sim.render.ground import GroundAtlas
from autonomy.sim.render.renderer import Renderer
from autonomy.sim.roads import RoadMap
from autonomy.sim.scenario import Stage, stage
from autonomy.sim.views import views_of
from autonomy.sim.world import World
from autonomy.world.action import Action
from autonomy.world.place import RoadPosition

STEP_S = 0.1
TICKS_PER_ACTION = 2  # every driver acts at 5 Hz here, as a learned one does


@dataclass(eq=False)
class Take:
    """A world with a car to be filmed."""

    world: World
    car_id: str
    staged: Stage | None = None
    errands: Errands | None = None

    def done(self) -> bool:
        return self.staged is not None and self.staged.done()

    def tell(self, action: Action) -> None:
        if self.staged is not None:
            self.staged.note(action)


def scenario_take(name: str, road_map: RoadMap, *, seed: int, platform: str) -> Take:
    """Raises ValueError when there is no such scenario or the map has no place for it."""
    staged = stage(name, road_map, seed=seed, platform=platform)
    return Take(staged.world, staged.car_id, staged)


def town_take(road_map: RoadMap, *, seed: int, platform: str) -> Take:
    """A car that drives errands among traffic, walkers and cyclists."""
    world = World(road_map, seed=seed)
    random = np.random.default_rng([seed, 5])
    edge = int(random.choice(np.flatnonzero(road_map.edge_length_m > 60.0)))
    world.add_car("ego", platform, RoadPosition(edge, 20.0))
    errands = Errands(world, seed=seed, pause_s=(1.0, 3.0))
    errands.ids, errands.leaves_s = ["ego"], {"ego": 0.0}
    x, y = float(world.fleet.motion.x[0]), float(world.fleet.motion.y[0])
    populate(world, seed=seed, vehicles=24, pedestrians=60, cyclists=10, parked=24, around=(x, y, 300.0))
    return Take(world, "ego", errands=errands)


def shoot(take: Take, policy: Policy, *, seconds: float, fps: float, driver: str) -> Iterator[Image.Image]:
    """Pictures of the drive, `fps` a second, until it is over."""
    world, ids = take.world, [take.car_id]
    renderer = Renderer(world.road_map, side=world.roadside)
    world.attach_renderer(renderer)
    atlas = GroundAtlas(world.road_map, world.roadside, np.zeros((0, 2)), most=64)
    policy.reset(ids)
    every = max(1, round(1.0 / (fps * STEP_S)))
    action: Action | None = None
    for tick in range(round(seconds / STEP_S)):
        if take.done():
            return
        if take.errands is not None:
            take.errands.tick()
        act, show = tick % TICKS_PER_ACTION == 0, tick % every == 0
        if act or show:
            seen = world.observe(ids, frames=True)
            if act:
                actions = policy.act(seen)
                action = actions[0]
                take.tell(action)
                world.act(actions, {})
            if show:
                above = Above(world.road_map, atlas, views_of(world, ids)[0], 256, 128)
                yield compose(above, world.scene(), seen[0], action, driver=driver)
        world.step(STEP_S)
