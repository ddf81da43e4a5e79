"""The hierarchy and Dijkstra's algorithm give the same answer, to the millisecond."""

import gc
import sys
import threading
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from geofence.roads.domain.graph import F8, Bool, RoadGraph
from geofence.roads.domain.projection import LocalProjection
from geofence.roads.domain.router import RoadPosition, Route, Router, TurnKind
from geofence.roads.domain.routers.cch import CchRouter
from geofence.roads.domain.routers.dijkstra import DijkstraRouter
from geofence.roads.domain.turns import turn_table

Case = tuple[RoadGraph, list[RoadPosition], Bool | None, F8 | None]
PLANE = LocalProjection(10.0, 50.0)


def make_graph(
    nodes: Sequence[tuple[float, float]],
    roads: Sequence[tuple[int, int, bool, float, Any]],
    forbidden: Sequence[tuple[int, int]],
    signals: set[int],
) -> RoadGraph:
    """`nodes` [(x, y)], `roads` [(a, b, two_way, speed, extra point or None)], `forbidden` pairs of edge numbers."""
    edges: list[tuple[int, int, float, list[tuple[float, float]]]] = []
    twins: list[int] = []
    for a, b, two_way, speed, via in roads:
        line = [nodes[a], *([via] if via else []), nodes[b]]
        twins.append(len(edges) + 1 if two_way else -1)
        edges.append((a, b, speed, line))
        if two_way:
            twins.append(len(edges) - 1)
            edges.append((b, a, speed, line[::-1]))
    xy = np.array([point for *_, line in edges for point in line], dtype=float)
    sizes = [len(line) for *_, line in edges]
    lengths = [float(np.hypot(*np.diff(np.array(line, dtype=float), axis=0).T).sum()) for *_, line in edges]
    x, y = np.array(nodes, dtype=float).T
    lon, lat = PLANE.inverse(x, y)
    count = len(edges)
    pairs = sorted({(a % count, b % count) for a, b in forbidden})
    return RoadGraph(
        projection=PLANE,
        node_lon=lon,
        node_lat=lat,
        node_x=x,
        node_y=y,
        node_osm_id=np.arange(len(nodes)),
        node_signal=np.array([index in signals for index in range(len(nodes))]),
        node_crossing=np.zeros(len(nodes), dtype=bool),
        edge_from=np.array([edge[0] for edge in edges]),
        edge_to=np.array([edge[1] for edge in edges]),
        edge_length_m=np.array(lengths),
        edge_speed_mps=np.array([edge[2] for edge in edges]),
        edge_class=np.full(count, 6),
        edge_lanes=np.ones(count, dtype=np.uint8),
        edge_way_id=np.arange(count),
        edge_reverse=np.array(twins),
        edge_flags=np.zeros(count, dtype=np.uint16),
        edge_name=("",),
        edge_name_id=np.zeros(count, dtype=np.int32),
        geom_offset=np.concatenate([[0], np.cumsum(sizes)]),
        geom_xy=xy,
        geom_lonlat=np.column_stack(PLANE.inverse(xy[:, 0], xy[:, 1])),
        turn_forbidden=np.array(pairs, dtype=np.int32).reshape(-1, 2),
        crossing_edge=np.zeros(0, dtype=np.int32),
        crossing_offset_m=np.zeros(0),
    )


@st.composite
def graphs(draw: Any) -> RoadGraph:
    size = draw(st.integers(2, 9))
    point = st.tuples(st.integers(-400, 400), st.integers(-400, 400))
    nodes = draw(st.lists(point, min_size=size, max_size=size, unique=True))
    ends = st.tuples(st.integers(0, size - 1), st.integers(0, size - 1))
    road = st.tuples(ends, st.booleans(), st.floats(0.5, 40), st.one_of(st.none(), point))
    drawn = draw(st.lists(road, min_size=1, max_size=18))
    roads = [(a, b, two_way, speed, via) for (a, b), two_way, speed, via in drawn if a != b or via is not None]
    if not roads:
        roads = [(0, 1, True, 10.0, None)]
    forbidden = draw(st.lists(st.tuples(st.integers(0, 99), st.integers(0, 99)), max_size=6))
    signals = draw(st.sets(st.integers(0, size - 1)))
    return make_graph(nodes, roads, forbidden, signals)


@st.composite
def cases(draw: Any) -> Case:
    graph = draw(graphs())
    count = graph.edge_count
    share = st.floats(0, 1)
    place = st.tuples(st.integers(0, count - 1), share)
    positions = [
        RoadPosition(edge, part * float(graph.edge_length_m[edge]))
        for edge, part in draw(st.lists(place, min_size=1, max_size=6))
    ]
    allowed = draw(st.one_of(st.none(), st.lists(st.booleans(), min_size=count, max_size=count)))
    speeds = draw(st.one_of(st.none(), st.lists(st.floats(0.5, 40), min_size=count, max_size=count)))
    return (
        graph,
        positions,
        None if allowed is None else np.array(allowed),
        None if speeds is None else np.array(speeds),
    )


@settings(max_examples=300, deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(cases())
def test_random_networks_and_masks(case: Any) -> None:
    graph, positions, allowed, speeds = case
    fast = CchRouter.build(graph).customised(speeds, allowed)
    slow = DijkstraRouter.build(graph).customised(speeds, allowed)
    times = fast.travel_times(positions, positions)
    assert (times == slow.travel_times(positions, positions)).all()
    assert (times[:2] == fast.travel_times(positions[:2], positions)).all()
    for row, origin in enumerate(positions):
        for column, destination in enumerate(positions):
            routes = [router.route(origin, destination) for router in (fast, slow)]
            for route in routes:
                assert (route is None) == np.isinf(times[row, column])
                if route is not None:
                    assert route.duration_s == times[row, column]
                    check(graph, route, allowed)


def driven(router: Router, origin: RoadPosition, destination: RoadPosition) -> Route:
    """A route that must exist."""
    route = router.route(origin, destination)
    assert route is not None
    return route


def check(graph: RoadGraph, route: Route, allowed: Bool | None) -> None:
    """The route is drivable, its line is whole and its clock never runs back."""
    table = turn_table(graph)
    permitted = table.open(allowed)
    pairs = set(zip(table.from_edge[permitted].tolist(), table.to_edge[permitted].tolist(), strict=True))
    assert all(pair in pairs for pair in zip(route.edges, route.edges[1:], strict=False))
    assert allowed is None or allowed[list(route.edges)].all()
    assert len(route.lonlat) == len(route.time_s) >= 2
    assert (np.diff(route.time_s) >= 0).all()
    assert route.time_s[0] == 0
    assert route.time_s[-1] == route.duration_s
    # A place between two vertices is interpolated in degrees: a centimetre off in the middle of 750 m.
    xy = np.column_stack(graph.projection.forward(*route.lonlat.T))
    assert np.hypot(*np.diff(xy, axis=0).T).sum() == pytest.approx(route.distance_m, abs=0.05)


def test_the_demo_city_with_a_mask_and_slow_roads(demo_graph: RoadGraph) -> None:
    rng = np.random.default_rng(5)
    allowed = rng.random(demo_graph.edge_count) < 0.9
    speeds = demo_graph.edge_speed_mps * rng.uniform(0.2, 1.2, demo_graph.edge_count)
    fast = CchRouter.build(demo_graph).customised(speeds, allowed)
    slow = DijkstraRouter.build(demo_graph).customised(speeds, allowed)
    many = _positions(demo_graph, rng, 60)
    assert (fast.travel_times(many, many[:40]) == slow.travel_times(many, many[:40])).all()
    assert (fast.travel_times(many[:40], many) == slow.travel_times(many[:40], many)).all()


def test_one_router_serves_many_threads(demo_graph: RoadGraph) -> None:
    router = CchRouter.build(demo_graph)
    positions = _positions(demo_graph, np.random.default_rng(2), 40)
    expected = router.travel_times(positions, positions[::-1])
    found: list[bool] = []

    def drive() -> None:
        for _ in range(5):
            routes = [router.route(a, b) for a, b in zip(positions, positions[::-1], strict=True)]
            found.append([route.duration_s for route in routes if route] == expected.diagonal().tolist())

    threads = [threading.Thread(target=drive) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [True] * 20


def test_turning_round_happens_at_dead_ends_only() -> None:
    """A stub off a through road: the way back from the stub is its end, from the through road it is the far end."""
    nodes = [(0, 0), (100, 0), (200, 0), (100, 80)]
    graph = make_graph(nodes, [(0, 1, True, 10.0, None), (1, 2, True, 10.0, None), (1, 3, True, 10.0, None)], [], set())
    router = CchRouter.build(graph)
    back = driven(router, RoadPosition(0, 50.0), RoadPosition(1, 50.0))
    assert back.edges in ((0, 2, 3, 1), (0, 4, 5, 1))
    assert [turn.kind for turn in back.turns].count(TurnKind.U_TURN) == 1


def test_a_mask_that_leaves_nothing_else_allows_turning_round() -> None:
    nodes = [(0, 0), (100, 0), (200, 0)]
    graph = make_graph(nodes, [(0, 1, True, 10.0, None), (1, 2, True, 10.0, None)], [], set())
    allowed = np.array([True, True, False, False])
    route = driven(CchRouter.build(graph, allowed=allowed), RoadPosition(0, 50.0), RoadPosition(1, 50.0))
    assert route.edges == (0, 1)
    assert route.duration_s == 5.0 + 15.0 + 5.0


def test_a_destination_behind_costs_a_way_round() -> None:
    nodes = [(0, 0), (100, 0), (100, 100), (0, 100)]
    ring = [(0, 1, False, 10.0, None), (1, 2, False, 10.0, None), (2, 3, False, 10.0, None), (3, 0, False, 10.0, None)]
    graph = make_graph(nodes, ring, [], set())
    router = CchRouter.build(graph)
    ahead, behind = RoadPosition(0, 80.0), RoadPosition(0, 20.0)
    assert router.travel_times([behind], [ahead])[0, 0] == 6.0
    assert router.travel_times([ahead], [behind])[0, 0] == 34.0
    assert driven(router, ahead, behind).edges == (0, 1, 2, 3, 0)
    assert driven(router, ahead, ahead).duration_s == 0.0


def test_time_and_turns_of_a_known_drive() -> None:
    """100 m east at 10 m/s, a signal, a right turn, 100 m south at 20 m/s."""
    nodes = [(0, 0), (100, 0), (100, -100), (100, 100), (200, 0)]
    roads = [(0, 1, True, 10.0, None), (1, 2, True, 20.0, None), (1, 3, True, 10.0, None), (1, 4, True, 10.0, None)]
    graph = make_graph(nodes, roads, [], {1})
    route = driven(CchRouter.build(graph), RoadPosition(0, 0.0), RoadPosition(2, 100.0))
    assert route.duration_s == 10.0 + 7.5 + 2.0 + 5.0
    assert route.time_s.tolist() == [0.0, 10.0, 24.5]
    assert [(turn.kind, turn.at_m, round(turn.angle_deg)) for turn in route.turns] == [
        ("depart", 0.0, 0),
        ("right", 100.0, 90),
        ("arrive", 200.0, 0),
    ]


@pytest.mark.parametrize(
    "position", [RoadPosition(-1, 0.0), RoadPosition(10**6, 0.0), RoadPosition(0, -5.0), RoadPosition(0, float("nan"))]
)
@pytest.mark.parametrize("router", [CchRouter, DijkstraRouter])
def test_positions_off_the_network_are_refused(demo_graph: RoadGraph, router: Any, position: RoadPosition) -> None:
    made = router.build(demo_graph)
    with pytest.raises(ValueError, match="edge"):
        made.route(RoadPosition(0, 0.0), position)
    with pytest.raises(ValueError, match="edge"):
        made.travel_times([position], [RoadPosition(0, 0.0)])


@pytest.mark.parametrize("bad", [0.0, -1.0, float("nan"), float("inf"), 1e-9])
def test_impossible_speeds_are_refused(demo_graph: RoadGraph, bad: float) -> None:
    speeds = demo_graph.edge_speed_mps.copy()
    speeds[3] = bad
    with pytest.raises(ValueError, match="speed"):
        CchRouter.build(demo_graph).customised(speeds)
    with pytest.raises(ValueError, match="allowed"):
        CchRouter.build(demo_graph).customised(None, np.ones(3, dtype=bool))


def _positions(graph: RoadGraph, rng: np.random.Generator, count: int) -> list[RoadPosition]:
    chosen = rng.integers(0, graph.edge_count, count)
    return [RoadPosition(int(edge), float(rng.random() * graph.edge_length_m[edge])) for edge in chosen]


def test_a_router_may_be_dropped_by_another_thread_than_the_one_that_asked_it() -> None:
    """A network is renewed by whichever thread notices; the library's queries must not be dropped there."""
    graph = make_graph([(0, 0), (100, 0), (200, 0)], [(0, 1, True, 10.0, None), (1, 2, True, 10.0, None)], [], set())
    held = [CchRouter.build(graph)]
    asked, dropped = threading.Event(), threading.Event()

    def ask() -> None:
        held[0].route(RoadPosition(0, 0.0), RoadPosition(graph.edge_count - 1, 0.0))
        asked.set()
        dropped.wait(10)
        CchRouter.build(graph).route(RoadPosition(0, 0.0), RoadPosition(graph.edge_count - 1, 0.0))

    unraisable: list[object] = []
    hook, sys.unraisablehook = sys.unraisablehook, unraisable.append
    try:
        thread = threading.Thread(target=ask)
        thread.start()
        asked.wait(10)
        held.clear()
        gc.collect()
        dropped.set()
        thread.join()
    finally:
        sys.unraisablehook = hook
    assert unraisable == []
