"""A scenario staged on a map: a world with the cast in it and one car whose driver is put to the test."""

from dataclasses import dataclass

import numpy as np

from autonomy.language import HELD_OUT, instruction
from autonomy.sim.population import populate
from autonomy.sim.roads import RoadMap
from autonomy.sim.staging.cast import CAST
from autonomy.sim.staging.judge import Judge, Outcome
from autonomy.sim.staging.places import Spot, spots
from autonomy.sim.staging.schema import Scenario, load
from autonomy.sim.staging.set import Set, chain_of
from autonomy.sim.staging.sky import draw_weather
from autonomy.sim.staging.values import number
from autonomy.sim.world import World
from autonomy.world.action import Action
from autonomy.world.camera import CAMERA_NAMES
from autonomy.world.orders import Order, OrderKind
from autonomy.world.place import RoadPosition
from autonomy.world.scene import LensFault

EGO = "ego"
TRIES = 12
BEYOND_M = 170.0
AFTER_JUNCTION_M = 28.0
AROUND_M = 260.0


class NoPlace(ValueError):
    """The map has no place where the scenario can play."""


@dataclass(eq=False)
class Stage:
    """Drive `car_id` in `world`; call `note` with every action of the policy before `world.act`. `done()`: stop.

    goal: x, y, heading where the drive is over. The stage itself lives in the world and watches at every step.
    """

    world: World
    car_id: str
    scenario: Scenario
    goal: tuple[float, float, float]
    set: Set
    judge: Judge
    split: str = HELD_OUT
    _told: bool = False
    _taken_back: bool = False

    def note(self, action: Action) -> None:
        """What the policy says; questions and refusals are conditions of some scenarios."""
        self.judge.note(action)

    def step(self, world: World, dt_s: float) -> None:
        """Called by the world."""
        self.judge.look()
        self._instruct()
        self._harm_lenses()

    def done(self) -> bool:
        return self.judge.done(self.scenario.limit_s)

    @property
    def outcome(self) -> Outcome:
        """What has been achieved so far."""
        return self.judge.outcome(self.scenario.limit_s)

    @property
    def passed_s(self) -> float:
        return self.world.time_s - self.judge.begin_s

    def _instruct(self) -> None:
        spec = self.scenario.instruction
        if spec is None:
            return
        if not self._told and self._due(spec):
            self._told = True
            kind = OrderKind(spec["order"])
            text = instruction(kind, self.set.random, self.split)
            self.world.instruct(self.car_id, text, Order(kind, self.world.time_s))
            self.judge.told_s = self.world.time_s
        elif (
            self._told
            and not self._taken_back
            and "for_s" in spec
            and self.world.time_s - (self.judge.told_s or 0.0) > float(spec["for_s"])
        ):
            self._taken_back = True
            self.world.instruct(self.car_id, "", None)

    def _due(self, spec: object) -> bool:
        assert isinstance(spec, dict)
        if "at_m" in spec and not np.isnan(self.set.spot.along_m):
            x, y, _ = self.set.place(0.0, 0.0, "line")
            return self.set.ahead_of_car(x, y) < float(spec["at_m"])
        return self.passed_s >= float(spec.get("after_s", 2.0))

    def _harm_lenses(self) -> None:
        for spec in self.scenario.lens:
            if self.passed_s >= float(spec.get("after_s", 0.0)):
                names = CAMERA_NAMES if spec["camera"] == "all" else (str(spec["camera"]),)
                for name in names:
                    self.world.set_lens(self.car_id, name, LensFault(spec["fault"]), float(spec.get("level", 1.0)))


def stage(
    scenario: Scenario | str, road_map: RoadMap, *, seed: int, platform: str = "p7", split: str = HELD_OUT
) -> Stage:
    """Set the scenario up where the map has a place for it, chosen by the seed. `split`: which sentences people use.

    Raises NoPlace when the map has none.
    """
    scenario = load(scenario) if isinstance(scenario, str) else scenario
    random = np.random.default_rng([seed & 0xFFFFFFFF, 5003])
    found = spots(World(road_map, seed=seed), scenario.place)
    if not found:
        raise NoPlace(f"scenario {scenario.name}: the map has no place of kind {scenario.place.kind} for it")
    problem = ""
    for pick in random.permutation(len(found))[:TRIES].tolist():
        try:
            return _set_up(scenario, road_map, found[pick], seed=seed, platform=platform, split=split)
        except ValueError as error:  # no room for the cast here
            problem = str(error)
    raise NoPlace(f"scenario {scenario.name}: {problem}")


def _set_up(scenario: Scenario, road_map: RoadMap, spot: Spot, *, seed: int, platform: str, split: str) -> Stage:
    random = np.random.default_rng([seed & 0xFFFFFFFF, 5011, spot.edges[0]])
    world = World(road_map, seed=seed, start_s=float(random.uniform(0.0, 90.0)))
    at_kerb = bool(scenario.ego.get("at_kerb", False))
    world.add_car(EGO, platform, RoadPosition(spot.edges[0], spot.start_m), at_kerb=at_kerb)
    ambient = populate(world, seed=seed)
    need = sum(float(road_map.edge_length_m[edge]) for edge in spot.edges[:-1]) + scenario.place.length_m + BEYOND_M
    chain = chain_of(world, spot.edges, random, need + spot.start_m)
    end = float(road_map.edge_length_m[chain[-1]]) * 0.7
    world.set_mission_path(EGO, chain, spot.start_m, end, at_kerb=False)
    car = world.cars[EGO]
    limit = float(world.fleet.ahead(1, 1.0)[car.index, 0, 4])
    fast = number(scenario.ego, "speed_share", random, 0.0) * limit or number(scenario.ego, "speed_mps", random, 5.0)
    world.fleet.motion.speed[car.index] = 0.0 if at_kerb else fast
    scene = Set(world, ambient, random, car, spot, car.path, float(world.fleet.s[car.index]))
    heading = scene.place(0.0)[2]
    world.weather = draw_weather(scenario.weather[int(random.integers(len(scenario.weather)))], random, heading)
    if scenario.dark:
        world.dark_signal(spot.junction)
    for number_, entry in enumerate(scenario.cast):
        CAST[entry["type"]](scene, entry, f"{entry['type']}-{number_}")
    _fill(world, scene, scenario, seed)
    goal = _goal(scene, scenario)
    judge = Judge(scene, scenario.success, scenario.place, goal=goal)
    for number_, entry in enumerate(scenario.cast):
        if entry["type"] in ("blocking", "works", "lead", "thing"):
            judge.blocker = _place_of(world, f"{entry['type']}-{number_}")
    staged = Stage(world, EGO, scenario, goal, scene, judge, split)
    world.residents.append(staged)
    return staged


def _place_of(world: World, name: str) -> tuple[float, float] | None:
    for actor in world.actors:
        if name in (actor.ident, actor.group):
            return actor.pose[:2]
    return None


def _goal(scene: Set, scenario: Scenario) -> tuple[float, float, float]:
    if scene.spot.junction >= 0:
        return scene.place(AFTER_JUNCTION_M, 0.0, "leave")
    if scene.spot.crossing is not None:
        return scene.place(AFTER_JUNCTION_M, 0.0, "line")
    return scene.place(scenario.place.length_m - scene.car.platform.front_m, 0.0)


def _fill(world: World, scene: Set, scenario: Scenario, seed: int) -> None:
    """The people and vehicles of no importance, away from the car's first metres."""
    if scenario.traffic:
        x, y, _ = scene.place(60.0)
        extra = populate(world, seed=seed + 1, around=(x, y, AROUND_M), **scenario.traffic)
        scene.ambient.traits.update(extra.traits)
        world.residents.remove(extra)
