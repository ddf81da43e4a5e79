"""The set of a scenario: the car, its way, and places measured along it."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from autonomy.sim.ambient import Ambient
from autonomy.sim.ambient_bodies import AmbientBody
from autonomy.sim.car import Car
from autonomy.sim.path import Path
from autonomy.sim.staging.places import Spot
from autonomy.sim.wandering import walk_on
from autonomy.sim.world import World
from autonomy.world.place import RoadPosition

Trigger = Callable[[World], bool]
SLOWEST_MPS = 1.5
USUAL_MPS2 = 1.0
ONWARD_M = 320.0


@dataclass(eq=False)
class Set:
    """`path`: the car's way at the start; distances count from the front bumper's place then, or from an anchor."""

    world: World
    ambient: Ambient
    random: np.random.Generator
    car: Car
    spot: Spot
    path: Path
    start_s: float

    @property
    def side(self) -> float:
        return self.world.road_map.side

    def along(self, ahead_m: float, anchor: str = "start") -> float:
        """Metres along the path. Raises ValueError for an anchor that the place lacks."""
        if anchor == "start":
            return self.start_s + self.car.platform.front_m + ahead_m
        if anchor not in ("line", "leave") or np.isnan(self.spot.along_m):
            raise ValueError(f"anchor: the place has no {anchor!r}")
        if anchor == "line":
            return self.path.at_road(self.spot.along_m) + ahead_m
        return self.path.passages[0].leave + ahead_m

    def place(self, ahead_m: float, right_m: float = 0.0, anchor: str = "start") -> tuple[float, float, float]:
        """x, y, heading beside the middle of the car's lane; `right_m` towards the kerb."""
        return self.beside(self.along(ahead_m, anchor), right_m)

    def beside(self, s: float, right_m: float) -> tuple[float, float, float]:
        x, y, heading = self.path.pose(s)
        out = right_m * self.side
        return x + out * float(np.sin(heading)), y - out * float(np.cos(heading)), heading

    def road(self, s: float) -> tuple[float, float]:
        """From the lane's middle to the kerb on the driving side and to the far kerb."""
        edge = self.path.position(s)[0]
        roadside, offset = self.world.roadside, float(self.world.road_map.lane_offset_m[edge])
        return float(roadside.right_m[edge]) - offset, float(roadside.left_m[edge]) + offset

    def ahead_of_car(self, x: float, y: float) -> float:
        """From the car's front bumper now to a place, along its heading."""
        motion, k = self.world.fleet.motion, self.car.index
        heading = float(motion.heading[k])
        dx, dy = x - float(motion.x[k]), y - float(motion.y[k])
        return dx * float(np.cos(heading)) + dy * float(np.sin(heading)) - self.car.platform.front_m

    def driven_within(self, seconds: float) -> float:
        """Metres that the car drives in so many seconds when nothing holds it: it speeds up to the limit."""
        world, k = self.world, self.car.index
        speed = max(float(world.fleet.motion.speed[k]), SLOWEST_MPS)
        limit = max(float(world.fleet.ahead(1, 1.0)[k, 0, 4]), speed)
        speeding = min((limit - speed) / USUAL_MPS2, seconds)
        reached = speed + USUAL_MPS2 * speeding
        return (speed + reached) / 2 * speeding + reached * (seconds - speeding)

    def reaches_in(self, metres: float) -> float:
        """Seconds in which the car drives so many metres when nothing holds it, at most a minute."""
        low, high = 0.0, 60.0
        for _ in range(20):
            middle = (low + high) / 2
            low, high = (middle, high) if self.driven_within(middle) < metres else (low, middle)
        return high

    def when_near(self, x: float, y: float, *, seconds: float = 0.0, metres: float = 0.0) -> Trigger:
        """True from when the car is so many seconds or metres from the place."""

        def near(world: World) -> bool:
            ahead = self.ahead_of_car(x, y)
            return ahead < metres or ahead < self.driven_within(seconds)

        return near

    def vehicle(self, name: str, body: AmbientBody, s: float, *, speed_mps: float = 0.0, at_kerb: bool = False) -> Car:
        """A vehicle on the car's own way with its rear axle at `s`, which goes the same way."""
        _, offset = self.path.position(s)
        ordinal = self.path.ordinal(s)
        return self.vehicle_on(name, body, self.path.edges[ordinal:], offset, speed_mps=speed_mps, at_kerb=at_kerb)

    def vehicle_on(
        self, name: str, body: AmbientBody, edges: list[int], offset_m: float, *, speed_mps: float = 0.0,
        at_kerb: bool = False,
    ) -> Car:  # fmt: skip
        """A vehicle on edges of the map that then drives about. Raises ValueError when there is no room."""
        world = self.world
        position = RoadPosition(edges[0], offset_m)
        car = self.ambient.add(world, name, body, position, at_kerb=at_kerb, free=False)
        chain = walk_on(world, edges, self.random, length_m=ONWARD_M, straight=True)
        here = world.state(name)
        if here.edge != edges[0]:
            self.ambient.remove(world, name)
            raise ValueError(f"cast: no room for {name}")
        end = float(world.road_map.edge_length_m[chain[-1]]) * 0.7
        world.set_mission_path(name, chain, here.offset_m, end, at_kerb=False)
        world.fleet.motion.speed[car.index] = speed_mps
        return car


def chain_of(world: World, edges: tuple[int, ...], random: np.random.Generator, length_m: float) -> list[int]:
    return walk_on(world, list(edges), random, length_m=length_m, straight=True)
