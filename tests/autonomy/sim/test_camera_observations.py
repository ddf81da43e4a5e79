"""Pictures in observations."""

import numpy as np
import pytest

from autonomy.sim.grid import grid_town
from autonomy.sim.platforms import PLATFORMS
from autonomy.sim.render import Renderer
from autonomy.sim.roads import RoadMap
from autonomy.sim.views import views_of
from autonomy.sim.world import World
from autonomy.world.camera import CAMERA_NAMES
from autonomy.world.place import RoadPosition


@pytest.fixture
def world() -> World:
    world = World(RoadMap.from_arrays(grid_town(3, 3)))
    world.add_car("a", "p7", RoadPosition(0, 50.0))
    world.add_car("b", "x9_ultra", RoadPosition(4, 50.0))
    return world


def test_pictures_come_with_observations_when_they_are_asked_for(world: World) -> None:
    world.attach_renderer(Renderer(world.road_map, side=world.roadside))
    plain, with_pictures = world.observe(["b"])[0], world.observe(["b"], frames=True)[0]
    assert plain.frames is None
    assert with_pictures.frames is not None
    assert with_pictures.frames.names == CAMERA_NAMES
    assert with_pictures.frames.pixels.shape == (5, 3, 64, 128)
    assert with_pictures.frames.time_s == world.time_s
    assert world.observe([], frames=True) == []


def test_views_are_the_cars_poses(world: World) -> None:
    view = views_of(world, ["b"])[0]
    ego = world.observe(["b"])[0].ego
    assert (view.car_id, view.platform) == ("b", "x9_ultra")
    assert (view.x, view.y, view.heading) == (ego.x_m, ego.y_m, ego.heading_rad)
    with pytest.raises(KeyError):
        views_of(world, ["nobody"])


def test_without_a_renderer_pictures_are_refused(world: World) -> None:
    with pytest.raises(ValueError, match="no renderer"):
        world.observe(["a"], frames=True)


def test_a_renderer_of_another_map_is_refused(world: World) -> None:
    with pytest.raises(ValueError, match="another map"):
        world.attach_renderer(Renderer(RoadMap.from_arrays(grid_town(2, 2))))


@pytest.mark.parametrize("slug", sorted(PLATFORMS))
def test_every_platform_looks_ahead_to_both_sides_and_back(slug: str) -> None:
    kind = PLATFORMS[slug]
    assert tuple(camera.name for camera in kind.cameras) == CAMERA_NAMES
    yaw = {camera.name: camera.yaw_rad for camera in kind.cameras}
    assert yaw["front_narrow"] == yaw["front_wide"] == 0.0
    assert yaw["left"] == -yaw["right"] > 0.0
    assert np.cos(yaw["rear"]) == pytest.approx(-1.0)
    for camera in kind.cameras:
        assert -kind.rear_overhang_m <= camera.x_m <= kind.front_m
        assert abs(camera.y_m) <= kind.width_m / 2 + 0.1
        assert 0.9 < camera.z_m < 2.0
