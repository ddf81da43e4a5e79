"""The route with the error of localisation, weather, instructions, harmed cameras."""

import numpy as np
import pytest

from autonomy.sim.roads import RoadMap
from autonomy.sim.route import in_car_frame, localisation_error
from autonomy.sim.world import World
from autonomy.world import ROUTE_POINTS, LensFault, Order, OrderKind, Weather
from autonomy.world.place import RoadPosition


@pytest.fixture
def world(town: RoadMap) -> World:
    world = World(town, seed=1)
    world.add_car("a", "g7", RoadPosition(1, 20.0), at_kerb=False)
    world.set_mission_path("a", [1], 20.0, 100.0)
    return world


def test_the_error_is_smooth_bounded_and_of_the_stated_size() -> None:
    errors = np.array([localisation_error(3, "a", t * 0.1) for t in range(40_000)])
    assert errors.std(axis=0) == pytest.approx([0.5, 0.25, 0.01], rel=0.15)
    assert (np.abs(errors).max(axis=0) <= np.sqrt(6) * np.array([0.5, 0.25, 0.01])).all()
    assert np.abs(np.diff(errors, axis=0)).max() < 0.06
    assert localisation_error(3, "a", 7.0) == localisation_error(3, "a", 7.0)
    assert localisation_error(3, "a", 7.0) != localisation_error(3, "b", 7.0)


def test_the_route_is_the_path_in_the_cars_frame_with_that_error(world: World) -> None:
    seen = world.observe(["a"])[0]
    pose = (seen.ego.x_m, seen.ego.y_m, seen.ego.heading_rad)
    error = localisation_error(1, "a", world.time_s)
    assert seen.route.shape == (ROUTE_POINTS, 2)
    assert seen.route == pytest.approx(in_car_frame(seen.path[:ROUTE_POINTS, :2], pose, error))
    exact = in_car_frame(seen.path[:ROUTE_POINTS, :2], pose, (0.0, 0.0, 0.0))
    assert exact[5] == pytest.approx([10.0, 0.0], abs=0.01)
    assert np.abs(seen.route - exact).max() < 2.5
    assert seen.target_points == pytest.approx(seen.route[[10, 25]])


def test_the_ordered_stop_has_the_same_error_and_an_end(world: World) -> None:
    seen = world.observe(["a"])[0]
    assert seen.stop is not None
    assert (seen.stop.distance_m > 60.0, seen.route_stop_m) == (True, 60.0)
    world.set_mission_path("a", [1], 20.0, 60.0, at_kerb=False)
    near = world.observe(["a"])[0]
    assert near.stop is not None
    error = localisation_error(1, "a", world.time_s)[0]
    assert near.route_stop_m == pytest.approx(near.stop.distance_m - error)


def test_weather_platform_and_instruction_are_handed_on(world: World) -> None:
    world.weather = Weather(visibility_m=120.0)
    world.instruct("a", "please wait", Order(OrderKind.WAIT, world.time_s))
    seen = world.observe(["a"])[0]
    assert (seen.weather.visibility_m, seen.platform, seen.instruction) == (120.0, "g7", "please wait")
    assert seen.order == Order(OrderKind.WAIT, 0.0)
    world.instruct("a", "")
    assert (world.observe(["a"])[0].instruction, world.observe(["a"])[0].order) == ("", None)
    with pytest.raises(KeyError):
        world.instruct("b", "please wait")


def test_a_harmed_camera_is_in_the_scene_until_mended(world: World) -> None:
    world.set_lens("a", "front_wide", LensFault.DIRT, 0.4)
    assert world.scene().lens == {("a", "front_wide"): (LensFault.DIRT, 0.4)}
    assert world.observe(["a"])[0].lens == {"front_wide": (LensFault.DIRT, 0.4)}
    world.set_lens("a", "front_wide", LensFault.NONE)
    assert world.scene().lens == {}
    with pytest.raises(ValueError, match="camera: 'nose' is unknown"):
        world.set_lens("a", "nose", LensFault.BLACK)
    with pytest.raises(ValueError, match=r"level: 1\.5"):
        world.set_lens("a", "front_wide", LensFault.DIRT, 1.5)
    world.set_lens("a", "left", LensFault.BLACK)
    world.remove_car("a")
    assert world.scene().lens == {}
