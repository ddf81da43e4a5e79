"""Kerbs, marks, stop lines, crossings and signals of a chequerboard town with two signalised junctions a side."""

from dataclasses import replace

import numpy as np
import pytest

from autonomy.sim.junctions import find_junctions
from autonomy.sim.roads import LANE_WIDTH_M, RoadMap
from autonomy.sim.roadside import Roadside
from autonomy.sim.swings import make_room
from autonomy.sim.traffic import LINE_M


@pytest.fixture(scope="module")
def side(town: RoadMap) -> Roadside:
    junctions = find_junctions(town)
    make_room(town, junctions)
    return Roadside(town, junctions)


def test_kerbs_leave_room_to_stand_beside_the_lane(side: Roadside) -> None:
    """One lane a direction: 1.625 m to the lane's middle and 3.9 m on to the kerb."""
    small = int(np.flatnonzero(side.road_map.edge_lanes == 1)[0])
    assert side.right_m[small] == pytest.approx(1.625 + 3.9)
    assert side.left_m[small] == side.right_m[side.road_map.edge_reverse[small]]
    wide = int(np.flatnonzero(side.road_map.edge_lanes == 2)[0])
    assert side.right_m[wide] == pytest.approx(1.5 * LANE_WIDTH_M + 3.9)


def test_the_stop_line_is_where_cars_stop(side: Roadside) -> None:
    edge = side.stop_lines[0][0]
    line = side.stop_lines[0][1]
    box = float(side.junctions.box_in_m[edge])
    assert side.line_m[edge] == pytest.approx(float(side.road_map.edge_length_m[edge]) - box - LINE_M)
    x, y, heading = side.place(edge, float(side.line_m[edge]))
    across = (line - (x, y)) @ np.array([np.sin(heading), -np.cos(heading)])
    assert across[0] == pytest.approx(0.15)
    assert across[1] == pytest.approx(float(side.road_map.lane_offset_m[edge]) + LANE_WIDTH_M / 2)


def test_crossings_reach_from_kerb_to_kerb_behind_the_stop_line(side: Roadside) -> None:
    at_signals = [crossing for crossing in side.crossings if crossing.junction >= 0]
    arms = sum(len(side.junctions.approaches[j]) for j in np.flatnonzero(side.junctions.signal))
    assert len(at_signals) == arms > 0
    for crossing in side.crossings:
        length = float(np.hypot(*(crossing.ends[1] - crossing.ends[0])))
        assert length == pytest.approx(crossing.right_m + crossing.left_m)
        assert crossing.along_m > side.line_m[crossing.edge] or crossing.junction < 0
        assert (side.off_road_m(crossing.ends[:, 0], crossing.ends[:, 1]) < 0.3).all()


def test_crossings_of_the_map_come_before_drawn_ones(town: RoadMap) -> None:
    long = int(np.flatnonzero(town.edge_length_m > 100)[0])
    named = replace(town, crossing_edge=np.array([long], dtype=np.int32), crossing_offset_m=np.array([55.0]))
    side = Roadside(named, find_junctions(named))
    middle = [crossing for crossing in side.crossings if crossing.junction < 0]
    assert [(crossing.edge, crossing.along_m) for crossing in middle] == [(long, 55.0)]


def test_every_signalised_approach_has_a_near_and_a_far_head_that_face_it(side: Roadside) -> None:
    places = side.signal_places
    approaches = [e for j in np.flatnonzero(side.junctions.signal) for e in side.junctions.approaches[j]]
    assert sorted(places.approach.tolist()) == sorted(2 * approaches)
    for pose, edge in zip(places.pose, places.approach.tolist(), strict=True):
        x, y, heading = side.place(edge, float(side.line_m[edge]) - 3.0)
        to_car = np.arctan2(y - pose[1], x - pose[0])
        assert np.cos(to_car - pose[3]) > 0.3
        assert np.cos(pose[3] - heading) == pytest.approx(-1.0)


def test_pavements_are_off_the_road_and_lanes_are_on_it(side: Roadside) -> None:
    for edge in range(side.road_map.edge_count):
        walk = side.pavement(edge)
        if len(walk) > 2:
            middle = walk[2:-2]  # where roads bend sharply the ends lie on the next road
            assert (side.off_road_m(middle[:, 0], middle[:, 1]) > 0.8).all()
        x, y, _ = side.place(
            edge, float(side.road_map.edge_length_m[edge]) / 2, float(side.road_map.lane_offset_m[edge])
        )
        assert side.off_road_m(np.array([x]), np.array([y]))[0] == 0.0
    assert side.off_road_m(np.array([40.0]), np.array([45.0]))[0] > 5.0


def test_lines_are_solid_between_wide_directions_and_dashed_elsewhere(side: Roadside) -> None:
    assert {(mark.width_m, mark.dash_m) for mark in side.marks} == {(0.25, 0.0), (0.15, 3.0), (0.12, 1.0)}
    wide = np.flatnonzero((side.road_map.edge_lanes == 2) & (side.road_map.edge_reverse > 0))
    assert sum(mark.width_m == 0.25 for mark in side.marks) == len(wide) / 2
