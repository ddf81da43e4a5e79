"""One world, many cars: they perceive it by `observe`, act on it by `act`, and `step` moves it on."""

import hashlib
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from autonomy.sim import placing, routing, sensing
from autonomy.sim.car import Car
from autonomy.sim.fleet import Fleet
from autonomy.sim.junctions import find_junctions
from autonomy.sim.neighbours import Levels
from autonomy.sim.platforms import platform as platform_of
from autonomy.sim.right_of_way import RightOfWay
from autonomy.sim.roads import RoadMap
from autonomy.sim.signals import arrival_heading, plans
from autonomy.sim.swings import make_room
from autonomy.world.action import ACTION_STEPS, Action, Limits
from autonomy.world.base import CarState
from autonomy.world.observation import Directive, Observation
from autonomy.world.place import RoadPosition


class World:
    """Implements `autonomy.world.base.CarWorld` on an imported map. The same seed and calls give the same world."""

    def __init__(self, road_map: RoadMap, *, seed: int = 0, start_s: float = 0.0) -> None:
        self.road_map = road_map
        self.junctions = find_junctions(road_map)
        make_room(road_map, self.junctions)
        self.rules = RightOfWay(
            plans(road_map, self.junctions, seed), lambda edge: arrival_heading(road_map, edge), road_map.side
        )
        self.levels = Levels(road_map.edge_from, road_map.edge_to, road_map.edge_length_m)
        self.fleet = Fleet()
        self.cars: dict[str, Car] = {}
        self.order: list[Car] = []
        self._time_s = start_s
        self._sense: sensing.Sense | None = None
        self._sensed_s = start_s
        self._lonlat: tuple[NDArray[np.float64], NDArray[np.float64]] | None = None

    @property
    def time_s(self) -> float:
        return self._time_s

    @property
    def map_digest(self) -> str:
        return self.road_map.digest

    # --- who is in the world ---------------------------------------------------------------------------------------

    def add_car(
        self,
        car_id: str,
        platform: str,
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
        kind = platform_of(platform)
        spot = placing.find_spot(
            self.road_map,
            self.junctions,
            position,
            kind,
            at_kerb=at_kerb,
            taken=placing.bodies(self.order, self.fleet, self.road_map.side),
        )
        index = self.fleet.append(kind, soc_pct, odometer_m)
        car = Car(car_id, index, kind, spot.path)
        self.cars[car_id] = car
        self.order.append(car)
        placing.settle(self.road_map, self.fleet, car, spot, self._time_s)
        self._changed()
        return spot.position

    def place_car(self, car_id: str, position: RoadPosition, *, at_kerb: bool = True) -> RoadPosition:
        car = self.cars[car_id]
        others = placing.bodies([other for other in self.order if other is not car], self.fleet, self.road_map.side)
        spot = placing.find_spot(self.road_map, self.junctions, position, car.platform, at_kerb=at_kerb, taken=others)
        placing.settle(self.road_map, self.fleet, car, spot, self._time_s)
        self._changed()
        return spot.position

    def remove_car(self, car_id: str) -> None:
        car = self.cars.pop(car_id)
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

    def set_charging(self, car_id: str, power_kw: float) -> None:
        if not power_kw >= 0:
            raise ValueError(f"power_kw: {power_kw} must be 0 or more")
        car = self.cars[car_id]
        self.fleet.charge_kw[car.index] = min(power_kw, car.platform.charge_kw_max)

    # --- the loop --------------------------------------------------------------------------------------------------

    def observe(self, car_ids: Sequence[str]) -> list[Observation]:
        if not car_ids:
            return []
        if self._sense is None:
            passed_s, self._sensed_s = self._time_s - self._sensed_s, self._time_s
            self._sense = sensing.sense(
                self.road_map,
                self.fleet,
                self.order,
                rules=self.rules,
                levels=self.levels,
                time_s=self._time_s,
                passed_s=passed_s,
            )
        seen = self._sense
        return [sensing.observation(self.fleet, self.cars[car_id], seen, self._time_s) for car_id in car_ids]

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
        driven = self.fleet.motion.advance(self._time_s, dt_s)
        self._time_s += dt_s
        self.fleet.spend(driven, dt_s)
        self.fleet.refoot()
        for index in self.fleet.stale_windows().tolist():
            self.fleet.reload(self.order[index])
        self._sense = None
        self._lonlat = None

    # --- what is reported ------------------------------------------------------------------------------------------

    def state(self, car_id: str) -> CarState:
        car = self.cars[car_id]
        if self._lonlat is None:
            lon, lat = self.road_map.projection(self.fleet.motion.x, self.fleet.motion.y, inverse=True)
            self._lonlat = np.asarray(lon), np.asarray(lat)
        return sensing.car_state(self.road_map, self.fleet, car, *(float(a[car.index]) for a in self._lonlat))

    def digest(self) -> str:
        """sha256 over time and motion of all cars: equal digests, equal worlds."""
        motion, fleet = self.fleet.motion, self.fleet
        hasher = hashlib.sha256(np.float64(self._time_s).tobytes())
        for array in (motion.x, motion.y, motion.heading, motion.speed, motion.steer, fleet.energy_kwh, fleet.odometer):
            hasher.update(np.ascontiguousarray(array).tobytes())
        return hasher.hexdigest()

    def _changed(self) -> None:
        self._sense = None
        self._lonlat = None
