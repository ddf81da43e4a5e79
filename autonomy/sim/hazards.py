"""From bodies around a car to the hazards of its observation."""

from collections.abc import Sequence

import numpy as np

from autonomy.sim.actors import Actor, Actors
from autonomy.sim.bodies import AllBodies
from autonomy.sim.car import STANDING_MPS, Car
from autonomy.sim.nearby import Nearby
from autonomy.world.observation import Hazard, HazardKind, Signal
from autonomy.world.scene import BodyKind

MOST = 12
BEHIND_M = 40.0
TALL_M = 1.65  # bodies as high as this hide people behind them
CAMERA_M = 1.6
# clear_m up to which a body of a kind is of interest
BESIDE_M = {
    HazardKind.VEHICLE: 6.0, HazardKind.CYCLIST: 5.0, HazardKind.PEDESTRIAN: 7.0, HazardKind.PARKED: 1.6,
    HazardKind.BLOCKING: 2.5, HazardKind.WORKS: 2.5, HazardKind.SCHOOL_BUS: 9.0, HazardKind.EMERGENCY: 9.0,
    HazardKind.OFFICER: 9.0, HazardKind.UNKNOWN: 2.5,
}  # fmt: skip
LEFT_BEHIND_M = 1.0
COMES_S = 2.0  # who will be so near within this time is of interest too
PASSED_M = 12.0  # standing things further back than this are of no interest
LASTING = frozenset({HazardKind.VEHICLE, HazardKind.EMERGENCY, HazardKind.CYCLIST})


def hazards_of(
    car: Car,
    cars: Sequence[Car],
    actors: Actors,
    *,
    nearby: Nearby,
    bodies: AllBodies,
    heights: Sequence[float],
    time_s: float,
) -> tuple[Hazard, ...]:
    """At most `MOST`, the most pressing first; people behind high bodies are not seen. `heights`: of all bodies."""
    own = nearby.of(car.index)
    found: list[tuple[float, Hazard]] = []
    groups: dict[str, list[Hazard]] = {}
    columns = [
        getattr(nearby, name)[own].tolist()
        for name in ("j", "ahead_m", "left_m", "clear_m", "along_mps", "across_mps", "turn", "half_m")
    ]
    for j, ahead, left, clear, along, across, turn, half in zip(*columns, strict=True):
        kind, state, ident, group = _what(j, cars, actors, bodies, turn=turn, ahead=ahead)
        if kind is HazardKind.OFFICER and j >= bodies.cars:
            state = _ordered(car, actors.rows[j - bodies.cars], time_s)
        elif kind is HazardKind.PEDESTRIAN and state == "crossing" and left * across > 0 and clear > LEFT_BEHIND_M:
            state = "walking"  # has crossed this car's way already
        if kind is None or clear > BESIDE_M[kind] + COMES_S * max(-across if left > 0 else across, 0.0):
            continue
        if ahead + 2 * half < -car.platform.length_m - (BEHIND_M if kind in LASTING else PASSED_M):
            continue
        if kind in (HazardKind.PEDESTRIAN, HazardKind.CYCLIST, HazardKind.UNKNOWN) and hidden(car, j, bodies, heights):
            continue
        length, width = float(bodies.length[j]), float(bodies.width[j])
        hazard = Hazard(kind, ahead, left, clear, along, across, length, width, state, ident)
        if group:
            groups.setdefault(group, []).append(hazard)
        else:
            found.append((_pressing(hazard), hazard))
    for name, members in groups.items():
        merged = merge(name, members)
        found.append((_pressing(merged), merged))
    found.sort(key=lambda entry: (entry[0], entry[1].ident))
    return tuple(hazard for _, hazard in found[:MOST])


def _what(
    j: int, cars: Sequence[Car], actors: Actors, bodies: AllBodies, *, turn: float, ahead: float
) -> tuple[HazardKind | None, str, str, str]:
    """Kind, state, name and group of a body."""
    if j >= bodies.cars:
        actor = actors.rows[j - bodies.cars]
        state = actor.state
        if actor.hazard is HazardKind.EMERGENCY and not state:
            state = _emergency(float(bodies.speed[j]), turn, ahead)
        elif actor.hazard is HazardKind.VEHICLE and not state:
            state = _way(turn)
        return actor.hazard, state, actor.ident, actor.group
    other = cars[j]
    if other.body is BodyKind.EMERGENCY and other.beacon:
        return HazardKind.EMERGENCY, _emergency(float(bodies.speed[j]), turn, ahead), other.car_id, ""
    if other.body is BodyKind.CYCLIST:
        return HazardKind.CYCLIST, _way(turn), other.car_id, ""
    if other.body is BodyKind.SCHOOL_BUS:
        return HazardKind.SCHOOL_BUS, "flashing" if other.stop_arm else "dark", other.car_id, ""
    if not other.errand and float(bodies.speed[j]) < STANDING_MPS:
        return HazardKind.PARKED, "", other.car_id, ""
    return HazardKind.VEHICLE, _way(turn), other.car_id, ""


def _ordered(car: Car, officer: Actor, time_s: float) -> str:
    """What the officer asks of this very car: "stop", "go", or nothing."""
    orders = officer.orders
    if orders is None:
        return officer.state
    for number in sorted(car.claims):
        passage = car.path.passages[number]
        if passage.junction == orders.junction and not car.claims[number].inside:
            return "go" if orders.colour(passage.approach, time_s) is Signal.GREEN else "stop"
    return ""


def _way(turn: float) -> str:
    size = abs(turn)
    return "same" if size < 0.8 else "oncoming" if size > 2.35 else "crossing"


def _emergency(speed: float, turn: float, ahead: float) -> str:
    if speed < STANDING_MPS:
        return "parked"
    if 0.8 < abs(turn) < 2.35:
        return "crossing"
    return "ahead" if ahead > 0 else "behind"


def _pressing(hazard: Hazard) -> float:
    """Small: near, in the way, on foot, or with a right to be obeyed."""
    ahead = hazard.ahead_m if hazard.ahead_m >= 0 else 4.0 - 1.5 * hazard.ahead_m
    value = ahead + 3.0 * hazard.clear_m
    if hazard.kind in (HazardKind.OFFICER, HazardKind.EMERGENCY, HazardKind.SCHOOL_BUS):
        return value - 60.0
    if hazard.state == "crossing" and hazard.kind is HazardKind.PEDESTRIAN:
        return value - 40.0
    return value + (15.0 if hazard.kind is HazardKind.PARKED else 0.0)


def merge(name: str, members: Sequence[Hazard]) -> Hazard:
    """One hazard for bodies of one group (the cones of a site): from the first to the last, as wide as all of them."""
    first = min(hazard.ahead_m for hazard in members)
    last = max(hazard.ahead_m + hazard.length_m for hazard in members)
    low = min(hazard.left_m - hazard.width_m / 2 for hazard in members)
    high = max(hazard.left_m + hazard.width_m / 2 for hazard in members)
    clear = min(hazard.clear_m for hazard in members)
    kind, state = members[0].kind, members[0].state
    return Hazard(kind, first, (low + high) / 2, clear, 0.0, 0.0, last - first, high - low, state, name)


def hidden(car: Car, j: int, bodies: AllBodies, heights: Sequence[float]) -> bool:
    """Is body `j` behind a high body as seen from the car's wind screen?"""
    k, motion_x, motion_y, heading = car.index, bodies.x, bodies.y, bodies.heading
    forth = float(bodies.length[k]) / 2 - CAMERA_M
    ax = float(motion_x[k]) + forth * float(np.cos(heading[k]))
    ay = float(motion_y[k]) + forth * float(np.sin(heading[k]))
    bx, by = float(motion_x[j]), float(motion_y[j])
    high = np.asarray(heights) >= max(TALL_M, float(heights[j]))
    high[[k, j]] = False
    size = np.maximum(bodies.length, bodies.width) / 2
    dx, dy = bx - ax, by - ay
    square = max(dx * dx + dy * dy, 1e-6)
    t = np.clip(((motion_x - ax) * dx + (motion_y - ay) * dy) / square, 0.0, 1.0)
    off = np.hypot(ax + t * dx - motion_x, ay + t * dy - motion_y)
    return any(_cuts((ax, ay), (bx, by), n, bodies) for n in np.flatnonzero(high & (off < size + 0.5)).tolist())


def _cuts(a: tuple[float, float], b: tuple[float, float], n: int, bodies: AllBodies) -> bool:
    """Does the segment from a to b go through body n? Slab test in the body's frame, 0.2 m inside its outline."""
    (ax, ay), (bx, by) = a, b
    c, s = float(np.cos(bodies.heading[n])), float(np.sin(bodies.heading[n]))
    x, y = float(bodies.x[n]), float(bodies.y[n])
    enter, leave = 0.0, 1.0
    for half, start, end in (
        (float(bodies.length[n]) / 2 - 0.2, (ax - x) * c + (ay - y) * s, (bx - x) * c + (by - y) * s),
        (float(bodies.width[n]) / 2 - 0.2, -(ax - x) * s + (ay - y) * c, -(bx - x) * s + (by - y) * c),
    ):
        move = end - start
        if abs(move) < 1e-9:
            if abs(start) > half:
                return False
            continue
        low, high = sorted(((-half - start) / move, (half - start) / move))
        enter, leave = max(enter, low), min(leave, high)
    return enter < leave
