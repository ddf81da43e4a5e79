"""A car does not enter a junction on the promise of room that the car before it is about to take."""

import numpy as np
import pytest

from autonomy.sim.grid import grid_town
from autonomy.sim.roads import RoadMap
from autonomy.sim.world import World
from autonomy.world import Directive, RoadPosition

BLOCK_M = 26.0  # between the boxes of two junctions there is room for one car


@pytest.fixture
def road_map() -> RoadMap:
    return RoadMap.from_arrays(grid_town(5, 3, BLOCK_M, signals=False))


@pytest.fixture
def street(road_map: RoadMap) -> list[int]:
    """Round the corner at node 0, which is no junction, then over the junctions 1, 2 and 3."""
    pairs = ((5, 0), (0, 1), (1, 2), (2, 3), (3, 4))
    return [int(np.flatnonzero((road_map.edge_from == a) & (road_map.edge_to == b))[0]) for a, b in pairs]


def front_in_box_m(world: World, car_id: str) -> float:
    """How far the front of the car is in the first box of its path; negative before it."""
    car = world.cars[car_id]
    return float(world.fleet.s[car.index]) + car.platform.front_m - car.path.passages[0].enter


def test_who_follows_waits_before_the_box_until_the_block_behind_it_has_room_for_two(road_map, street, drive) -> None:  # type: ignore[no-untyped-def]
    world = World(road_map, seed=1)
    world.add_car("first", "p7", RoadPosition(street[1], 8.0), at_kerb=False)
    world.add_car("second", "p7", RoadPosition(street[0], 15.0), at_kerb=False)
    world.set_mission_path("first", street[1:], 8.0, 15.0, at_kerb=False)
    world.set_mission_path("second", street, 15.0, 4.0, at_kerb=False)
    block = world.cars["second"].path.passages
    assert 8.5 < block[1].enter - block[0].leave < 15.0

    def stop_behind_the_box() -> None:
        if front_in_box_m(world, "first") > 4.0:
            world.set_directive("first", Directive.HOLD)

    drive(world, 30, stop_behind_the_box)
    assert world.state("first").speed_mps == world.state("second").speed_mps == 0.0
    assert world.state("first").edge == street[2]
    assert front_in_box_m(world, "second") < 0.0

    world.set_directive("first", Directive.DRIVE)
    drive(world, 40)
    assert world.state("first").at_path_end
    assert front_in_box_m(world, "second") > BLOCK_M
