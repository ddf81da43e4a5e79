"""Routes to be judged on: every car of a world drives one among people and traffic, and is done when it is there."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from autonomy.sim.joining import connect
from autonomy.sim.path import kerb_allowed
from autonomy.sim.platforms import PLATFORMS
from autonomy.sim.roads import RoadMap
from autonomy.sim.world import World
from autonomy.train.drives import Traffic
from autonomy.train.seats import Seat
from autonomy.world import RoadPosition, Weather

TRIES = 400
SHORTEST_M, LONGEST_M = 250.0, 1000.0


@dataclass(frozen=True, slots=True)
class Route:
    """edges of the way from `start_m` on the first to `end_m` on the last; length_m along the roads."""

    edges: tuple[int, ...]
    start_m: float
    end_m: float
    length_m: float
    limit_s: float
    platform: str


def draw_routes(road_map: RoadMap, count: int, seed: int) -> list[Route]:
    """Random routes between kerbs, no two from the same edge. Raises ValueError when the map has too few."""
    random = np.random.default_rng([seed, 23])
    lengths = road_map.edge_length_m
    places = [edge for edge in range(road_map.edge_count) if lengths[edge] > 40.0 and kerb_allowed(road_map, edge)]
    slugs = sorted(PLATFORMS)
    found: list[Route] = []
    used: set[int] = set()
    for _ in range(TRIES * count):
        if len(found) == count:
            return found
        start, goal = (int(edge) for edge in random.choice(places, 2))
        if start == goal or start in used:
            continue
        link = connect(road_map, start, goal)
        if link is None:
            continue
        edges = (start, *link, goal)
        start_m, end_m = 0.5 * float(lengths[start]), float(random.uniform(0.3, 0.8)) * float(lengths[goal])
        length = float(lengths[list(edges)].sum()) - start_m - float(lengths[goal]) + end_m
        if not SHORTEST_M <= length <= LONGEST_M:
            continue
        used.add(start)
        free_s = float((lengths[list(edges)] / road_map.edge_speed_mps[list(edges)]).sum())
        found.append(Route(edges, start_m, end_m, length, 90.0 + 4.0 * free_s, slugs[len(found) % len(slugs)]))
    raise ValueError(f"routes: the map has {len(found)} of {count} that fit")


class RouteCourse:
    """Cars on their routes in one populated world; a car that is there, or out of time, drives no more."""

    source = "route"

    def __init__(
        self, road_map: RoadMap, routes: Sequence[Route], *, seed: int, weather: Weather, traffic: Traffic | None = None
    ) -> None:
        self.world = World(road_map, seed=seed)
        self.world.weather = weather
        self.routes: dict[str, Route] = {}
        for number, route in enumerate(routes):
            car_id = f"route-{number:03d}"
            place = self.world.add_car(car_id, route.platform, RoadPosition(route.edges[0], route.start_m))
            if place.edge != route.edges[0]:
                self.world.remove_car(car_id)
                continue
            self.world.set_mission_path(car_id, route.edges, place.offset_m, route.end_m)
            self.routes[car_id] = route
        (traffic or Traffic()).fill(self.world, seed, density=0.6)
        self.began_s = self.world.time_s
        self.arrived: dict[str, float] = {}
        self.late: set[str] = set()

    @property
    def seats(self) -> Sequence[Seat]:
        return [Seat(car_id, self.world, car_id) for car_id in self.routes if car_id not in self._out]

    @property
    def _out(self) -> set[str]:
        return self.late | set(self.arrived)

    @property
    def done(self) -> bool:
        return len(self._out) == len(self.routes)

    def tick(self) -> Sequence[str]:
        """Who has arrived, and who never will."""
        passed = self.world.time_s - self.began_s
        for car_id, route in self.routes.items():
            if car_id in self._out:
                continue
            if self.world.state(car_id).at_path_end:
                self.arrived[car_id] = passed
            elif passed > route.limit_s:
                self.late.add(car_id)
        return ()
