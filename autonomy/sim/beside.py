"""How much road there is beside the lane, away from the kerb, and where an order to pull over is carried out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from autonomy.sim import placing
from autonomy.sim.car import Car
from autonomy.sim.kerb import choose_place
from autonomy.sim.path import Path
from autonomy.sim.roads import LANE_WIDTH_M, RoadMap
from autonomy.sim.roadside import Roadside
from autonomy.sim.traffic import line_of
from autonomy.world.orders import OrderKind

if TYPE_CHECKING:
    from autonomy.sim.world import World

F8 = NDArray[np.float64]
LOOK_M = (0.0, 20.0, 40.0)
MOVE_M = 20.0  # to come from the lane to the kerb in comfort
STEP_M = 4.0
CANDIDATES = 40
PAST_M = 9.0
CROSSING_M = 6.0
SOON_M = 130.0
PULL_OVERS = frozenset({OrderKind.PULL_OVER, OrderKind.PULL_OVER_PAST_CROSSING})


def widths(road_map: RoadMap) -> tuple[F8, F8]:
    """f8[E] each: from the kerb-side lane's middle to the edge of the own direction's lanes, and to the far edge of the
    road."""
    lanes = np.maximum(road_map.edge_lanes.astype(float), 1.0)
    twin = road_map.edge_reverse
    one_way = twin < 0
    own = np.where(one_way, (lanes - 0.5) * LANE_WIDTH_M, road_map.lane_offset_m)
    other = np.where(one_way, 0.0, lanes[np.maximum(twin, 0)] * LANE_WIDTH_M)
    return own, own + other


def room_left_m(world: World, path: Path, s: float) -> tuple[float, float]:
    """The least of `widths` over the stretch ahead."""
    own, whole = world.road_widths
    edges = [path.edges[path.ordinal(s + ahead)] for ahead in LOOK_M]
    return min(float(own[edge]) for edge in edges), min(float(whole[edge]) for edge in edges)


def kerb_place(world: World, car: Car, path: Path, s: float, kind: OrderKind) -> float | None:
    """Metres along the path where the rear axle shall stand by an order to pull over, None where there is no place."""
    speed = float(world.fleet.motion.speed[car.index])
    first = s + speed * speed / 3.0 + MOVE_M
    crossings = _crossings(world, path, s)
    if kind is OrderKind.PULL_OVER_PAST_CROSSING:
        past = _past(car, path, s, crossings)
        if past is None:
            return None
        first = max(first, past)
    others = [other for other in world.order if other is not car]
    taken = placing.bodies(others, world.fleet, world.road_map.side) + placing.standing_at_kerb(world.actors)
    front, rear = car.platform.front_m, car.platform.rear_overhang_m
    candidates = [
        place
        for place in (first + STEP_M * k for k in range(CANDIDATES))
        if all(not place - rear - CROSSING_M < at < place + front + CROSSING_M for at in crossings)
    ]
    return choose_place(world.road_map, path, candidates, first_m=first, platform=car.platform, taken=taken)


def _past(car: Car, path: Path, s: float, crossings: list[float]) -> float | None:
    """Behind the next junction or mid-block crossing, whichever comes first."""
    ends = [at + PAST_M for at in crossings if s + car.platform.front_m < at < s + SOON_M]
    for passage in path.passages:
        if s < line_of(car, passage) + 1.0 < s + SOON_M or (s < passage.leave and line_of(car, passage) < s):
            ends.append(passage.leave + PAST_M)
    return min(ends) if ends else None


def _crossings(world: World, path: Path, s: float) -> list[float]:
    """Where mid-block crossings lie on the path ahead, m along it."""
    found = []
    first, last = path.ordinal(s), path.ordinal(s + 2 * SOON_M)
    for number in range(first, last + 1):
        start = float(path.ends[number - 1]) if number else 0.0
        for along in world.mid_block.get(path.edges[number], ()):
            found.append(path.at_road(start + along))
    return found


def mid_block(roadside: Roadside) -> dict[int, list[float]]:
    """Mid-block crossings by edge, in both directions: metres along it."""
    road_map = roadside.road_map
    found: dict[int, list[float]] = {}
    for crossing in roadside.crossings:
        if crossing.junction < 0:
            found.setdefault(crossing.edge, []).append(crossing.along_m)
            twin = int(road_map.edge_reverse[crossing.edge])
            if twin >= 0:
                found.setdefault(twin, []).append(float(road_map.edge_length_m[crossing.edge]) - crossing.along_m)
    return found
