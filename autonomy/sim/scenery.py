"""What there is to be seen of a world: cars, actors and signals as a `Scene`."""

import hashlib
from typing import TYPE_CHECKING

import numpy as np

from autonomy.sim.actors.looks import FLEET_HEIGHT_M, PAINTS, SIZE_M
from autonomy.sim.car import STANDING_MPS, Car
from autonomy.sim.traffic import line_of
from autonomy.world.observation import Signal
from autonomy.world.scene import Bodies, BodyKind, Lights, Scene, SignalHeads

if TYPE_CHECKING:
    from autonomy.sim.world import World

INDICATE_M = 35.0
BRAKES_MPS2 = -0.6
TURN_RAD = 0.6


def paint_of(car_id: str) -> tuple[int, int, int]:
    """A car's colour by its name."""
    return PAINTS[hashlib.sha256(car_id.encode()).digest()[0] % len(PAINTS)]


def height_of(car: Car) -> float:
    return FLEET_HEIGHT_M.get(car.platform.slug, SIZE_M[car.body][2])


def lights_of(world: "World", car: Car) -> Lights:
    """Brake lights, indicators for turns and kerb moves, hazard and blue lights."""
    fleet, k = world.fleet, car.index
    speed, s = float(fleet.motion.speed[k]), float(fleet.s[k])
    shown = Lights.NONE
    active = car.errand or speed > STANDING_MPS
    if active and (float(fleet.motion.accel[k]) < BRAKES_MPS2 or speed < STANDING_MPS):
        shown |= Lights.BRAKE
    if car.beacon:
        shown |= Lights.BEACON
    if car.stop_arm:
        shown |= Lights.STOP_ARM
    if car.hazard_lights:
        return shown | Lights.HAZARD
    kerb, lane = (Lights.RIGHT, Lights.LEFT) if world.road_map.side > 0 else (Lights.LEFT, Lights.RIGHT)
    if not active:
        return shown
    for start, end, metres in car.path.shifts:
        if metres > 0 and start - INDICATE_M < s < end:
            return shown | kerb
        if metres < 0 and s < end:
            return shown | lane
    for passage in car.path.passages:
        if passage.leave < s:
            continue
        if line_of(car, passage) - s > INDICATE_M:
            break
        if abs(passage.turn_rad) > TURN_RAD:
            return shown | (Lights.LEFT if passage.turn_rad > 0 else Lights.RIGHT)
        break
    return shown


def heights_of(world: "World") -> list[float]:
    """Of all bodies, cars first, in metres."""
    return [height_of(car) for car in world.order] + world.actors.height.tolist()


def scene_of(world: "World") -> Scene:
    return Scene(world.time_s, _bodies(world), _signals(world), world.weather, dict(world.lens))


def _bodies(world: "World") -> Bodies:
    fleet, actors, cars = world.fleet, world.actors, world.order
    motion = fleet.motion
    middle = (fleet.front - fleet.rear) / 2
    x, y = motion.x + middle * np.cos(motion.heading), motion.y + middle * np.sin(motion.heading)
    pose = np.column_stack([x, y, motion.heading, np.zeros(fleet.count)])
    size = np.column_stack([fleet.front + fleet.rear, fleet.width, [height_of(car) for car in cars]])
    theirs = np.column_stack([actors.x, actors.y, actors.heading, actors.z])
    paint = np.array([car.colour or paint_of(car.car_id) for car in cars], dtype=np.uint8).reshape(-1, 3)
    lights = np.array([int(lights_of(world, car)) for car in cars], dtype=np.int64)
    return Bodies(
        kind=np.concatenate([np.array([int(car.body) for car in cars], dtype=np.int64), actors.kind]),
        pose=np.concatenate([pose, theirs]),
        size=np.concatenate([size.reshape(-1, 3), np.column_stack([actors.length, actors.width, actors.height])]),
        colour=np.concatenate([paint, actors.colour]),
        lights=np.concatenate([lights, actors.lights]),
        owner=tuple(car.car_id for car in cars) + ("",) * len(actors),
    )


def _signals(world: "World") -> SignalHeads:
    places = world.roadside.signal_places
    state = [
        int(signal_shown(world, junction, approach))
        for junction, approach in zip(places.junction.tolist(), places.approach.tolist(), strict=True)
    ]
    return SignalHeads(places.pose, np.array(state, dtype=np.int64))


def signal_shown(world: "World", junction: int, approach: int) -> Signal:
    """What the lamps of a junction show to an approach: nothing where they are dark."""
    plan = world.rules.plans.get(junction)
    if plan is None or junction in world.rules.dark:
        return Signal.NONE
    return plan.colour(approach, world.time_s)


def body_of(slug: str) -> BodyKind:
    """What a fleet platform looks like."""
    return BodyKind.VAN if slug in ("x9_ultra", "id_buzz") else BodyKind.CAR
