"""A small town, a street to stand in, and scenes with one thing before the car."""

from collections.abc import Callable

import numpy as np
import pytest

from autonomy.sim.grid import grid_town
from autonomy.sim.render import CarView, Renderer
from autonomy.sim.roads import RoadMap
from autonomy.world.scene import Bodies, BodyKind, LensFault, Scene, SignalHeads, Weather

EDGE = 0
SIZES = {
    BodyKind.CAR: (4.6, 1.85, 1.48),
    BodyKind.TRUCK: (8.5, 2.5, 3.3),
    BodyKind.SCHOOL_BUS: (10.0, 2.5, 3.1),
    BodyKind.PEDESTRIAN: (0.5, 0.5, 1.75),
    BodyKind.OFFICER: (0.5, 0.5, 1.8),
    BodyKind.CONE: (0.4, 0.4, 0.75),
}
Body = tuple[BodyKind, float, float, int]
Scenes = Callable[..., Scene]


@pytest.fixture(scope="session")
def town() -> RoadMap:
    return RoadMap.from_arrays(grid_town(3, 3))


@pytest.fixture(scope="session")
def renderer(town: RoadMap) -> Renderer:
    return Renderer(town)


@pytest.fixture(scope="session")
def place(renderer: Renderer) -> tuple[float, float, float]:
    return renderer.side.place(EDGE, 40.0, float(renderer.road_map.lane_offset_m[EDGE]))


@pytest.fixture(scope="session")
def view(place: tuple[float, float, float]) -> CarView:
    return CarView("ego", "p7", *place)


@pytest.fixture(scope="session")
def scene_with(place: tuple[float, float, float]) -> Scenes:
    """scene_with((kind, metres ahead, metres left, lights), ..., signal=, weather=, lens=, time_s=, owner=)"""
    x, y, heading = place

    def at(ahead: float, left: float) -> tuple[float, float]:
        c, s = np.cos(heading), np.sin(heading)
        return float(x + ahead * c - left * s), float(y + ahead * s + left * c)

    def make(
        *bodies: Body,
        signal: int | None = None,
        weather: Weather | None = None,
        lens: dict[tuple[str, str], tuple[LensFault, float]] | None = None,
        time_s: float = 3.0,
        owner: str = "",
    ) -> Scene:
        things = Bodies(
            kind=np.array([int(body[0]) for body in bodies], dtype=np.int64),
            pose=np.array([(*at(body[1], body[2]), heading, 0.0) for body in bodies]).reshape(-1, 4),
            size=np.array([SIZES[body[0]] for body in bodies]).reshape(-1, 3),
            colour=np.full((len(bodies), 3), (40, 80, 160), dtype=np.uint8),
            lights=np.array([body[3] for body in bodies], dtype=np.int64),
            owner=tuple(owner for _ in bodies),
        )
        heads = SignalHeads(np.zeros((0, 4)), np.zeros(0, dtype=np.int64))
        if signal is not None:
            heads = SignalHeads(np.array([(*at(25.0, -1.0), 4.0, heading + np.pi)]), np.array([signal]))
        return Scene(time_s, things, heads, weather or Weather(), lens or {})

    return make
