"""Slow zones in the world: what a mission says of an edge is what the car drives there."""

from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pytest

from autonomy.sim.roads import RoadMap
from autonomy.sim.world import World
from autonomy.world import RoadPosition

TRACKING_MPS = 0.25
CAP_MPS = 4.0
Drive = Callable[..., None]


@pytest.fixture
def world(town: RoadMap) -> World:
    return World(town, seed=1)


@pytest.fixture
def street(town: RoadMap) -> list[int]:
    """Along the lowest street, 8.3 m/s."""
    ends = set(pairwise(range(4)))
    found = {
        (int(a), int(b)): e for e, (a, b) in enumerate(zip(town.edge_from.tolist(), town.edge_to.tolist(), strict=True))
    }
    return [found[pair] for pair in sorted(ends)]


def fastest(world: World, drive: Drive, seconds: float = 90.0) -> dict[int, float]:
    """By edge, the highest speed with any part of the car on it."""
    top: dict[int, float] = {}

    def look() -> None:
        car = world.cars["a"]
        s, speed = float(world.fleet.s[car.index]), float(world.fleet.motion.speed[car.index])
        for place in (s - car.platform.rear_overhang_m, s, s + car.platform.front_m):
            edge = car.path.position(place)[0]
            top[edge] = max(top.get(edge, 0.0), speed)

    drive(world, seconds, look)
    return top


def test_a_car_keeps_the_cap_of_an_edge_and_the_maps_limit_elsewhere(
    world: World, street: list[int], drive: Drive
) -> None:
    world.add_car("a", "p7", RoadPosition(street[0], 20.0))
    world.set_mission_path("a", street, 20.0, 90.0, speed_caps_mps={street[1]: CAP_MPS})
    top = fastest(world, drive)
    assert world.state("a").at_path_end
    assert CAP_MPS - 0.5 < top[street[1]] <= CAP_MPS + TRACKING_MPS
    assert top[street[0]] > CAP_MPS + 2.0
    assert top[street[2]] > CAP_MPS + 2.0


def test_without_the_cap_it_drives_as_the_map_allows(world: World, street: list[int], drive: Drive) -> None:
    world.add_car("a", "p7", RoadPosition(street[0], 20.0))
    world.set_mission_path("a", street, 20.0, 90.0)
    assert fastest(world, drive)[street[1]] > CAP_MPS + 2.0


def test_a_cap_above_the_maps_limit_allows_nothing(world: World, street: list[int], drive: Drive) -> None:
    world.add_car("a", "p7", RoadPosition(street[0], 20.0))
    world.set_mission_path("a", street, 20.0, 90.0, speed_caps_mps=dict.fromkeys(street, 30.0))
    assert max(fastest(world, drive).values()) <= 8.3 + TRACKING_MPS


def test_a_new_mission_does_not_lift_the_cap_where_the_car_is(world: World, street: list[int], drive: Drive) -> None:
    world.add_car("a", "p7", RoadPosition(street[0], 20.0))
    world.set_mission_path("a", street, 20.0, 90.0, speed_caps_mps={street[0]: CAP_MPS})
    drive(world, 12)
    assert world.state("a").speed_mps == pytest.approx(CAP_MPS, abs=TRACKING_MPS)
    state = world.state("a")
    assert state.edge == street[0]
    world.set_mission_path("a", street, state.offset_m, 60.0)
    top = fastest(world, drive)
    assert top[street[0]] <= CAP_MPS + TRACKING_MPS
    assert top[street[1]] > CAP_MPS + 2.0


def test_the_time_that_remains_reckons_with_the_cap(world: World, street: list[int]) -> None:
    world.add_car("a", "p7", RoadPosition(street[0], 20.0))
    world.set_mission_path("a", street, 20.0, 90.0)
    free_s = world.state("a").path_remaining_s
    world.set_mission_path("a", street, 20.0, 90.0, speed_caps_mps={street[1]: 2.0})
    assert world.state("a").path_remaining_s > free_s + 30.0


@pytest.mark.parametrize("cap_mps", [0.0, -1.0, np.nan, np.inf])
def test_a_cap_that_is_no_speed_is_refused_and_changes_nothing(world: World, street: list[int], cap_mps: float) -> None:
    world.add_car("a", "p7", RoadPosition(street[0], 20.0))
    with pytest.raises(ValueError, match="speed_caps_mps"):
        world.set_mission_path("a", street, 20.0, 90.0, speed_caps_mps={street[1]: cap_mps})
    assert not world.state("a").has_path
