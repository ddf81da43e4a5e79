"""Other ways than the mission's: where the next junction leads to, what the car would see if it were told so, and the
change of a mission by such an order.

A car that is ordered another way gets it as its path at once (right of way, stops and hazards are those of the way
that it shall drive), while its navigation still shows the mission's way, until it has turned off: what a learned driver
makes of the order is up to it. If it drives on by the navigation, it gets its old path back.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from autonomy.sim import routing
from autonomy.sim.beside import PULL_OVERS, kerb_place, room_left_m
from autonomy.sim.car import Announced, Car
from autonomy.sim.joining import connect
from autonomy.sim.path import Passage, Path, build_path
from autonomy.sim.route import route_of
from autonomy.sim.sensing import navigation_of
from autonomy.sim.traffic import line_of
from autonomy.world.observation import (
    PATH_POINTS,
    PATH_SPACING_M,
    HazardKind,
    NavigationCommand,
    Observation,
)
from autonomy.world.orders import Order, OrderKind

if TYPE_CHECKING:
    from autonomy.sim.world import World

F8 = NDArray[np.float64]
AHEAD_M = 75.0
ONWARD_M = 220.0
STRAIGHT_RAD = 0.6
ROUND_RAD = 2.6
INNER_EDGES = 3
APART_M = 1.5
WAYS: Mapping[OrderKind, NavigationCommand] = {
    OrderKind.TAKE_LEFT: NavigationCommand.LEFT,
    OrderKind.TAKE_RIGHT: NavigationCommand.RIGHT,
    OrderKind.GO_STRAIGHT: NavigationCommand.STRAIGHT,
}
PASSABLE = frozenset({HazardKind.BLOCKING, HazardKind.UNKNOWN, HazardKind.WORKS, HazardKind.PARKED})
PASSES = frozenset({OrderKind.PASS_LEFT, OrderKind.WAIT_THEN_PASS_LEFT})


def next_passage(world: World, car: Car, path: Path, s: float) -> Passage | None:
    """The next junction that the car is not committed to yet, if it is near."""
    speed = float(world.fleet.motion.speed[car.index])
    for passage in path.passages:
        line = line_of(car, passage)
        if line > s + AHEAD_M:
            return None
        if line > s + speed * speed / 5.0 + 2.0:
            return passage
        if passage.leave > s:
            return None
    return None


def exits(world: World, passage: Passage) -> dict[NavigationCommand, list[int]]:
    """By command the edges from the passage's approach to where the junction is left that way (approach included)."""
    road_map, junctions = world.road_map, world.junctions
    found: dict[NavigationCommand, tuple[float, list[int]]] = {}
    stack = [[passage.approach]]
    while stack:
        trail = stack.pop()
        for out in road_map.successors[trail[-1]]:
            if out in trail or out == road_map.edge_reverse[passage.approach]:
                continue
            if int(junctions.of_node[road_map.edge_to[out]]) == passage.junction and len(trail) <= INNER_EDGES:
                stack.append([*trail, out])
                continue
            command, badness = _turn(world, passage.approach, out)
            if command is not None and (command not in found or badness < found[command][0]):
                found[command] = (badness, [*trail, out])
    return {command: trail for command, (_, trail) in found.items()}


def _turn(world: World, approach: int, out: int) -> tuple[NavigationCommand | None, float]:
    a, b = world.road_map.geometry(approach), world.road_map.geometry(out)
    u, v = a[-1] - a[max(len(a) - 3, 0)], b[min(2, len(b) - 1)] - b[0]
    turn = float(np.arctan2(u[0] * v[1] - u[1] * v[0], u @ v))
    if abs(turn) < STRAIGHT_RAD:
        return NavigationCommand.STRAIGHT, abs(turn)
    if abs(turn) > ROUND_RAD:
        return None, 0.0
    command = NavigationCommand.LEFT if turn > 0 else NavigationCommand.RIGHT
    return command, abs(abs(turn) - np.pi / 2)


def ways(world: World, car: Car, path: Path, s: float) -> dict[NavigationCommand, F8]:
    """As `Observation.other_ways`: what the path ahead would be by each command at the next junction."""
    passage = next_passage(world, car, path, s)
    if passage is None:
        return {}
    found: dict[NavigationCommand, F8] = {}
    here = path.ordinal(s)
    until = path.edges.index(passage.approach, here) if passage.approach in path.edges[here:] else here
    lead = path.edges[here:until]
    for command, trail in exits(world, passage).items():
        way = _built(world, [*lead, *_onward(world, trail)])
        if way is not None:
            found[command] = _rows(way, _foot(way, *path.pose(s)))
    return found


def _built(world: World, edges: list[int]) -> Path | None:
    length = float(world.road_map.edge_length_m[edges[-1]])
    try:
        return build_path(world.road_map, world.junctions, edges, start_m=0.0, end_m=length, at_kerb=False)
    except ValueError:  # too short to be driven
        return None


def _onward(world: World, trail: list[int]) -> list[int]:
    """The trail and what follows it straightest, until there is path enough."""
    road_map = world.road_map
    edges, length = list(trail), float(road_map.edge_length_m[trail[-1]])
    while length < ONWARD_M:
        follow = [out for out in road_map.successors[edges[-1]] if out not in edges]
        if not follow:
            break
        edges.append(min(follow, key=lambda out: abs(_angle(world, edges[-1], out))))
        length += float(road_map.edge_length_m[edges[-1]])
    return edges


def _angle(world: World, a: int, b: int) -> float:
    p, q = world.road_map.geometry(a), world.road_map.geometry(b)
    u, v = p[-1] - p[-2], q[1] - q[0]
    return float(np.arctan2(u[0] * v[1] - u[1] * v[0], u @ v))


def _foot(path: Path, x: float, y: float, heading: float) -> float:
    lane = path.lane
    miss = np.hypot(lane[:, 0] - x, lane[:, 1] - y) + 4.0 * np.abs(np.angle(np.exp(1j * (lane[:, 2] - heading))))
    near = int(miss.argmin())
    dx, dy = x - lane[near, 0], y - lane[near, 1]
    return float(np.clip(near + dx * np.cos(lane[near, 2]) + dy * np.sin(lane[near, 2]), 0.0, len(lane) - 1.001))


def _rows(path: Path, s: float) -> F8:
    """f8[PATH_POINTS, 5] ahead of `s`; past the end the last point repeats."""
    at = np.minimum(s + PATH_SPACING_M * np.arange(PATH_POINTS), len(path.points) - 1.001)
    low = at.astype(int)
    part = (at - low)[:, None]
    rows: F8 = path.points[low] * (1 - part) + path.points[low + 1] * part
    return rows


def completed(world: World, car: Car, seen: Observation, error: tuple[float, float, float]) -> Observation:
    """The observation with the facts about the road beside the lane and about the order, and with the navigation of the
    announced way, if there is one. error: of localisation."""
    s = float(world.fleet.s[car.index])
    kerb = None
    if car.order is not None and car.order.kind in PULL_OVERS:
        kerb = _kept_place(world, car, s, car.order)
    room = room_left_m(world, car.path, s)
    announced = car.announced
    if announced is None:
        return replace(seen, side=world.road_map.side, room_left_m=room, kerb_m=kerb)
    ego = seen.ego
    route = route_of(_rows(announced.path, announced.s), (ego.x_m, ego.y_m, ego.heading_rad), error)
    navigation = navigation_of(car, announced.path, announced.s)
    return replace(
        seen, side=world.road_map.side, room_left_m=room, kerb_m=kerb, route=route, target_points=route[[10, 25]],
        navigation=navigation,
    )  # fmt: skip


def _kept_place(world: World, car: Car, s: float, order: Order) -> float | None:
    """The place of the order, chosen once; anew when the car has driven past it."""
    kept = car.order_place
    if kept is not None and kept[0] is order and kept[1] is car.path and (kept[2] is None or kept[2] > s - 2.0):
        place = kept[2]
        if place is not None or world.time_s - kept[3] < 1.0:
            return None if place is None else place - s
    place = kerb_place(world, car, car.path, s, order.kind)
    car.order_place = (order, car.path, place, world.time_s)
    return None if place is None else place - s


def counterfactual(world: World, seen: Observation, kind: OrderKind, text: str) -> Observation | None:
    """What the car would observe had it been told `text`, which means `kind`, right now. None where such an order makes
    no sense: no such way, nothing to pass, no place at the kerb. `seen` must be of the world as it is."""
    car = world.cars[seen.car_id]
    s = float(world.fleet.s[car.index])
    path = car.path
    base = seen
    if car.announced is not None:
        path, s = car.announced.path, car.announced.s
        base = replace(seen, path=_rows(path, s))
    order = Order(kind, world.time_s)
    asked = replace(base, instruction=text, order=order, instructed_s=world.time_s, kerb_m=None, other_ways={})
    if kind in PULL_OVERS:
        place = kerb_place(world, car, path, s, kind)
        return None if place is None else replace(asked, kerb_m=place - s)
    if kind in WAYS:
        found = ways(world, car, path, s)
        return replace(asked, other_ways=found) if WAYS[kind] in found else None
    if kind in PASSES:
        near = any(
            hazard.kind in PASSABLE and hazard.clear_m < 0.3 and 0.0 < hazard.ahead_m < 45.0 for hazard in seen.hazards
        )
        return asked if near else None
    return asked


# --- orders that change the mission ------------------------------------------------------------------------------


def instruct(world: World, car: Car, order: Order | None) -> None:
    """The world's part in an order: another way becomes the car's path, an old one is taken back."""
    car.order_place = None
    if car.announced is not None:
        _take_back(world, car)
    if order is None or order.kind not in WAYS or not car.errand:
        return
    s = float(world.fleet.s[car.index])
    passage = next_passage(world, car, car.path, s)
    if passage is None:
        return
    trail = exits(world, passage).get(WAYS[order.kind])
    here = car.path.ordinal(s)
    if trail is None or trail[-1] == passage.exit or passage.approach not in car.path.edges[here:]:
        return
    goal = car.path.edges[-1]
    link = [] if trail[-1] == goal else connect(world.road_map, trail[-1], goal)
    if link is None:
        return
    until = car.path.edges.index(passage.approach, here)
    edges = [*car.path.edges[here:until], *trail, *link]
    edges += [goal] if trail[-1] != goal else []
    _divert(world, car, edges, s)


def _divert(world: World, car: Car, edges: list[int], s: float) -> None:
    old = car.path
    end = _offset_on_last(old, old.end_m)
    place, at_kerb = car.place_m, old.at_kerb
    edge, offset = old.position(s)
    try:
        routing.take_path(
            world.road_map, world.junctions, world.fleet, car, edges,
            start_m=offset if edge == edges[0] else 0.0, end_m=end, at_kerb=at_kerb,
            speed_caps_mps=old.speed_caps_mps,
        )  # fmt: skip
    except ValueError:
        car.path, car.place_m = old, place
        return
    here = float(world.fleet.s[car.index])
    passage = next((p for p in car.path.passages if p.leave > here), None)
    car.announced = Announced(old, s, passage.leave if passage is not None else here)


def _offset_on_last(path: Path, s: float) -> float:
    start = float(path.ends[-2]) if len(path.edges) > 1 else 0.0
    return max(path.road_at(s) - start, 0.0)


def _take_back(world: World, car: Car) -> None:
    """The mission's way again."""
    assert car.announced is not None
    old = car.announced.path
    car.announced = None
    car.place_m = car.pull_over_m = None
    routing.switch(world.road_map, world.fleet, car, old)


def follow_up(world: World, car: Car) -> None:
    """Every tick: has the car turned off (then the navigation shows its new way), or driven on by the navigation?"""
    announced = car.announced
    if announced is None:
        return
    index, motion = car.index, world.fleet.motion
    x, y = float(motion.x[index]), float(motion.y[index])
    announced.s = _foot_near(announced.path, announced.s, x, y)
    ax, ay, _ = announced.path.pose(announced.s)
    s = float(world.fleet.s[index])
    bx, by, _ = car.path.pose(s)
    to_old, to_new = float(np.hypot(x - ax, y - ay)), float(np.hypot(x - bx, y - by))
    if to_old > APART_M and to_old > to_new + 0.5:
        car.announced = None
    elif to_new > APART_M and to_new > to_old + 0.5:
        _take_back(world, car)
        car.order = None
    elif s > announced.leaves_m + 5.0:
        car.announced = None


def _foot_near(path: Path, s: float, x: float, y: float) -> float:
    first = max(int(s) - 3, 0)
    piece = path.lane[first : first + 12]
    near = int(np.hypot(piece[:, 0] - x, piece[:, 1] - y).argmin())
    row = piece[near]
    along = (x - row[0]) * np.cos(row[2]) + (y - row[1]) * np.sin(row[2])
    return float(np.clip(first + near + along, 0.0, len(path.lane) - 1.001))
