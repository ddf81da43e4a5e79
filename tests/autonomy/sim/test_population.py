"""A populated town: traffic of its own, walkers who cross, parked cars."""

import numpy as np
import pytest

from autonomy.sim.collisions import collisions
from autonomy.sim.errands import Errands
from autonomy.sim.population import edges_around, populate
from autonomy.sim.roads import RoadMap
from autonomy.sim.world import World
from autonomy.world import BodyKind


def populated(town: RoadMap, seed: int) -> World:
    world = World(town, seed=seed)
    Errands(world, seed).add_cars(4)
    populate(world, seed=seed, vehicles=10, pedestrians=24, cyclists=3, parked=12)
    return world


def live(world: World, seconds: float) -> tuple[set[tuple[str, str]], set[str]]:
    """Let the time pass. Who has touched whom, and the states that walkers have been in."""
    touched: set[tuple[str, str]] = set()
    states: set[str] = set()
    for tick in range(round(seconds * 10)):
        world.step(0.1)
        states |= {actor.state for actor in world.actors if actor.ident.startswith("walker")}
        if tick % 5 == 0:
            touched |= collisions(world)
    return touched, states


def test_traffic_walkers_and_cyclists_live_without_touching_each_other(town: RoadMap) -> None:
    world = populated(town, 2)
    kinds = world.scene().bodies.kind.tolist()
    assert [kinds.count(int(kind)) for kind in (BodyKind.PEDESTRIAN, BodyKind.CYCLIST)] == [24, 3]
    assert sum(name.startswith("parked") for name in world.actors.by_ident) == 12
    touched, states = live(world, 90.0)
    assert touched == set()
    assert {"walking", "crossing"} <= states
    ambient = [car.index for car in world.order if car.ambient]
    assert (world.fleet.odometer[ambient] > 60.0).mean() > 0.8


def test_the_same_seed_gives_the_same_life_and_another_seed_another(town: RoadMap) -> None:
    worlds = [populated(town, seed) for seed in (5, 5, 6)]
    for world in worlds:
        live(world, 12.0)
    first, again, other = (world.digest() for world in worlds)
    assert (first == again, first == other) == (True, False)


def test_nobody_is_put_outside_of_the_circle_asked_for(town: RoadMap) -> None:
    world = World(town, seed=1)
    populate(world, seed=1, pedestrians=20, parked=10, around=(0.0, 0.0, 150.0))
    assert len(world.actors) > 20
    assert float(np.hypot(world.actors.x, world.actors.y).max()) < 150.0 + 70.0
    assert edges_around(world, (9e5, 9e5, 10.0)) == list(range(town.edge_count))


def test_a_negative_number_is_refused(town: RoadMap) -> None:
    with pytest.raises(ValueError, match="cyclists: -1 must be 0 or more"):
        populate(World(town, seed=1), seed=1, cyclists=-1)


def test_parked_cars_leave_the_lane_free(town: RoadMap) -> None:
    world = World(town, seed=3)
    populate(world, seed=3, parked=40)
    world.add_car("a", "x9_ultra", world.nearest_position(11.0, 48.0), at_kerb=False)
    for actor in world.actors:
        edge = int(world.actors.edge[actor.index])
        lane = world.roadside.stretch(edge, float(town.lane_offset_m[edge]), 0.0, 0.0, 0.5)
        x, y, _ = actor.pose
        t = np.linspace(0.0, 1.0, 400)[:, None]
        line = lane[0] + t * (lane[-1] - lane[0])
        gap = np.hypot(line[:, 0] - x, line[:, 1] - y).min() - float(world.actors.width[actor.index]) / 2
        assert gap > 1.5
