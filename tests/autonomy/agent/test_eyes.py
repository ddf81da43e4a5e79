"""A shot is taken when the world stands still; its pictures are drawn once, when they are wanted, in any thread."""

import threading
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from autonomy.agent.eyes import Camerawork, Eyes
from autonomy.sim.grid import grid_town
from autonomy.sim.roads import RoadMap
from autonomy.sim.world import World
from autonomy.world.camera import CAMERA_NAMES
from autonomy.world.observation import Observation
from autonomy.world.place import RoadPosition
from autonomy.world.scene import Bodies, Scene, SignalHeads
from tests.autonomy.hosting.fakes import bare

NOTHING = Bodies(
    np.zeros(0, dtype=np.int64),
    np.zeros((0, 4)),
    np.zeros((0, 3)),
    np.zeros((0, 3), np.uint8),
    np.zeros(0, np.int64),
    (),
)


def scene_at(time_s: float) -> Scene:
    return Scene(time_s, NOTHING, SignalHeads(np.zeros((0, 4)), np.zeros(0, dtype=np.int64)))


class Painter:
    """Paints the number of the car's id and the time of the scene; `busy`: how many threads paint at once."""

    def __init__(self) -> None:
        self.asked: list[list[str]] = []
        self.busy = 0
        self.most = 0

    def __call__(self, scene: Scene, observations: Sequence[Observation]) -> NDArray[np.uint8]:
        self.busy += 1
        self.most = max(self.most, self.busy)
        self.asked.append([seen.car_id for seen in observations])
        out = np.zeros((len(observations), 5, 3, 2, 2), dtype=np.uint8)
        for row, seen in enumerate(observations):
            out[row] = int(seen.car_id) * 10 + int(scene.time_s)
        self.busy -= 1
        return out


@pytest.fixture
def painter() -> Painter:
    return Painter()


def test_pictures_are_of_the_moment_of_the_shot_whenever_they_are_drawn(painter: Painter) -> None:
    now = [3.0]
    shot = Eyes(lambda: scene_at(now[0]), painter).shot([bare("1"), bare("2")])
    now[0] = 9.0
    assert painter.asked == []
    two, one = shot.frames(["2", "1"])
    assert (two.time_s, two.names) == (3.0, CAMERA_NAMES)
    assert (int(two.pixels[0, 0, 0, 0]), int(one.pixels[4, 2, 1, 1])) == (23, 13)


def test_each_picture_is_drawn_once_whoever_asks(painter: Painter) -> None:
    shot = Eyes(lambda: scene_at(0.0), painter).shot([bare("1"), bare("2"), bare("3")])
    first = shot.frames(["1", "2"])
    again = shot.frames(["2", "3", "2"])
    assert painter.asked == [["1", "2"], ["3"]]
    assert again[0] is again[2] is first[1]


def test_a_car_that_was_not_in_the_shot_has_no_picture(painter: Painter) -> None:
    with pytest.raises(KeyError):
        Eyes(lambda: scene_at(0.0), painter).shot([bare("1")]).frames(["2"])


def test_two_threads_never_draw_at_once(painter: Painter) -> None:
    eyes = Eyes(lambda: scene_at(0.0), painter)
    shots = [eyes.shot([bare(str(k))]) for k in range(20)]
    threads = [threading.Thread(target=shot.frames, args=([str(k)],)) for k, shot in enumerate(shots)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert painter.most == 1
    assert len(painter.asked) == 20


def test_the_simulated_cameras_show_each_car_its_own_street() -> None:
    world = World(RoadMap.from_arrays(grid_town()), seed=1)
    for k, edge in enumerate((0, 7)):
        world.add_car(f"car-{k}", "p7", RoadPosition(edge, 30.0))
    eyes = Eyes(world.scene, Camerawork(world))
    seen = world.observe(["car-0", "car-1"])
    first, second = eyes.shot(seen).frames(["car-0", "car-1"])
    assert first.pixels.shape == (5, 3, 64, 128)
    assert first.names == CAMERA_NAMES
    assert all(picture.std() > 5.0 for picture in first.pixels)
    assert np.abs(first.pixels.astype(int) - second.pixels).mean() > 5.0
    turned = [replace(one, ego=replace(one.ego, heading_rad=one.ego.heading_rad + 1.0)) for one in seen]
    (other,) = eyes.shot(turned).frames(["car-0"])
    assert np.abs(first.pixels.astype(int) - other.pixels).mean() > 5.0
