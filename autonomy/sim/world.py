"""One world, many cars: they perceive it by `observe`, act on it by `act`, and `step` moves it on."""

import hashlib
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from autonomy.sim import beside, other_ways, placing, routing, sensing
from autonomy.sim.actors import Actors
from autonomy.sim.car import Car
from autonomy.sim.fleet import Fleet
from autonomy.sim.hazards import hazards_of
from autonomy.sim.nearby import Nearby, look_around
from autonomy.sim.neighbours import Levels
from autonomy.sim.platforms import Platform
from autonomy.sim.platforms import platform as platform_of
from autonomy.sim.right_of_way import RightOfWay, Signals
from autonomy.sim.roads import RoadMap
from autonomy.sim.roadside import Roadside
from autonomy.sim.route import localisation_error
from autonomy.sim.scenery import body_of, heights_of, scene_of
from autonomy.sim.signals import arrival_heading, plans
from autonomy.sim.swings import roomy_junctions
from autonomy.sim.views import Cameras, with_frames
from autonomy.world.action import ACTION_STEPS, Action, Limits
from autonomy.world.base import CarState
from autonomy.world.camera import CAMERA_NAMES
from autonomy.world.observation import Directive, Observation
from autonomy.world.orders import Order
from autonomy.world.place import RoadPosition
from autonomy.world.scene import LensFault, Scene, Weather


class Resident(Protocol):
    """Whoever lives in the world by itself: called at the begin of every step, before anything moves."""

    def step(self, world: "World", dt_s: float) -> None: ...


class World:
    """Implements `autonomy.world.base.CarWorld` on an imported map. The same seed and calls give the same world."""

    def __init__(self, road_map: RoadMap, *, seed: int = 0, start_s: float = 0.0) -> None:
        self.road_map = road_map
        self.junctions = roomy_junctions(road_map)
        self.rules = RightOfWay(
            dict(plans(road_map, self.junctions, seed)), lambda edge: arrival_heading(road_map, edge), road_map.side
        )
        self.levels = Levels(road_map.edge_from, road_map.edge_to, road_map.edge_length_m)
        self.fleet = Fleet()
        self.cars: dict[str, Car] = {}
        self.order: list[Car] = []
        self._time_s = start_s
        self._sense: sensing.Sense | None = None
        self._sensed_s = start_s
        self._lonlat: tuple[NDArray[np.float64], NDArray[np.float64]] | None = None
        self._nearby: Nearby | None = None
        self._heights: list[float] | None = None
        self.seed = seed
        self.weather = Weather()
        self.actors = Actors()
        self.lens: dict[tuple[str, str], tuple[LensFault, float]] = {}
        self.residents: list[Resident] = []
        self._cameras: Cameras | None = None

    @property
    def time_s(self) -> float:
        return self._time_s

    @property
    def dark(self) -> set[int]:
        """Junctions whose signals show nothing."""
        return self.rules.dark

    @cached_property
    def roadside(self) -> Roadside:
        return Roadside(self.road_map, self.junctions, seed=self.seed)

    @cached_property
    def road_widths(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """See `autonomy.sim.beside.widths`."""
        return beside.widths(self.road_map)

    @cached_property
    def mid_block(self) -> dict[int, list[float]]:
        """See `autonomy.sim.beside.mid_block`."""
        return beside.mid_block(self.roadside)

    @property
    def map_digest(self) -> str:
        return self.road_map.digest

    # --- who is in the world ---------------------------------------------------------------------------------------

    def add_car(
        self,
        car_id: str,
        platform: str | Platform,
        position: RoadPosition,
        *,
        at_kerb: bool = True,
        soc_pct: float = 80.0,
        odometer_m: float = 0.0,
    ) -> RoadPosition:
        if car_id in self.cars:
            raise ValueError(f"car_id: {car_id} is in the world already")
        if not 0.0 <= soc_pct <= 100.0:
            raise ValueError(f"soc_pct: {soc_pct} is not within 0 and 100")
        kind = platform if isinstance(platform, Platform) else platform_of(platform)
        spot = placing.find_spot(
            self.road_map,
            self.junctions,
            position,
            kind,
            at_kerb=at_kerb,
            taken=self._taken(self.order),
        )
        index = self.fleet.append(kind, soc_pct, odometer_m)
        car = Car(car_id, index, kind, spot.path, body=body_of(kind.slug))
        self.cars[car_id] = car
        self.order.append(car)
        placing.settle(self.road_map, self.fleet, car, spot, self._time_s)
        self._changed()
        return spot.position

    def place_car(self, car_id: str, position: RoadPosition, *, at_kerb: bool = True) -> RoadPosition:
        car = self.cars[car_id]
        others = self._taken([other for other in self.order if other is not car])
        spot = placing.find_spot(self.road_map, self.junctions, position, car.platform, at_kerb=at_kerb, taken=others)
        placing.settle(self.road_map, self.fleet, car, spot, self._time_s)
        self._changed()
        return spot.position

    def remove_car(self, car_id: str) -> None:
        car = self.cars.pop(car_id)
        self.lens = {key: fault for key, fault in self.lens.items() if key[0] != car_id}
        self.fleet.remove(car.index)
        self.order.remove(car)
        for other in self.order[car.index :]:
            other.index -= 1
            for claim in other.claims.values():
                claim.car = other.index
        self._changed()

    def nearest_position(self, lon: float, lat: float) -> RoadPosition:
        x, y = self.road_map.projection(lon, lat)
        if not (np.isfinite(x) and np.isfinite(y)):
            raise ValueError(f"lon, lat: {lon}, {lat} is not a place")
        return self.road_map.nearest(float(x), float(y))

    # --- what they are told ----------------------------------------------------------------------------------------

    def set_mission_path(
        self,
        car_id: str,
        edges: Sequence[int],
        start_offset_m: float,
        end_offset_m: float,
        *,
        at_kerb: bool = True,
        speed_caps_mps: Mapping[int, float] | None = None,
    ) -> None:
        routing.take_path(
            self.road_map,
            self.junctions,
            self.fleet,
            self.cars[car_id],
            edges,
            start_m=start_offset_m,
            end_m=end_offset_m,
            at_kerb=at_kerb,
            speed_caps_mps=speed_caps_mps or {},
        )
        self._changed()

    def clear_path(self, car_id: str) -> None:
        routing.drop_path(self.road_map, self.fleet, self.cars[car_id])
        self._changed()

    def set_directive(self, car_id: str, directive: Directive) -> None:
        routing.direct(self.road_map, self.fleet, self.cars[car_id], directive)
        self._changed()

    def instruct(self, car_id: str, text: str, order: Order | None = None) -> None:
        """Tell the car's driver something in words; `order` is what it means. Empty words take it back."""
        car = self.cars[car_id]
        car.instruction, car.order, car.instructed_s = text, order if text else None, self._time_s
        other_ways.instruct(self, car, car.order)
        self._changed()

    def set_charging(self, car_id: str, power_kw: float) -> None:
        if not power_kw >= 0:
            raise ValueError(f"power_kw: {power_kw} must be 0 or more")
        car = self.cars[car_id]
        self.fleet.charge_kw[car.index] = min(power_kw, car.platform.charge_kw_max)

    # --- the loop --------------------------------------------------------------------------------------------------

    def observe(self, car_ids: Sequence[str], *, frames: bool = False) -> list[Observation]:
        """frames: with the pictures of the cars' cameras; raises ValueError without a renderer."""
        seen = self.sensed()
        observations = [self._observation(self.cars[car_id], seen) for car_id in car_ids]
        if not frames:
            return observations
        if self._cameras is None:
            raise ValueError("frames: no renderer is attached to this world")
        return with_frames(self._cameras, self, observations)

    def attach_renderer(self, cameras: Cameras) -> None:
        """Who draws the pictures of `observe(frames=True)`. Raises ValueError for a renderer of another map."""
        if cameras.map_digest != self.map_digest:
            raise ValueError("cameras: the renderer draws another map")
        self._cameras = cameras

    def sensed(self) -> sensing.Sense:
        """What all cars perceive now; worked out once per instant."""
        if self._sense is None:
            passed_s, self._sensed_s = self._time_s - self._sensed_s, self._time_s
            self._sense = sensing.sense(
                self.road_map,
                self.fleet,
                self.order,
                self.actors,
                rules=self.rules,
                levels=self.levels,
                time_s=self._time_s,
                passed_s=passed_s,
            )
            self._nearby = self._heights = None
        return self._sense

    def nearby(self) -> Nearby:
        """All bodies around all cars, in the frames of their paths."""
        seen = self.sensed()
        if self._nearby is None:
            self._nearby = look_around(self.fleet, seen.window, seen.bodies)
        return self._nearby

    def _observation(self, car: Car, seen: sensing.Sense) -> Observation:
        nearby = self.nearby()
        if self._heights is None:
            self._heights = heights_of(self)
        hazards = hazards_of(
            car, self.order, self.actors, nearby=nearby, bodies=seen.bodies, heights=self._heights, time_s=self._time_s
        )
        error = localisation_error(self.seed, car.car_id, self._time_s)
        lens = {camera: fault for (car_id, camera), fault in self.lens.items() if car_id == car.car_id}
        plain = sensing.observation(
            self.fleet, car, seen, time_s=self._time_s, error=error, hazards=hazards, weather=self.weather, lens=lens
        )
        return other_ways.completed(self, car, plain, error)

    def act(self, actions: Sequence[Action], limits: Mapping[str, Limits]) -> None:
        if not actions:
            return
        rows = np.array([self.cars[action.car_id].index for action in actions])
        block = np.stack([action.trajectory for action in actions])
        if block.shape[1:] != (ACTION_STEPS, 4) or not np.isfinite(block).all():
            raise ValueError(f"trajectory: must be finite and of shape ({ACTION_STEPS}, 4)")
        motion = self.fleet.motion
        motion.trajectory[rows] = block
        motion.given_s[rows] = [action.time_s for action in actions]
        none = Limits()
        bounds = [limits.get(action.car_id, none) for action in actions]
        motion.limit_speed[rows] = [bound.speed_max_mps for bound in bounds]
        motion.limit_accel[rows] = [bound.accel_max_mps2 for bound in bounds]
        motion.limit_brake[rows] = [bound.accel_min_mps2 for bound in bounds]

    def step(self, dt_s: float) -> None:
        if not 0.0 < dt_s <= 0.25:
            raise ValueError(f"dt_s: {dt_s} is not within 0 and 0.25")
        for resident in self.residents:
            resident.step(self, dt_s)
        self.actors.step(self, dt_s)
        driven = self.fleet.motion.advance(self._time_s, dt_s)
        self._time_s += dt_s
        self.fleet.spend(driven, dt_s)
        self.fleet.refoot()
        for car in self.order:
            if car.announced is not None:
                other_ways.follow_up(self, car)
        for index in self.fleet.stale_windows().tolist():
            self.fleet.reload(self.order[index])
        self._sense = None
        self._lonlat = None

    # --- how it looks -----------------------------------------------------------------------------------------------

    def scene(self) -> Scene:
        """What there is to be seen now."""
        return scene_of(self)

    def set_lens(self, car_id: str, camera: str, fault: LensFault, level: float = 1.0) -> None:
        """Harm a camera (`LensFault.NONE`: mend it). Raises ValueError for an unknown camera or a bad level."""
        if camera not in CAMERA_NAMES:
            raise ValueError(f"camera: {camera!r} is unknown; known are {', '.join(CAMERA_NAMES)}")
        if not 0.0 <= level <= 1.0:
            raise ValueError(f"level: {level} is not within 0 and 1")
        if car_id not in self.cars:
            raise KeyError(car_id)
        if fault is LensFault.NONE:
            self.lens.pop((car_id, camera), None)
        else:
            self.lens[car_id, camera] = (fault, level)

    def dark_signal(self, junction: int) -> None:
        """The junction's signals fail: its lamps are dark, right of way is by road and side."""
        if junction not in self.rules.plans:
            raise ValueError(f"junction: {junction} has no signals")
        del self.rules.plans[junction]
        self.rules.dark.add(junction)
        self._changed()

    def direct_junction(self, junction: int, orders: Signals) -> None:
        """Somebody directs the traffic: their orders count, the lamps (if there are any) are dark."""
        self.rules.plans[junction] = orders
        self.rules.dark.add(junction)
        self._changed()

    # --- what is reported ------------------------------------------------------------------------------------------

    def state(self, car_id: str) -> CarState:
        car = self.cars[car_id]
        if self._lonlat is None:
            lon, lat = self.road_map.projection(self.fleet.motion.x, self.fleet.motion.y, inverse=True)
            self._lonlat = np.asarray(lon), np.asarray(lat)
        return sensing.car_state(self.road_map, self.fleet, car, *(float(a[car.index]) for a in self._lonlat))

    def digest(self) -> str:
        """sha256 over time and motion of all cars and actors: equal digests, equal worlds."""
        motion, fleet = self.fleet.motion, self.fleet
        hasher = hashlib.sha256(np.float64(self._time_s).tobytes())
        cars = (motion.x, motion.y, motion.heading, motion.speed, motion.steer, fleet.energy_kwh, fleet.odometer)
        for array in (*cars, self.actors.x, self.actors.y, self.actors.heading, self.actors.lights):
            hasher.update(np.ascontiguousarray(array).tobytes())
        return hasher.hexdigest()

    def _taken(self, cars: Sequence[Car]) -> list[tuple[float, float]]:
        return placing.bodies(cars, self.fleet, self.road_map.side) + placing.standing_at_kerb(self.actors)

    def _changed(self) -> None:
        self._sense = None
        self._lonlat = None
