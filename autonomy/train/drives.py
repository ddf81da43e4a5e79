"""Worlds to collect data in: many cars on random errands among people and traffic, with weather and orders."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import numpy as np

from autonomy.policy.teacher import Teacher
from autonomy.sim.errands import Errands
from autonomy.sim.joining import connect
from autonomy.sim.population import populate
from autonomy.sim.render import Renderer
from autonomy.sim.roads import RoadMap
from autonomy.sim.world import World
from autonomy.train.conditions import fair_weather, lens_fault, thick_fog
from autonomy.train.orders import Orders
from autonomy.train.seats import Seat
from autonomy.world import LensFault

WARM_UP_S = (8.0, 40.0)
WARM_TICK_S = 0.2
MOST_KM = 25.0


class Drive(Protocol):
    """Where data comes from: cars to record, in one world or many, and what happens to them."""

    source: str

    @property
    def seats(self) -> Sequence[Seat]:
        """The cars that drive now."""
        ...

    def tick(self) -> Sequence[str]:
        """Called before each picture; returns the names of seats whose drive begins anew."""
        ...


@dataclass(frozen=True, slots=True)
class Traffic:
    """Who else is about, for each kilometre of street (both directions together)."""

    vehicles: float = 2.5
    pedestrians: float = 7.0
    cyclists: float = 1.0
    parked: float = 4.0

    def fill(self, world: World, seed: int, density: float = 1.0) -> None:
        """Put them into the world; on a map of more than MOST_KM of streets they are as many as on one of that."""
        km = density * min(float(world.road_map.edge_length_m.sum()) / 2000.0, MOST_KM)
        populate(
            world,
            seed=seed,
            vehicles=round(km * self.vehicles),
            pedestrians=round(km * self.pedestrians),
            cyclists=round(km * self.cyclists),
            parked=round(km * self.parked),
        )


class ShortErrands(Errands):
    """Errands to the nearest of a few random places, so that leaving and stopping are a fair part of what is driven."""

    CHOICES = 6

    def _send(self, car_id: str) -> bool:
        road_map, state = self.world.road_map, self.world.state(car_id)
        found: list[tuple[float, list[int]]] = []
        for _ in range(self.CHOICES * 4):
            goal = int(self._random.choice(self._places))
            link = connect(road_map, state.edge, goal) if goal != state.edge else None
            if link is None:
                continue
            edges = [state.edge, *link, goal]
            found.append((float(road_map.edge_length_m[edges].sum()), edges))
            if len(found) == self.CHOICES:
                break
        if not found:
            return False
        _, edges = min(found)
        end = float(self._random.uniform(0.2, 0.8)) * float(road_map.edge_length_m[edges[-1]])
        self.world.set_mission_path(car_id, edges, state.offset_m, end)
        return True


class PlainDrive:
    """Errands through a populated town in one weather. `limit`: now and then a lens fails or fog comes up."""

    def __init__(
        self,
        road_map: RoadMap,
        *,
        seed: int,
        cars: int,
        orders: bool,
        limit: bool,
        traffic: Traffic | None = None,
        share: float | None = None,
    ) -> None:
        """share: part of the time in which a car hears something; by default often with `orders`, else seldom."""
        self._random = np.random.default_rng([seed, 17])
        self.source = "limit" if limit else "order" if orders else "plain"
        self.world = World(road_map, seed=seed, start_s=float(self._random.uniform(0, 90)))
        self._errands = ShortErrands(self.world, seed, pause_s=(1.0, 4.0))
        self.car_ids = self._errands.add_cars(cars)
        self._seats = [Seat(car_id, self.world, car_id) for car_id in self.car_ids]
        density = float(self._random.uniform(0.4, 1.6))
        (traffic or Traffic()).fill(self.world, seed, density)
        self.world.weather = fair_weather(self._random)
        self.world.attach_renderer(Renderer(road_map, seed=seed, side=self.world.roadside))
        often = (0.75 if orders else 0.12) if share is None else share
        self._orders = Orders(self.world, self.car_ids, self._random, share=often, order=orders)
        self._limits = Limits(self.world, self.car_ids, self._random) if limit else None

        self._warm_up(float(self._random.uniform(*WARM_UP_S)))

    @property
    def seats(self) -> Sequence[Seat]:
        return self._seats

    def _warm_up(self, seconds: float) -> None:
        """Drive without pictures, so that a shard does not begin with all cars at the kerb."""
        teacher = Teacher()
        for _ in range(round(seconds / WARM_TICK_S)):
            self._errands.tick()
            self.world.act(teacher.act(self.world.observe(self.car_ids)), {})
            self.world.step(WARM_TICK_S)

    def tick(self) -> Sequence[str]:
        self._errands.tick()
        self._orders.tick()
        if self._limits is not None:
            self._limits.tick()
        return ()


@dataclass(eq=False)
class Limits:
    """Lenses fail for some seconds; fog comes and goes for all."""

    world: World
    car_ids: list[str]
    random: np.random.Generator
    fault_until_s: dict[str, tuple[float, str]] = field(default_factory=dict)
    fog_until_s: float = 0.0
    foggy: bool = True

    def tick(self) -> None:
        now = self.world.time_s
        for car_id in self.car_ids:
            until, camera = self.fault_until_s.get(car_id, (0.0, ""))
            if now < until:
                continue
            if camera:
                self.world.set_lens(car_id, camera, LensFault.NONE, 0.0)
                self.fault_until_s[car_id] = (now + float(self.random.uniform(10, 30)), "")
            elif self.random.random() < 0.4:
                name, fault, level = lens_fault(self.random)
                self.world.set_lens(car_id, name, fault, level)
                self.fault_until_s[car_id] = (now + float(self.random.uniform(4, 9)), name)
            else:
                self.fault_until_s[car_id] = (now + float(self.random.uniform(3, 12)), "")
        if now >= self.fog_until_s:
            self.foggy = not self.foggy
            self.world.weather = thick_fog(self.random) if self.foggy else fair_weather(self.random)
            self.fog_until_s = now + float(self.random.uniform(10, 20) if self.foggy else self.random.uniform(15, 40))


def training_maps(folder: Path) -> list[Path]:
    """Maps under `folder`, by name. Raises ValueError when there is none and says how to make them."""
    paths = sorted(folder.glob("*.npz"))
    if not paths:
        raise ValueError(f"maps: none in {folder}; `make maps` makes them")
    return paths
