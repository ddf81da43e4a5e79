"""Points onto roads."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from geofence.roads.domain.graph import RoadGraph
from geofence.roads.domain.router import Snapped
from geofence.roads.domain.snapping import Snapper

ROAD = {"highway": "residential"}
GraphOf = Callable[..., RoadGraph]


def snapped(snapper: Snapper, lon: float, lat: float, **options: Any) -> Snapped:
    """The place on a road that must be there."""
    found = snapper.snap(lon, lat, **({"max_distance_m": 50} | options))
    assert found is not None
    return found


@pytest.fixture
def street(graph_of: GraphOf) -> RoadGraph:
    """A two-way street of 71.7 m from west to east, drawn that way, and a one-way street 111 m north of it."""
    nodes = {1: (0, 0), 2: (1, 0), 3: (0, 1), 4: (1, 1)}
    return graph_of(nodes, {11: ([1, 2], ROAD), 12: ([3, 4], ROAD | {"oneway": "yes"})})


def test_the_side_of_the_point_picks_the_direction(street: RoadGraph) -> None:
    snapper = Snapper(street)
    south = snapped(snapper, 10.0005, 49.9999)
    north = snapped(snapper, 10.0005, 50.0001)
    assert street.edge_from[south.position.edge] == street.edge_to[north.position.edge]
    heading = np.diff(street.edge_xy(south.position.edge), axis=0)[0]
    assert heading[0] > 0  # keeping right, the south kerb is passed going east
    assert south.position.offset_m == pytest.approx(35.86, abs=0.05)
    assert south.distance_m == pytest.approx(11.12, abs=0.05)
    assert (south.lon, south.lat) == pytest.approx((10.0005, 50.0), abs=1e-6)


def test_left_hand_traffic_is_the_other_way_round(street: RoadGraph) -> None:
    right = snapped(Snapper(street), 10.0005, 49.9999)
    left = snapped(Snapper(street, right_hand=False), 10.0005, 49.9999)
    assert left.position.edge == street.edge_reverse[right.position.edge]


def test_a_heading_picks_the_direction(street: RoadGraph) -> None:
    snapper = Snapper(street)
    for heading, east in ((90, True), (85, True), (270, False), (181, False)):
        found = snapped(snapper, 10.0005, 49.9999, heading_deg=heading)
        assert (np.diff(street.edge_xy(found.position.edge), axis=0)[0, 0] > 0) is np.bool_(east)


def test_out_of_reach_is_none(street: RoadGraph) -> None:
    snapper = Snapper(street)
    assert snapper.snap(10.0005, 49.99, max_distance_m=150) is None
    assert snapper.snap(float("nan"), 50.0, max_distance_m=150) is None
    assert snapper.snap(float("inf"), 50.0, max_distance_m=150) is None


def test_a_mask_moves_the_point_to_an_allowed_road(street: RoadGraph) -> None:
    snapper = Snapper(street)
    oneway = int(np.flatnonzero(street.edge_reverse < 0)[0])
    allowed = np.arange(street.edge_count) == oneway
    assert snapped(snapper, 10.0005, 50.0001, max_distance_m=150, allowed=allowed).position.edge == oneway
    assert snapper.snap(10.0005, 50.0001, max_distance_m=50, allowed=allowed) is None
    only_west = np.zeros(street.edge_count, dtype=bool)
    only_west[snapped(snapper, 10.0005, 50.0001).position.edge] = True
    assert only_west[snapped(snapper, 10.0005, 49.9999, allowed=only_west).position.edge]


def test_many_at_once_equal_one_at_a_time(demo_graph: RoadGraph) -> None:
    rng = np.random.default_rng(4)
    west, south, east, north = demo_graph.bbox
    lon, lat = rng.uniform(west - 0.005, east + 0.005, 200), rng.uniform(south - 0.005, north + 0.005, 200)
    lon[7] = np.nan
    snapper = Snapper(demo_graph)
    allowed = rng.random(demo_graph.edge_count) < 0.6
    for mask in (None, allowed):
        many = snapper.snap_many(lon, lat, max_distance_m=120, allowed=mask)
        assert 0 < (many.edge < 0).sum() < 200
        for k in range(0, 200, 7):
            one = snapper.snap(lon[k], lat[k], max_distance_m=120, allowed=mask)
            assert (one is None) == (many.edge[k] < 0) == np.isnan(many.offset_m[k])
            if one is not None:
                assert (one.position.edge, one.position.offset_m) == (many.edge[k], many.offset_m[k])
                assert mask is None or mask[one.position.edge]


def test_the_nearest_is_the_nearest(demo_graph: RoadGraph) -> None:
    import shapely

    rng = np.random.default_rng(9)
    lines = [shapely.LineString(demo_graph.edge_xy(edge)) for edge in range(demo_graph.edge_count)]
    x, y = rng.uniform(-500, 500, (2, 30))
    lon, lat = demo_graph.projection.inverse(x, y)
    many = Snapper(demo_graph).snap_many(lon, lat, max_distance_m=10_000)
    for k in range(30):
        exact = shapely.distance(shapely.Point(x[k], y[k]), lines).min()
        assert many.distance_m[k] == pytest.approx(exact, abs=1e-3)


def test_no_points_and_no_hits(demo_graph: RoadGraph) -> None:
    snapper = Snapper(demo_graph)
    assert len(snapper.snap_many([], [], max_distance_m=10).edge) == 0
    assert (snapper.snap_many([0.0], [0.0], max_distance_m=10).edge == -1).all()
