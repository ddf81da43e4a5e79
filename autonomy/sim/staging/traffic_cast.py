"""The vehicles among the cast of a scenario, and the scripts that steer them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import cos, hypot, sin
from typing import Any

from autonomy.sim import ambient_bodies
from autonomy.sim.ambient import Trait
from autonomy.sim.ambient_bodies import AmbientBody
from autonomy.sim.car import Car
from autonomy.sim.staging.set import Set, Trigger
from autonomy.sim.staging.values import choice, number
from autonomy.sim.world import World

BODIES: dict[str, AmbientBody] = {
    "car": ambient_bodies.CAR,
    "van": ambient_bodies.VAN,
    "truck": ambient_bodies.TRUCK,
    "bus": ambient_bodies.BUS,
    "school_bus": ambient_bodies.SCHOOL_BUS,
    "emergency": ambient_bodies.EMERGENCY,
    "cyclist": ambient_bodies.CYCLIST,
}
LANE_M = 3.25


def _body(stage: Set, spec: Mapping[str, Any], default: str = "car") -> AmbientBody:
    word = choice(spec, "body", stage.random, default)
    if word not in BODIES:
        raise ValueError(f"body: {word!r} is unknown; known are {', '.join(sorted(BODIES))}")
    return BODIES[word]


def _manner(stage: Set, spec: Mapping[str, Any], name: str) -> Trait:
    trait = stage.ambient.traits[name]
    trait.speed_mps = number(spec, "speed_mps", stage.random, 20.0)
    return trait


@dataclass
class Brakes:
    """A resident that stops a vehicle when `when` says so, for `for_s`, then every `again_s` seconds anew (0: once)."""

    trait: Trait
    when: Trigger
    for_s: float
    hard: bool
    again_s: float = 0.0
    next_s: float | None = None

    def step(self, world: World, dt_s: float) -> None:
        if self.next_s is None:
            if not self.when(world):
                return
            self.next_s = world.time_s
        if world.time_s >= self.next_s:
            self.trait.held_s, self.trait.brake_hard = world.time_s + self.for_s, self.hard
            self.next_s = world.time_s + self.again_s if self.again_s else float("inf")


@dataclass
class Does:
    """A resident that does something once."""

    when: Trigger
    what: Callable[[World], None]
    done: bool = False

    def step(self, world: World, dt_s: float) -> None:
        if not self.done and self.when(world):
            self.done = True
            self.what(world)


def _lead(stage: Set, spec: Mapping[str, Any], name: str) -> None:
    """Drives ahead of the car on its way, no faster than `speed_mps`; `brakes_s`: stops after so many seconds for
    `for_s`, hard or not, and again every `again_s`; `aside_m`: towards the kerb."""
    random = stage.random
    s = stage.along(number(spec, "ahead_m", random, 18.0), str(spec.get("anchor", "start")))
    body = _body(stage, spec)
    stage.vehicle(name, body, s + body.platform.rear_overhang_m, speed_mps=number(spec, "start_mps", random, 6.0))
    trait = _manner(stage, spec, name)
    trait.aside_m = trait.aside_wanted_m = number(spec, "aside_m", random, 0.0)
    if "brakes_s" in spec:
        at = stage.world.time_s + number(spec, "brakes_s", random)
        stage.world.residents.append(
            Brakes(
                trait, lambda world: world.time_s >= at, number(spec, "for_s", random, 4.0),
                bool(spec.get("hard", False)), number(spec, "again_s", random, 0.0),
            )
        )  # fmt: skip


def _cut_in(stage: Set, spec: Mapping[str, Any], name: str) -> None:
    """Drives in the lane beside, gets `gap_m` ahead of the car, and comes over after `after_s`."""
    random = stage.random
    gap = number(spec, "gap_m", random, 7.0)
    body = _body(stage, spec)
    s = stage.along(gap + body.platform.rear_overhang_m, "start")
    stage.vehicle(name, body, s, speed_mps=number(spec, "start_mps", random, 7.0))
    trait = _manner(stage, spec, name)
    trait.aside_m = trait.aside_wanted_m = -LANE_M
    _shift(stage, stage.world.cars[name], -LANE_M)
    trait.aside_mps = number(spec, "sideways_mps", random, 1.4)
    after = stage.world.time_s + number(spec, "after_s", random, 4.0)
    stage.world.residents.append(CutsIn(stage, stage.world.cars[name], trait, trait.speed_mps, gap, after))


@dataclass
class CutsIn:
    """Keeps its distance ahead in the other lane, then comes over and drives `speed_mps`."""

    stage: Set
    car: Car
    trait: Trait
    speed_mps: float
    gap_m: float
    after_s: float
    comes: bool = False

    def step(self, world: World, dt_s: float) -> None:
        if self.comes:
            return
        motion, k = world.fleet.motion, self.car.index
        rear = self.stage.ahead_of_car(float(motion.x[k]), float(motion.y[k])) - self.car.platform.rear_overhang_m
        own = float(motion.speed[self.stage.car.index])
        self.trait.speed_mps = max(own + 1.0 * (self.gap_m - rear), 1.0)
        self.trait.factor, self.trait.accel = 1.3, 2.5
        if world.time_s >= self.after_s and rear > self.gap_m - 1.5:
            self.comes, self.trait.aside_wanted_m = True, 0.0
            self.trait.speed_mps, self.trait.factor = self.speed_mps, 1.0


def _shift(stage: Set, car: Car, right_m: float) -> None:
    """Move a vehicle sideways at the start."""
    motion, k = stage.world.fleet.motion, car.index
    heading = float(motion.heading[k])
    out = right_m * stage.side
    motion.x[k] += out * sin(heading)
    motion.y[k] -= out * cos(heading)
    stage.world.fleet.refoot()


def _pulls_out(stage: Set, spec: Mapping[str, Any], name: str) -> None:
    """Stands at the kerb and pulls out when the car is `when_s` away."""
    random = stage.random
    s = stage.along(number(spec, "ahead_m", random, 45.0), "start")
    body = _body(stage, spec)
    car = stage.vehicle(name, body, s, at_kerb=True)
    trait = _manner(stage, spec, name)
    trait.held_s = float("inf")
    x, y = float(stage.world.fleet.motion.x[car.index]), float(stage.world.fleet.motion.y[car.index])
    when = stage.when_near(x, y, seconds=number(spec, "when_s", random, 4.5))

    def goes(world: World) -> None:
        trait.held_s, trait.pushes, trait.accel = -1.0, True, 2.0

    stage.world.residents.append(Does(when, goes))


def _from_behind(stage: Set, spec: Mapping[str, Any], name: str) -> None:
    """An emergency vehicle with its siren on that comes from behind, `behind_m` away, and overtakes on the left."""
    random = stage.random
    s = stage.along(0.0, "start") - stage.car.platform.length_m - number(spec, "behind_m", random, 40.0)
    car = stage.vehicle(name, BODIES["emergency"], max(s, 4.0), speed_mps=number(spec, "start_mps", random, 8.0))
    car.beacon = True
    trait = _manner(stage, spec, name)
    trait.factor, trait.speed_mps = 1.2, number(spec, "speed_mps", random, 13.0)
    stage.world.residents.append(Overtakes(stage, car, trait))


@dataclass
class Overtakes:
    """Swings out past the car where the other lane is free; a siren clears it."""

    stage: Set
    car: Car
    trait: Trait

    def step(self, world: World, dt_s: float) -> None:
        motion, k = world.fleet.motion, self.car.index
        ahead = self.stage.ahead_of_car(float(motion.x[k]), float(motion.y[k]))
        beside = -32.0 < ahead < 9.0
        self.trait.aside_mps = 2.0
        self.trait.aside_wanted_m = -LANE_M if beside else 0.0
        self.trait.heedless = self.trait.aside_m < -2.4 and beside


def _oncoming(stage: Set, spec: Mapping[str, Any], name: str) -> None:
    """`count` vehicles that come towards the car on its road, the first `ahead_m` away, `gap_m` apart; `aside_m`
    (negative): over the middle of the road."""
    random = stage.random
    aside = number(spec, "aside_m", random, 0.0)
    first = stage.along(number(spec, "ahead_m", random, 70.0), "start")
    gap = number(spec, "gap_m", random, 22.0)
    reverse, length = stage.world.road_map.edge_reverse, stage.world.road_map.edge_length_m
    for member in range(int(number(spec, "count", random, 1))):
        edge, offset = stage.path.position(first + member * gap)
        twin = int(reverse[edge])
        if twin < 0 or first + member * gap > stage.path.length_m - 5.0:
            break
        at = float(length[twin]) - offset
        _try(
            stage,
            f"{name}-{member}",
            _body(stage, spec),
            [twin],
            offset=at,
            speed=number(spec, "start_mps", random, 6.0),
        )
        if f"{name}-{member}" in stage.ambient.traits:
            trait = _manner(stage, spec, f"{name}-{member}")
            trait.aside_m = trait.aside_wanted_m = aside


def _try(stage: Set, name: str, body: AmbientBody, edges: list[int], *, offset: float, speed: float) -> None:
    """Put a vehicle there if there is room."""
    try:
        stage.vehicle_on(name, body, edges, offset, speed_mps=speed)
    except ValueError:  # the street is full: fewer come
        return


def _stream(stage: Set, spec: Mapping[str, Any], name: str) -> None:
    """`count` vehicles towards the junction from `side` (oncoming, left, right), the first `back_m` before the box,
    `gap_m` apart, that drive straight on where they can; `heedless`: they stop for nothing; `siren`: an emergency;
    `meets`: the first comes to the middle of the junction `late_s` after a car that drives on."""
    random, world = stage.random, stage.world
    side = choice(spec, "side", random, "oncoming")
    exits = stage.spot.exits
    away = {"oncoming": "straight", "left": "left", "right": "right"}[side]
    edge = int(world.road_map.edge_reverse[exits[away]]) if away in exits else -1
    if edge < 0:
        raise ValueError(f"cast: nobody can come from {side} at this junction")
    onward = int(world.road_map.edge_reverse[stage.spot.edges[0]])
    chain = [edge, onward] if side == "oncoming" and onward in world.road_map.successors[edge] else [edge]
    back = float(world.roadside.line_m[edge]) - number(spec, "back_m", random, 30.0)
    gap = number(spec, "gap_m", random, 16.0)
    for member in range(int(number(spec, "count", random, 1))):
        offset = back - member * gap
        if offset < float(world.roadside.head_m[edge]) + 2.0:
            break
        label = f"{name}-{member}"
        _try(stage, label, _body(stage, spec), chain, offset=offset, speed=number(spec, "start_mps", random, 6.0))
        if label not in stage.ambient.traits:
            continue
        trait = _manner(stage, spec, label)
        trait.heedless = bool(spec.get("heedless", False))
        world.cars[label].beacon = bool(spec.get("siren", False))
        if spec.get("meets", False) and member == 0:
            world.residents.append(Meets(stage, world.cars[label], trait, number(spec, "late_s", random, 0.0)))


@dataclass
class Meets:
    """Times its way so that both come to the middle of the junction together, as long as the car is not near."""

    stage: Set
    car: Car
    trait: Trait
    late_s: float
    near_s: float = 1.6

    def step(self, world: World, dt_s: float) -> None:
        own, motion = self.stage.car.index, world.fleet.motion
        node = int(world.road_map.edge_to[self.stage.spot.edges[0]])
        x, y = float(world.road_map.node_x[node]), float(world.road_map.node_y[node])
        left_s = self.stage.ahead_of_car(x, y) / max(float(motion.speed[own]), 3.0)
        if left_s < self.near_s:
            return
        k = self.car.index
        apart = hypot(x - float(motion.x[k]), y - float(motion.y[k]))
        self.trait.speed_mps = min(max(apart / (left_s + self.late_s), 2.0), 14.0)
        self.trait.factor, self.trait.accel = 1.6, 3.0


def _queue(stage: Set, spec: Mapping[str, Any], name: str) -> None:
    """`count` vehicles that stand before the line, the first at it."""
    s = stage.along(0.0, "line")
    for member in range(int(number(spec, "count", stage.random, 2))):
        body = _body(stage, spec)
        s -= body.platform.front_m + 0.8
        if s < stage.along(8.0, "start"):
            break
        stage.vehicle(f"{name}-{member}", body, s)
        s -= body.platform.rear_overhang_m + 4.6


def _bus_stop(stage: Set, spec: Mapping[str, Any], name: str) -> None:
    """A school bus ahead (`side`: own) or in the other direction that stands with its arm out for `for_s`."""
    random = stage.random
    ahead = number(spec, "ahead_m", random, 40.0)
    body = BODIES["school_bus"]
    if choice(spec, "side", random, "own") == "own":
        car = stage.vehicle(name, body, stage.along(ahead, "start") + body.platform.rear_overhang_m)
    else:
        edge, offset = stage.path.position(stage.along(ahead, "start"))
        twin = int(stage.world.road_map.edge_reverse[edge])
        at = float(stage.world.road_map.edge_length_m[twin]) - offset
        car = stage.vehicle_on(name, body, [twin], at)
    trait = stage.ambient.traits[name]
    until = stage.world.time_s + number(spec, "for_s", random, 14.0)
    trait.held_s, car.stop_arm = until + 1.0, True

    def drives_on(world: World) -> None:
        car.stop_arm = False

    stage.world.residents.append(Does(lambda world: world.time_s >= until, drives_on))


TRAFFIC_CAST: dict[str, Callable[[Set, Mapping[str, Any], str], None]] = {
    "lead": _lead,
    "cut_in": _cut_in,
    "pulls_out": _pulls_out,
    "siren_behind": _from_behind,
    "oncoming": _oncoming,
    "stream": _stream,
    "queue": _queue,
    "school_bus": _bus_stop,
}
