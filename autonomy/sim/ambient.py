"""The world's own traffic: vehicles and cyclists that drive about for ever, by the Intelligent Driver Model."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from autonomy.sim.ambient_bodies import AmbientBody
from autonomy.sim.ambient_yield import stops_for_people, strip_is_taken, yields_to_siren
from autonomy.sim.car import Car
from autonomy.sim.idm import FAR_M, Ahead, trajectories
from autonomy.sim.sensing import junction_of
from autonomy.sim.wandering import extend
from autonomy.sim.world import World
from autonomy.world.observation import Directive
from autonomy.world.place import RoadPosition
from autonomy.world.scene import BodyKind

F8 = NDArray[np.float64]
PERIOD_S = 0.2
BEFORE_LINE_M = 0.8
ROUTE_LEFT_M = 180.0
PLANS_A_TICK = 2
STUCK_S = 90.0
CYCLIST_IN_LANE_M = 0.8
CYCLIST_IN_STRIP_M = 2.2
CYCLIST_SIDEWAYS_MPS = 0.5


@dataclass(slots=True)
class Trait:
    """How one of them drives; `aside_m`: how far it keeps to the kerb side of its path now, on its way to
    `aside_wanted_m` with `aside_mps`; `pushes`: leaves the kerb whoever comes; `heedless`: sees nobody, stops nowhere;
    `free`: it drives about by itself (else a script has set its path); `speed_mps`: no faster than this; `held_s`: it
    stands until then, for which it brakes hard if `brake_hard`."""

    body: AmbientBody
    factor: float
    accel: float
    brake: float
    headway_s: float
    stand_gap_m: float
    aside_m: float = 0.0
    aside_wanted_m: float = 0.0
    aside_mps: float = 1.0
    free: bool = True
    pushes: bool = False
    speed_mps: float = float("inf")
    held_s: float = -1.0
    brake_hard: bool = False
    heedless: bool = False
    stood_since_s: float | None = None
    next_plan_s: float = 0.0


class Ambient:
    """A resident of one world. The seed decides all."""

    def __init__(self, world: World, seed: int) -> None:
        self.traits: dict[str, Trait] = {}
        self._random = np.random.default_rng([seed & 0xFFFFFFFF, 4101])
        self._next_s = world.time_s
        world.residents.append(self)

    def add(
        self,
        world: World,
        car_id: str,
        body: AmbientBody,
        position: RoadPosition,
        *,
        at_kerb: bool = False,
        free: bool = True,
    ) -> Car:
        """Put a vehicle there or nearby. Raises ValueError when there is no room."""
        world.add_car(car_id, body.platform, position, at_kerb=at_kerb)
        car = world.cars[car_id]
        car.ambient, car.body = True, body.body
        random = self._random
        slow = body.body is BodyKind.CYCLIST
        self.traits[car_id] = Trait(
            body=body,
            factor=float(random.uniform(0.82, 1.08)),
            accel=float(random.uniform(1.0, 1.9)) * (0.6 if body.big or slow else 1.0),
            brake=float(random.uniform(1.6, 2.4)),
            headway_s=float(random.uniform(0.9, 1.6)),
            stand_gap_m=float(random.uniform(1.8, 3.0)),
            free=free,
            speed_mps=float(random.uniform(3.2, 5.4)) if slow else float("inf"),
            aside_mps=CYCLIST_SIDEWAYS_MPS if slow else 1.0,
        )
        return car

    def remove(self, world: World, car_id: str) -> None:
        del self.traits[car_id]
        world.remove_car(car_id)

    def step(self, world: World, dt_s: float) -> None:
        if world.time_s < self._next_s - 1e-6 or not self.traits:
            return
        self._next_s = world.time_s + PERIOD_S
        self._plan(world)
        yields_to_siren(world, self.traits)
        self._act(world)

    def _plan(self, world: World) -> None:
        """New ways for those that come to the end of theirs, other places for those that are stuck."""
        plans = 0
        for car_id, trait in self.traits.items():
            car = world.cars[car_id]
            left = car.path.end_m - float(world.fleet.s[car.index])
            wants = trait.free and (not car.errand or left < ROUTE_LEFT_M) and world.time_s >= trait.next_plan_s
            if wants and car.directive is Directive.DRIVE and plans < PLANS_A_TICK:
                plans += 1
                trait.next_plan_s = world.time_s + (1.0 if extend(world, car, self._random, trait.body.big) else 5.0)
            self._move_on_if_stuck(world, car, trait)

    def _move_on_if_stuck(self, world: World, car: Car, trait: Trait) -> None:
        """Who stands for long behind something that will never move goes to another street, out of sight."""
        if float(world.fleet.motion.speed[car.index]) > 0.1 or not trait.free:
            trait.stood_since_s = None
            return
        if trait.stood_since_s is None:
            trait.stood_since_s = world.time_s
        if world.time_s - trait.stood_since_s < STUCK_S:
            return
        trait.stood_since_s = world.time_s
        edge = int(self._random.integers(world.road_map.edge_count))
        middle = RoadPosition(edge, float(world.road_map.edge_length_m[edge]) / 2)
        try:
            world.place_car(car.car_id, middle, at_kerb=False)
        except ValueError:  # no room there either
            return

    def _act(self, world: World) -> None:
        cars = [world.cars[car_id] for car_id in self.traits]
        traits = list(self.traits.values())
        rows = np.array([car.index for car in cars])
        sensed = world.sensed()
        speed = world.fleet.motion.speed[rows]
        stop = np.array([self._stop(world, car, trait) for car, trait in zip(cars, traits, strict=True)])
        yields = stops_for_people(world)[rows]
        heedless = np.array([trait.heedless for trait in traits])
        stop = np.minimum(stop, np.where(heedless, FAR_M, yields))
        leaders = [
            None if trait.heedless else sensed.leader.get(car.index) for car, trait in zip(cars, traits, strict=True)
        ]
        path = sensed.ahead[rows].copy()
        path[:, :, 4] = np.minimum(path[:, :, 4], np.array([trait.speed_mps for trait in traits])[:, None])
        block = trajectories(
            path,
            Ahead(
                speed=speed,
                stop_m=stop,
                gap_m=np.array([FAR_M if leader is None else leader.gap_m for leader in leaders]),
                leader_mps=np.array([0.0 if leader is None else max(leader.speed_mps, 0.0) for leader in leaders]),
                factor=np.array([trait.factor for trait in traits]),
                accel=np.array([trait.accel for trait in traits]),
                brake=np.array([6.0 if trait.brake_hard else trait.brake for trait in traits]),
                headway_s=np.array([trait.headway_s for trait in traits]),
                stand_gap_m=np.array([trait.stand_gap_m for trait in traits]),
            ),
        )
        self._keep_aside(world, cars, traits, block)
        motion = world.fleet.motion
        motion.trajectory[rows] = block
        motion.given_s[rows] = world.time_s

    def _stop(self, world: World, car: Car, trait: Trait) -> float:
        """Metres to where it has to stand by its path, the next junction and its script."""
        index = car.index
        speed, s = float(world.fleet.motion.speed[index]), float(world.fleet.s[index])
        stop = max(car.stop_m - s, 0.0)
        junction, _ = junction_of(world.fleet, car)
        if junction is not None and not junction.may_enter and not trait.heedless:
            stop = min(stop, max(junction.line_m - BEFORE_LINE_M, 0.0))
        if trait.body.body is not BodyKind.CYCLIST and not trait.pushes and not bool(world.sensed().may_leave[index]):
            return 0.0
        if world.time_s < trait.held_s:
            hardest = 6.0 if trait.brake_hard else 2.5
            stop = min(stop, speed * speed / (2 * hardest))
        return stop

    def _keep_aside(self, world: World, cars: list[Car], traits: list[Trait], block: F8) -> None:
        """Cyclists keep to the kerb side, in the kerb strip where nothing stands in it."""
        for row, (car, trait) in enumerate(zip(cars, traits, strict=True)):
            if trait.body.body is BodyKind.CYCLIST and trait.free:
                junction, box_left = junction_of(world.fleet, car)
                near_box = box_left > 0 or (junction is not None and junction.line_m < 22.0)
                taken = near_box or strip_is_taken(world, car)
                trait.aside_wanted_m = CYCLIST_IN_LANE_M if taken else CYCLIST_IN_STRIP_M
            most = trait.aside_mps * PERIOD_S
            trait.aside_m += min(max(trait.aside_wanted_m - trait.aside_m, -most), most)
            if trait.aside_m:
                shift = trait.aside_m * world.road_map.side
                block[row, :, 0] += shift * np.sin(block[row, :, 2])
                block[row, :, 1] -= shift * np.cos(block[row, :, 2])
