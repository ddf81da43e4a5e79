"""Standing at the kerb: out of everybody's way in a bend, and not waiting for cars on another level."""

from typing import Any

import numpy as np
import pyproj
import pytest

from autonomy.sim.collisions import collisions
from autonomy.sim.kerb import LEAST_ROOM_M, choose_place, room_beside_m
from autonomy.sim.path import build_path
from autonomy.sim.platforms import PLATFORMS, platform
from autonomy.sim.roads import FLAG_TUNNEL, KERB_SHIFT_M, RoadMap
from autonomy.sim.world import World
from autonomy.world import RoadPosition

STREET = UPPER = 0
LOWER = 2


def roads(*lines: Any, flags: tuple[int, ...] = (), name: str = "roads", drive_on_right: bool = True) -> RoadMap:
    """Two-way streets with ends of their own along the given lines (metres): edges 0 and 1 the first, 2 and 3 the
    second, there and back."""
    points = [np.array(line, dtype=float) for line in lines]
    there_and_back = [way for line in points for way in (line, line[::-1])]
    nodes = np.concatenate([[line[0], line[-1]] for line in points])
    lon, lat = pyproj.Proj(proj="tmerc", lon_0=7.0, lat_0=43.0, k=1.0, ellps="WGS84", units="m")(
        nodes[:, 0], nodes[:, 1], inverse=True
    )
    count = len(there_and_back)
    start = np.arange(count) // 2 * 2 + np.arange(count) % 2
    arrays = {
        "lon0": 7.0,
        "lat0": 43.0,
        "digest": name,
        "drive_on_right": drive_on_right,
        "node_lon": np.asarray(lon),
        "node_lat": np.asarray(lat),
        "node_x": nodes[:, 0],
        "node_y": nodes[:, 1],
        "node_osm_id": np.arange(len(nodes), dtype=np.int64),
        "node_signal": np.zeros(len(nodes), dtype=bool),
        "edge_from": start.astype(np.int32),
        "edge_to": (start ^ 1).astype(np.int32),
        "edge_length_m": np.array([np.hypot(*np.diff(way, axis=0).T).sum() for way in there_and_back]),
        "edge_speed_mps": np.full(count, 8.3),
        "edge_class": np.full(count, 6, dtype=np.uint8),
        "edge_lanes": np.ones(count, dtype=np.uint8),
        "edge_reverse": (np.arange(count) ^ 1).astype(np.int32),
        "edge_flags": np.repeat(np.array(flags or [0] * len(lines), dtype=np.uint16), 2),
        "geom_offset": np.concatenate([[0], np.cumsum([len(way) for way in there_and_back])]).astype(np.int32),
        "geom_xy": np.concatenate(there_and_back),
        "turn_forbidden": np.zeros((0, 2), dtype=np.int32),
    }
    return RoadMap.from_arrays(arrays)


def hairpin(right: bool) -> list[tuple[float, float]]:
    """100 m straight, a bend of 70 degrees within 10 m, 100 m straight."""
    turn = np.radians(-70.0 if right else 70.0)
    after = (107.0 + 100.0 * np.cos(turn), 7.0 * np.sin(turn) + 100.0 * np.sin(turn))
    return [(0.0, 0.0), (100.0, 0.0), (107.0, 7.0 * np.sin(turn)), after]


@pytest.mark.parametrize("drive_on_right", [True, False])
def test_beside_a_straight_street_the_lane_is_free(drive_on_right: bool) -> None:
    world = World(roads([(0, 0), (200, 0)], name="straight", drive_on_right=drive_on_right))
    path = build_path(world.road_map, world.junctions, [STREET], start_m=0.0, end_m=150.0, at_kerb=True)
    for kind in PLATFORMS.values():
        room = room_beside_m(path, 100.0, kind, world.road_map.side)
        assert room == pytest.approx(KERB_SHIFT_M - kind.width_m / 2, abs=0.02)
        assert room > LEAST_ROOM_M


@pytest.mark.parametrize("right", [True, False])
def test_no_car_chooses_a_kerb_place_from_which_it_reaches_into_the_lane(right: bool) -> None:
    world = World(roads(hairpin(right), name=f"bend {right}", drive_on_right=right))
    side, kind = world.road_map.side, platform("id_buzz")
    path = build_path(world.road_map, world.junctions, [STREET], start_m=0.0, end_m=110.0, at_kerb=True)
    bend = [float(s) for s in range(90, 120)]
    worst = min(bend, key=lambda s: room_beside_m(path, s, kind, side))
    assert room_beside_m(path, worst, kind, side) < 1.2
    candidates = [worst, 60.0]
    assert choose_place(world.road_map, path, candidates, first_m=10.0, platform=kind, taken=[]) == 60.0
    assert choose_place(world.road_map, path, [worst], first_m=10.0, platform=kind, taken=[]) is None


@pytest.mark.parametrize("place_m", [96.0, 98.0])
def test_a_car_ordered_to_a_bend_stands_where_another_can_pass(drive: Any, place_m: float) -> None:
    """At 96 m the other once scraped along it, at 98 m it waited behind it for ever."""
    world = World(roads(hairpin(right=True), name="bend"), seed=1)
    world.add_car("stands", "id_buzz", RoadPosition(STREET, 50.0))
    world.set_mission_path("stands", [STREET], 50.0, place_m)
    drive(world, 25)
    stands = world.state("stands")
    assert (stands.at_path_end, stands.at_kerb, stands.speed_mps) == (True, True, 0.0)
    world.add_car("passes", "x9_ultra", RoadPosition(STREET, 50.0))
    world.set_mission_path("passes", [STREET], 50.0, 150.0)
    touched: set[tuple[str, str]] = set()
    drive(world, 35, lambda: touched.update(collisions(world)))
    assert world.state("passes").at_path_end
    assert touched == set()


@pytest.mark.parametrize(("edge", "free"), [(LOWER, True), (UPPER, False)])
def test_who_pulls_out_waits_for_its_own_street_and_not_for_the_tunnel_beneath(
    drive: Any, edge: int, free: bool
) -> None:
    line = [(0, 0), (300, 0)]
    world = World(roads(line, line, flags=(0, FLAG_TUNNEL), name="levels"), seed=1)
    world.add_car("waits", "p7", RoadPosition(UPPER, 60.0))
    world.add_car("comes", "p7", RoadPosition(edge, 30.0), at_kerb=False)
    comes, waits = world.cars["comes"].index, world.cars["waits"].index
    world.set_mission_path("comes", [edge], 30.0, 250.0)
    world.set_mission_path("waits", [UPPER], 60.0, 200.0)
    world.fleet.motion.speed[comes] = 8.0
    assert world.observe(["waits"])[0].may_leave_kerb is free
    assert world.fleet.motion.speed[waits] == 0.0


def test_who_pulls_out_sees_a_car_that_is_still_two_streets_back(town: RoadMap) -> None:
    world = World(town, seed=1)
    levels = world.levels
    first, second, third = 0, 2, 4
    assert town.edge_to[first] == town.edge_from[second]
    assert levels.comes_by(first, second)
    assert levels.comes_by(second, second)
    assert not levels.comes_by(first, third)  # the whole of the second street, 120 m, lies between
    assert not levels.comes_by(third, first)
