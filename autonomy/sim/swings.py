"""Sharp turns that a car can only drive by leaving the lanes: the box of the junction must hold the whole swing."""

from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from autonomy.sim.curves import even, offset_line
from autonomy.sim.junctions import Junctions, find_junctions
from autonomy.sim.path import build_path
from autonomy.sim.roads import RoadMap

SHARP_RAD = 1.6
OUT_OF_LANE_M = 0.6
APART_M = 2.8
REACH_M = 35.0
SPARE_M = 2.0

F8 = NDArray[np.float64]


_KEPT: WeakKeyDictionary[RoadMap, Junctions] = WeakKeyDictionary()


def roomy_junctions(road_map: RoadMap) -> Junctions:
    """The map's junctions with room made, worked out once for all worlds on it; nobody changes them afterwards."""
    kept = _KEPT.get(road_map)
    if kept is None:
        kept = _KEPT[road_map] = find_junctions(road_map)
        make_room(road_map, kept)
    return kept


def make_room(road_map: RoadMap, junctions: Junctions) -> None:
    """Move stop lines back, in `junctions`, to where nobody swings across the lane before them."""
    for edge in range(road_map.edge_count):
        junction = int(junctions.of_node[road_map.edge_to[edge]])
        if junction < 0:
            continue
        for out in road_map.successors[edge]:
            if out != road_map.edge_reverse[edge] and _is_sharp(road_map, edge, out):
                _clear(road_map, junctions, junction, edge, out)


def _clear(road_map: RoadMap, junctions: Junctions, junction: int, edge: int, out: int) -> None:
    swing = swing_of(road_map, junctions, edge, out)
    if len(swing) == 0:
        return
    for approach in junctions.approaches[junction]:
        if approach == edge:
            continue
        lane = lane_of(road_map, approach)[::-1][: int(REACH_M)]
        near = np.flatnonzero(gaps(lane, swing) < APART_M)
        if len(near):
            behind = max(float(junctions.box_in_m[approach]), float(near[-1]) + SPARE_M)
            junctions.box_in_m[approach] = behind


def swing_of(road_map: RoadMap, junctions: Junctions, edge: int, out: int) -> F8:
    """f8[k, 2]: the way from one edge to the other where it follows the lane of neither."""
    length = float(road_map.edge_length_m[out])
    try:
        path = build_path(road_map, junctions, [edge, out], start_m=0.0, end_m=length, at_kerb=False)
    except ValueError:  # too short to be driven
        return np.empty((0, 2))
    way = path.lane[:, :2]
    lanes = np.concatenate([lane_of(road_map, edge), lane_of(road_map, out)])
    return way[gaps(way, lanes) > OUT_OF_LANE_M]


def _is_sharp(road_map: RoadMap, edge: int, out: int) -> bool:
    a, b = road_map.geometry(edge), road_map.geometry(out)
    u, v = a[-1] - a[-2], b[1] - b[0]
    return abs(float(np.arctan2(u[0] * v[1] - u[1] * v[0], u @ v))) > SHARP_RAD


def lane_of(road_map: RoadMap, edge: int) -> F8:
    offset = float(road_map.lane_offset_m[edge]) * road_map.side
    return even(offset_line(road_map.geometry(edge), offset), 1.0)


def gaps(points: F8, others: F8) -> F8:
    """f8[k]: from each point to the nearest of the others."""
    gap: F8 = np.hypot(points[:, None, 0] - others[None, :, 0], points[:, None, 1] - others[None, :, 1]).min(axis=1)
    return gap
