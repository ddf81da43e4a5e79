"""The cameras of the cars: a shot is taken when the world stands still, its pictures are drawn when they are wanted."""

import threading
from collections.abc import Callable, Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from autonomy.sim.grid import grid_town
from autonomy.sim.platforms import PLATFORMS
from autonomy.sim.render import CarView, Renderer
from autonomy.sim.roads import RoadMap
from autonomy.sim.world import World
from autonomy.world.camera import CAMERA_NAMES
from autonomy.world.observation import CameraFrames, Observation
from autonomy.world.scene import Scene


class Drawer(Protocol):
    """Draws what some cars see in a scene: uint8 [N, C, 3, H, W], in the order of the observations."""

    def __call__(self, scene: Scene, observations: Sequence[Observation]) -> NDArray[np.uint8]: ...


class Instant:
    """Implements `autonomy.policy.host.Shot`. Each picture is drawn once, whoever asks for it."""

    def __init__(self, drawer: Drawer, scene: Scene, observations: Sequence[Observation], lock: Any) -> None:
        self._drawer = drawer
        self._scene = scene
        self._seen = {seen.car_id: seen for seen in observations}
        self._drawn: dict[str, CameraFrames] = {}
        self._lock = lock

    def frames(self, car_ids: Sequence[str]) -> list[CameraFrames]:
        with self._lock:
            wanted = [self._seen[car_id] for car_id in dict.fromkeys(car_ids) if car_id not in self._drawn]
            if wanted:
                pixels = self._drawer(self._scene, wanted)
                names = CAMERA_NAMES[: pixels.shape[1]]
                for row, seen in enumerate(wanted):
                    self._drawn[seen.car_id] = CameraFrames(pixels[row], names, self._scene.time_s)
            return [self._drawn[car_id] for car_id in car_ids]


class Eyes:
    """Takes shots of a world. A renderer that keeps things between pictures is never called by two threads at once."""

    def __init__(self, scene: Callable[[], Scene], drawer: Drawer) -> None:
        self._scene = scene
        self._drawer = drawer
        self._lock = threading.Lock()

    def shot(self, observations: Sequence[Observation]) -> Instant:
        """The pictures of these cars now."""
        return Instant(self._drawer, self._scene(), observations, self._lock)


class Camerawork:
    """The `Drawer` of the simulated world."""

    def __init__(self, world: World, *, device: str = "cpu") -> None:
        """The first picture is drawn here: it may wait for a compiler, which no driver can."""
        self._renderer = Renderer(world.road_map, seed=world.seed, device=device, side=world.roadside)
        x, y = (float(values[0]) for values in world.road_map.geometry(0).T)
        self._renderer.frames(world.scene(), [CarView("", next(iter(PLATFORMS)), x, y, 0.0)])

    def __call__(self, scene: Scene, observations: Sequence[Observation]) -> NDArray[np.uint8]:
        views = [
            CarView(seen.car_id, seen.platform, seen.ego.x_m, seen.ego.y_m, seen.ego.heading_rad)
            for seen in observations
        ]
        return self._renderer.frames(scene, views)


def compile_cameras() -> None:
    """Compile the renderer, if it is not on disk already."""
    Camerawork(World(RoadMap.from_arrays(grid_town())))
