"""Where the road itself allows stopping, on streets drawn for the purpose."""

from typing import Any

import numpy as np
import pytest

from geofence.roads.domain.graph import DTYPES, EdgeFlag, RoadClass, RoadGraph
from geofence.roads.domain.projection import LocalProjection
from geofence.stops.domain.places import stopping_places
from geofence.stops.domain.walking import WalkingMap

PROJECTION = LocalProjection(7.0, 43.0)


def streets(nodes: list[tuple[float, float]], edges: list[tuple[int, int]], **columns: Any) -> RoadGraph:
    """A graph of straight streets; an edge listed in both directions is a two-way street."""
    xy = np.array(nodes, dtype=np.float64)
    lon, lat = PROJECTION.inverse(xy[:, 0], xy[:, 1])
    ends = np.array(edges)
    count, twin = len(edges), {pair: k for k, pair in enumerate(edges)}
    geom_xy = xy[ends.ravel()]
    values: dict[str, Any] = {name: np.zeros(0) for name in DTYPES}
    values |= {
        "node_lon": lon,
        "node_lat": lat,
        "node_x": xy[:, 0],
        "node_y": xy[:, 1],
        "node_osm_id": np.arange(len(nodes)),
        "node_signal": np.zeros(len(nodes), bool),
        "node_crossing": np.zeros(len(nodes), bool),
        "edge_from": ends[:, 0],
        "edge_to": ends[:, 1],
        "edge_length_m": np.hypot(*(xy[ends[:, 1]] - xy[ends[:, 0]]).T),
        "edge_speed_mps": np.full(count, 10.0),
        "edge_class": np.full(count, RoadClass.RESIDENTIAL),
        "edge_lanes": np.ones(count),
        "edge_way_id": np.arange(count),
        "edge_reverse": [twin.get((b, a), -1) for a, b in edges],
        "edge_flags": np.zeros(count),
        "edge_name_id": np.zeros(count),
        "geom_offset": np.arange(count + 1) * 2,
        "geom_xy": geom_xy,
        "geom_lonlat": np.column_stack(PROJECTION.inverse(geom_xy[:, 0], geom_xy[:, 1])),
        "turn_forbidden": np.zeros((0, 2)),
    }
    return RoadGraph(projection=PROJECTION, edge_name=("Rue Haute",), **(values | columns))


LONG = [(0.0, 0.0), (300.0, 0.0)]
BOTH = [(0, 1), (1, 0)]


def test_each_direction_of_a_street_has_places_at_its_own_kerb() -> None:
    places = stopping_places(streets(LONG, BOTH), side="right")
    x, y = PROJECTION.forward(places.lon, places.lat)
    east = places.edge == 0
    assert east.sum() == (~east).sum() >= 4
    assert y[east] == pytest.approx(-3.5, abs=1e-6)  # driving east, the right kerb is in the south
    assert y[~east] == pytest.approx(3.5, abs=1e-6)
    assert x[east] == pytest.approx(places.offset_m[east], abs=1e-6)
    assert x[~east] == pytest.approx(300 - places.offset_m[~east], abs=1e-6)
    for mine in (east, ~east):
        assert np.diff(np.sort(places.offset_m[mine])).min() >= 60
    assert places.offset_m.min() >= 10
    assert places.offset_m.max() <= 290


def test_where_traffic_keeps_left_the_kerb_is_on_the_left() -> None:
    places = stopping_places(streets(LONG, BOTH), side="left")
    _, y = PROJECTION.forward(places.lon, places.lat)
    assert y[places.edge == 0] == pytest.approx(3.5, abs=1e-6)


def test_the_line_of_a_one_way_street_is_the_middle_of_its_lanes() -> None:
    places = stopping_places(streets(LONG, [(0, 1)], edge_lanes=np.array([2])), side="right")
    _, y = PROJECTION.forward(places.lon, places.lat)
    assert y == pytest.approx(-3.5, abs=1e-6)


@pytest.mark.parametrize("kind", [RoadClass.MOTORWAY, RoadClass.TRUNK])
def test_nobody_boards_on_fast_roads(kind: RoadClass) -> None:
    assert len(stopping_places(streets(LONG, BOTH, edge_class=np.array([kind, kind])), side="right").edge) == 0


@pytest.mark.parametrize("flag", list(EdgeFlag))
def test_nobody_boards_on_bridges_in_tunnels_on_roundabouts_and_links(flag: EdgeFlag) -> None:
    places = stopping_places(streets(LONG, BOTH, edge_flags=np.array([flag, 0])), side="right")
    assert set(places.edge.tolist()) == {1}


def test_signals_and_crossings_are_kept_clear_on_every_street_around() -> None:
    nodes = [(0.0, 0.0), (100.0, 0.0), (200.0, 0.0), (100.0, 12.0), (200.0, 12.0)]
    edges = [(0, 1), (1, 2), (1, 0), (2, 1), (3, 4)]
    guarded = {"node_signal": np.array([0, 1, 0, 0, 0], bool), "crossing_edge": [0], "crossing_offset_m": [50.0]}
    graph = streets(nodes, edges, **guarded)
    places = stopping_places(graph, side="right")
    assert len(places.edge) > 4
    x = np.where(np.isin(places.edge, [0, 1]), places.offset_m + np.where(places.edge == 1, 100, 0), 0)
    x = np.where(places.edge == 2, 100 - places.offset_m, x)
    x = np.where(places.edge == 3, 200 - places.offset_m, x)
    x = np.where(places.edge == 4, 100 + places.offset_m, x)
    y = np.where(places.edge == 4, 12.0, 0.0)
    for gx in (50.0, 100.0):
        assert np.hypot(x - gx, y).min() >= 15.0


def test_streets_shorter_than_two_clearances_have_none_and_short_ones_have_one_in_the_middle() -> None:
    assert len(stopping_places(streets([(0.0, 0.0), (19.0, 0.0)], BOTH), side="right").edge) == 0
    places = stopping_places(streets([(0.0, 0.0), (50.0, 0.0)], BOTH), side="right")
    assert places.edge.tolist() == [0, 1]
    assert places.offset_m == pytest.approx([25, 25], abs=3.01)


def test_a_place_near_the_end_of_a_bent_street_lies_on_its_last_piece() -> None:
    graph = streets([(0.0, 0.0), (100.0, 100.0)], [(0, 1)])
    bent = np.array([[0.0, 0.0], [100.0, 0.0], [100.0, 100.0]])
    bent_graph = streets(
        [(0.0, 0.0), (100.0, 100.0)],
        [(0, 1)],
        geom_xy=bent,
        geom_lonlat=np.column_stack(PROJECTION.inverse(bent[:, 0], bent[:, 1])),
        geom_offset=np.array([0, 3]),
        edge_length_m=np.array([200.0]),
    )
    places = stopping_places(bent_graph, side="right")
    x, y = PROJECTION.forward(places.lon, places.lat)
    late = places.offset_m > 110
    assert late.any()
    assert x[late] == pytest.approx(102.0, abs=1e-6)  # one lane of one way: half of it and the gap to the kerb
    assert y[late] == pytest.approx(places.offset_m[late] - 100, abs=1e-6)
    assert len(stopping_places(graph, side="right").edge) >= 1


def test_walking_ignores_one_ways_and_goes_along_the_streets() -> None:
    # A block of 200 m by 100 m; the person stands beside its north-west corner.
    nodes = [(0.0, 0.0), (200.0, 0.0), (200.0, -100.0), (0.0, -100.0)]
    graph = streets(nodes, [(1, 0), (2, 1), (3, 2), (0, 3)])
    places = stopping_places(graph, side="right")
    lon, lat = (float(v) for v in PROJECTION.inverse(0.0, 5.0))
    index, metres = WalkingMap(graph, places).distances(lon, lat, 1000.0)
    assert len(index) == len(places.edge)
    assert (np.diff(metres) >= 0).all()
    walked = dict(zip(index.tolist(), metres.tolist(), strict=True))
    for k, (edge, offset) in enumerate(zip(places.edge, places.offset_m, strict=True)):
        length = graph.edge_length_m[edge]
        corner = {0: 0.0, 1: 200.0, 2: 300.0, 3: 100.0}  # along the block to each junction
        a, b = int(graph.edge_from[edge]), int(graph.edge_to[edge])
        expected = 5.0 + 2.0 + min(corner[a] + offset, corner[b] + length - offset)
        assert walked[k] == pytest.approx(expected, abs=0.01)


def test_nothing_is_near_beyond_the_limit_or_for_no_position() -> None:
    graph = streets(LONG, BOTH)
    walking = WalkingMap(graph, stopping_places(graph, side="right"))
    lon, lat = (float(v) for v in PROJECTION.inverse(150.0, 400.0))
    assert len(walking.distances(lon, lat, 300.0)[0]) == 0
    assert len(walking.distances(lon, lat, 500.0)[0]) > 0
    assert len(walking.distances(float("nan"), lat, 500.0)[0]) == 0


def test_motorways_are_not_walked() -> None:
    nodes = [(0.0, 0.0), (100.0, 0.0), (400.0, 0.0), (500.0, 0.0)]
    edges = [(0, 1), (1, 0), (1, 2), (2, 1), (2, 3), (3, 2)]
    kinds = np.array([RoadClass.RESIDENTIAL] * 2 + [RoadClass.MOTORWAY] * 2 + [RoadClass.RESIDENTIAL] * 2)
    graph = streets(nodes, edges, edge_class=kinds)
    walking = WalkingMap(graph, stopping_places(graph, side="right"))
    lon, lat = (float(v) for v in PROJECTION.inverse(50.0, 0.0))
    index, _ = walking.distances(lon, lat, 2000.0)
    assert set(walking.places.edge[index].tolist()) == {0, 1}
