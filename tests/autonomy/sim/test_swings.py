"""A turn too sharp for the lanes: who comes the other way waits further back."""

from typing import Any

import numpy as np
import pyproj
import pytest

from autonomy.sim.collisions import collisions
from autonomy.sim.junctions import Junctions, find_junctions
from autonomy.sim.roads import RoadMap
from autonomy.sim.swings import APART_M, gaps, lane_of, make_room, swing_of
from autonomy.sim.world import World
from autonomy.world import RoadPosition


def fork(angle_deg: float) -> RoadMap:
    """Three two-way streets of 120 m from one place: west (edges 0 in, 1 out), east (2, 3), and one that leaves at
    `angle_deg` from the western one (4, 5), so that turning from the one to the other is sharp."""
    turned = np.radians(180.0 - angle_deg)
    far = np.array([[-120.0, 0.0], [120.0, 0.0], [120.0 * np.cos(turned), 120.0 * np.sin(turned)]])
    nodes = np.concatenate([[[0.0, 0.0]], far])
    lon, lat = pyproj.Proj(proj="tmerc", lon_0=7.0, lat_0=43.0, k=1.0, ellps="WGS84", units="m")(
        nodes[:, 0], nodes[:, 1], inverse=True
    )
    pairs = [pair for k in (1, 2, 3) for pair in ((k, 0), (0, k))]
    start, end = np.array(pairs, dtype=np.int32).T
    arrays: dict[str, Any] = {
        "lon0": 7.0,
        "lat0": 43.0,
        "digest": f"fork {angle_deg}",
        "node_lon": np.asarray(lon),
        "node_lat": np.asarray(lat),
        "node_x": nodes[:, 0],
        "node_y": nodes[:, 1],
        "node_osm_id": np.arange(4, dtype=np.int64),
        "node_signal": np.zeros(4, dtype=bool),
        "edge_from": start,
        "edge_to": end,
        "edge_length_m": np.full(6, 120.0),
        "edge_speed_mps": np.full(6, 8.3),
        "edge_class": np.full(6, 6, dtype=np.uint8),
        "edge_lanes": np.ones(6, dtype=np.uint8),
        "edge_reverse": (np.arange(6) ^ 1).astype(np.int32),
        "edge_flags": np.zeros(6, dtype=np.uint16),
        "geom_offset": (np.arange(7) * 2).astype(np.int32),
        "geom_xy": np.concatenate([nodes[[a, b]] for a, b in pairs]),
        "turn_forbidden": np.zeros((0, 2), dtype=np.int32),
    }
    return RoadMap.from_arrays(arrays)


@pytest.mark.parametrize(("angle_deg", "moved"), [(45.0, True), (90.0, False)])
def test_stop_lines_move_back_where_a_turn_sweeps_over_the_other_lane_and_nowhere_else(
    angle_deg: float, moved: bool
) -> None:
    road_map = fork(angle_deg)
    junctions = find_junctions(road_map)
    before = junctions.box_in_m.copy()
    make_room(road_map, junctions)
    assert (junctions.box_in_m >= before).all()
    assert bool((junctions.box_in_m > before + 1.0).any()) is moved


def sweeps_before_the_line(road_map: RoadMap, junctions: Junctions, turn: tuple[int, int], approach: int) -> bool:
    """Does a car on its way through the turn come too near to one that waits at the approach's stop line?"""
    behind_m = int(junctions.box_in_m[approach]) + 1
    waiting = lane_of(road_map, approach)[::-1][behind_m:]
    return bool((gaps(waiting, swing_of(road_map, junctions, *turn)) < APART_M).any())


@pytest.mark.parametrize("angle_deg", [30.0, 40.0, 70.0])
def test_nobody_sweeps_over_the_lane_before_a_stop_line(angle_deg: float) -> None:
    """Found in Monaco: a car that turned sharply met one that came the other way, ten metres before its line."""
    road_map = fork(angle_deg)
    junctions = find_junctions(road_map)
    pairs = [((4, 1), 0), ((4, 1), 2), ((0, 5), 2), ((0, 5), 4)]
    assert any(sweeps_before_the_line(road_map, junctions, *pair) for pair in pairs)
    make_room(road_map, junctions)
    assert not any(sweeps_before_the_line(road_map, junctions, *pair) for pair in pairs)


def test_a_sharp_turn_and_a_car_that_comes_the_other_way_both_arrive(drive: Any) -> None:
    world = World(fork(45.0), seed=1)
    world.add_car("turns", "x9_ultra", RoadPosition(4, 40.0), at_kerb=False)
    world.add_car("comes", "g7", RoadPosition(0, 40.0), at_kerb=False)
    touched: set[tuple[str, str]] = set()
    world.set_mission_path("turns", [4, 1], 40.0, 90.0)
    world.set_mission_path("comes", [0, 3], 40.0, 90.0)
    drive(world, 50, lambda: touched.update(collisions(world)))
    assert touched == set()
    assert world.state("turns").at_path_end
    assert world.state("comes").at_path_end
