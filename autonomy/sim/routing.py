"""New errands and orders for a car that may be driving: its path from here on."""

from collections.abc import Mapping, Sequence
from math import isfinite

import numpy as np
from numpy.typing import NDArray

from autonomy.sim.car import STANDING_MPS, Car
from autonomy.sim.curves import REPAIR_RADIUS_M, lengths_along
from autonomy.sim.dubins import dubins
from autonomy.sim.fleet import Fleet
from autonomy.sim.joining import check_chain, join
from autonomy.sim.junctions import Junctions
from autonomy.sim.kerb import shifts_for
from autonomy.sim.path import HEADING, Path, X, Y, build_path
from autonomy.sim.roads import KERB_SHIFT_M, RoadMap
from autonomy.sim.traffic import line_of
from autonomy.world.observation import Directive

TAIL_M = 30.0
JUST_TURNED_M = 30.0


def kerb_offset(road_map: RoadMap, fleet: Fleet, car: Car, path: Path, s: float) -> float:
    """How far the rear axle is from the lane's middle towards the kerb, measured at `s` on `path`."""
    x, y, heading = path.pose(s)
    dx, dy = float(fleet.motion.x[car.index]) - x, float(fleet.motion.y[car.index]) - y
    return road_map.side * (dx * float(np.sin(heading)) - dy * float(np.cos(heading)))


def _committed(fleet: Fleet, car: Car) -> tuple[list[int], list[int], float, float]:
    """Edges just left, edges to drive in any case, the offset on the first of these, and that on the last of them where
    another way may begin."""
    s, speed = float(fleet.s[car.index]), float(fleet.motion.speed[car.index])
    free = s
    if speed > STANDING_MPS:
        free = s + speed * speed / 4.0 + 8.0
    for passage in car.path.passages:
        entered = s > line_of(car, passage)
        if passage.leave > s and (entered or (speed > STANDING_MPS and line_of(car, passage) < free)):
            free = max(free, passage.leave + 2.0)
    free = min(free, max(car.path.length_m, s))
    here, there = car.path.ordinal(s), car.path.ordinal(free)
    offset_here, offset_free = car.path.position(s)[1], car.path.position(free)[1]
    before = [car.path.edges[here - 1]] if here > 0 and offset_here < JUST_TURNED_M else []
    return before, car.path.edges[here : there + 1], offset_here, offset_free


def take_path(
    road_map: RoadMap,
    junctions: Junctions,
    fleet: Fleet,
    car: Car,
    edges: Sequence[int],
    *,
    start_m: float,
    end_m: float,
    at_kerb: bool,
    speed_caps_mps: Mapping[int, float],
) -> None:
    """See `CarWorld.set_mission_path`."""
    edges = [int(edge) for edge in edges]
    check_chain(road_map, edges)
    for name, edge, offset in (("start_offset_m", edges[0], start_m), ("end_offset_m", edges[-1], end_m)):
        length = float(road_map.edge_length_m[edge])
        if not -1.0 <= offset <= length + 1.0:
            raise ValueError(f"{name}: {offset} is not on edge {edge} of {length:.1f} m")
    for edge, cap_mps in speed_caps_mps.items():
        if not (isfinite(cap_mps) and cap_mps > 0):
            raise ValueError(f"speed_caps_mps: {cap_mps} m/s on edge {edge} must be finite and above 0")
    before, committed, offset_here, offset_free = _committed(fleet, car)
    standing = float(fleet.motion.speed[car.index]) <= STANDING_MPS
    joined = join(road_map, committed, offset_free if len(committed) > 1 or not standing else offset_here, edges, end_m)
    car.place_m = car.pull_over_m = car.wait_kerb_s = None
    car.errand = True
    if joined is None:
        car.path.end_m = car.place_m = float(fleet.s[car.index])
        return
    start = float(road_map.edge_length_m[before[0]]) if before else offset_here
    bound = {edge: car.path.speed_caps_mps[edge] for edge in (*before, *committed) if edge in car.path.speed_caps_mps}
    path = build_path(
        road_map,
        junctions,
        [*before, *joined],
        start_m=max(start - TAIL_M, 0.0),
        end_m=end_m,
        at_kerb=at_kerb,
        speed_caps_mps={**bound, **speed_caps_mps},
    )
    switch(road_map, fleet, car, path)


def switch(road_map: RoadMap, fleet: Fleet, car: Car, path: Path) -> None:
    """Go over to another path at the point of it that is nearest; grants for the same passage stay."""
    x, y = float(fleet.motion.x[car.index]), float(fleet.motion.y[car.index])
    reach = path.lane[: int(JUST_TURNED_M + TAIL_M) + 260, :3]
    miss = np.hypot(reach[:, 0] - x, reach[:, 1] - y)
    turned = np.abs(np.angle(np.exp(1j * (reach[:, 2] - float(fleet.motion.heading[car.index])))))
    s = float(np.argmin(miss + 4.0 * turned))
    old = {
        (claim.passages[0].junction, claim.passages[0].approach, claim.passages[0].exit): claim
        for claim in car.claims.values()
    }
    car.path, car.claims = path, {}
    path.end_m = max(path.end_m, s)
    for number, passage in enumerate(path.passages):
        claim = old.get((passage.junction, passage.approach, passage.exit))
        if claim is not None:
            claim.path, claim.passages, claim.line_s = path, [passage], line_of(car, passage)
            car.claims[number] = claim
    fleet.s[car.index] = s
    _ease_in(road_map, fleet, car)
    reshape(road_map, fleet, car)


def _ease_in(road_map: RoadMap, fleet: Fleet, car: Car) -> None:
    """A car that is not where the new path is, nor beside it at the kerb, gets a Dubins way onto it."""
    s, path = float(fleet.s[car.index]), car.path
    motion = fleet.motion
    pose = (float(motion.x[car.index]), float(motion.y[car.index]), float(motion.heading[car.index]))
    offset = kerb_offset(road_map, fleet, car, path, s)
    off = abs(float(np.angle(np.exp(1j * (pose[2] - path.pose(s)[2])))))
    if -0.6 < offset < KERB_SHIFT_M + 0.6 and off < 0.35:
        return
    first = int(s)
    best: tuple[float, int, NDArray[np.float64]] | None = None
    for reach in (8, 12, 16, 22, 30, 40):
        last = min(first + reach, len(path.lane) - 1)
        goal = path.lane[last]
        way = dubins(pose, (float(goal[X]), float(goal[Y]), float(goal[HEADING])), REPAIR_RADIUS_M)
        detour = float(lengths_along(way)[-1]) - (last - first)
        if best is None or detour < best[0] - 2.0:
            best = (detour, last, way)
    if best is not None:
        path.enter_by(first, best[1], best[2])


def reshape(road_map: RoadMap, fleet: Fleet, car: Car) -> None:
    """Draw the kerb moves anew: from where the car is, into the place that is chosen (if any)."""
    s, path = float(fleet.s[car.index]), car.path
    place = car.pull_over_m if car.pull_over_m is not None else car.place_m if path.at_kerb else None
    offset = kerb_offset(road_map, fleet, car, path, s)
    path.shifts = shifts_for(s, offset, float(fleet.motion.speed[car.index]), place)
    path.shape(road_map.side)
    fleet.reload(car)
    fleet.refoot()


def drop_path(road_map: RoadMap, fleet: Fleet, car: Car) -> None:
    """See `CarWorld.clear_path`."""
    car.errand = False
    car.wait_kerb_s = None
    if float(fleet.motion.speed[car.index]) <= STANDING_MPS:
        stay(fleet, car)


def stay(fleet: Fleet, car: Car) -> None:
    """No errand and at rest: the path ends where the car stands."""
    car.path.end_m = float(fleet.s[car.index])
    car.place_m = car.pull_over_m = None


def direct(road_map: RoadMap, fleet: Fleet, car: Car, directive: Directive) -> None:
    """See `CarWorld.set_directive`."""
    if directive is car.directive:
        return
    had_place = car.pull_over_m is not None
    car.directive = directive
    if directive is Directive.DRIVE and had_place:
        car.pull_over_m = None
        car.wait_kerb_s = None
        reshape(road_map, fleet, car)
