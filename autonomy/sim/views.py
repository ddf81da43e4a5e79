"""Where the cameras of a world's cars are, and pictures put into their observations."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from autonomy.world.observation import CameraFrames, Observation
from autonomy.world.scene import Scene

if TYPE_CHECKING:
    from autonomy.sim.world import World


@dataclass(frozen=True, slots=True)
class CarView:
    """Where a car stands whose cameras are wanted: its rear axle (m) and heading (rad, counter-clockwise from east)."""

    car_id: str
    platform: str
    x: float
    y: float
    heading: float


class Cameras(Protocol):
    """What draws: `autonomy.sim.render.Renderer`."""

    @property
    def map_digest(self) -> str: ...

    def frames(self, scene: Scene, views: Sequence[CarView]) -> NDArray[np.uint8]: ...

    def names(self, platform: str) -> tuple[str, ...]: ...


def views_of(world: "World", car_ids: Sequence[str]) -> list[CarView]:
    """The cameras' places of these cars now. Raises KeyError for a car that is not in the world."""
    motion = world.fleet.motion
    cars = [world.cars[car_id] for car_id in car_ids]
    return [
        CarView(
            car.car_id,
            car.platform.slug,
            float(motion.x[car.index]),
            float(motion.y[car.index]),
            float(motion.heading[car.index]),
        )
        for car in cars
    ]


def with_frames(cameras: Cameras, world: "World", observations: Sequence[Observation]) -> list[Observation]:
    """The observations with what the cars' cameras see at this instant."""
    if not observations:
        return []
    views = views_of(world, [observation.car_id for observation in observations])
    pixels = cameras.frames(world.scene(), views)
    return [
        replace(observation, frames=CameraFrames(own, cameras.names(view.platform), world.time_s))
        for observation, own, view in zip(observations, pixels, views, strict=True)
    ]
