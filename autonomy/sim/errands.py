"""Random errands without a platform: traffic for benchmarks, tests and training."""

from dataclasses import dataclass, field

import numpy as np

from autonomy.sim.joining import connect
from autonomy.sim.path import kerb_allowed
from autonomy.sim.platforms import PLATFORMS
from autonomy.sim.world import World
from autonomy.world.place import RoadPosition

TRIES = 50


@dataclass(eq=False)
class Errands:
    """Cars that drive from one random kerb place to the next with pauses between; the seed decides all."""

    world: World
    seed: int
    pause_s: tuple[float, float] = (5.0, 30.0)
    done: int = 0
    leaves_s: dict[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.ids: list[str] = []
        self._random = np.random.default_rng(self.seed)
        road_map = self.world.road_map
        self._places = [
            edge
            for edge in range(road_map.edge_count)
            if road_map.edge_length_m[edge] > 20.0 and kerb_allowed(road_map, edge)
        ]

    def add_cars(self, count: int) -> list[str]:
        """`count` cars of all platforms at random kerb places."""
        slugs = sorted(PLATFORMS)
        ids = [f"car-{number:03}" for number in range(count)]
        self.ids += ids
        for number, car_id in enumerate(ids):
            edge = int(self._random.choice(self._places))
            middle = RoadPosition(edge, float(self.world.road_map.edge_length_m[edge]) / 2)
            self.world.add_car(car_id, slugs[number % len(slugs)], middle)
            self.leaves_s[car_id] = self.world.time_s
        return ids

    def tick(self) -> None:
        """Give a new errand to every car whose pause is over; begin the pause of those that have arrived."""
        for car_id in self.ids:
            car = self.world.cars[car_id]
            leaves = self.leaves_s.get(car_id)
            if leaves is None:
                if self.world.fleet.motion.speed[car.index] < 0.1 and self.world.state(car_id).at_path_end:
                    self.done += 1
                    self.leaves_s[car_id] = self.world.time_s + float(self._random.uniform(*self.pause_s))
            elif self.world.time_s >= leaves and self._send(car_id):
                del self.leaves_s[car_id]

    def _send(self, car_id: str) -> bool:
        road_map, state = self.world.road_map, self.world.state(car_id)
        for _ in range(TRIES):
            goal = int(self._random.choice(self._places))
            share = float(self._random.uniform(0.2, 0.8))
            link = connect(road_map, state.edge, goal) if goal != state.edge else None
            if link is not None:
                end = share * float(road_map.edge_length_m[goal])
                self.world.set_mission_path(car_id, [state.edge, *link, goal], state.offset_m, end)
                return True
        return False
