"""From hand-written extracts to the graph."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from geofence.roads.domain.graph import EdgeFlag, RoadGraph
from geofence.roads.domain.osm.extract import Extract, ExtractError
from geofence.roads.domain.subgraph import largest_connected

GraphOf = Callable[..., RoadGraph]
ROAD = {"highway": "residential"}
# A cross: west 1, centre 2, east 3, north 4, south 5.
CROSS: dict[int, tuple[Any, ...]] = {1: (-1, 0), 2: (0, 0), 3: (1, 0), 4: (0, 1), 5: (0, -1)}
ARMS = {11: ([1, 2], ROAD), 12: ([2, 3], ROAD), 13: ([4, 2], ROAD), 14: ([2, 5], ROAD)}


def edges(graph: RoadGraph) -> set[tuple[int, int]]:
    ids = graph.node_osm_id
    return {(int(ids[a]), int(ids[b])) for a, b in zip(graph.edge_from, graph.edge_to, strict=True)}


def turns(graph: RoadGraph) -> set[tuple[int, int, int]]:
    ids = graph.node_osm_id
    return {
        (int(ids[graph.edge_from[a]]), int(ids[graph.edge_to[a]]), int(ids[graph.edge_to[b]]))
        for a, b in graph.turn_forbidden
    }


def rule(kind: str, to: int) -> tuple[list[Any], dict[str, str]]:
    """A restriction for those who come from the west."""
    members = [("w", 11, "from"), ("n", 2, "via"), ("w", to, "to")]
    return members, {"type": "restriction", "restriction": kind}


def test_ways_are_cut_where_they_meet_and_nowhere_else(graph_of: GraphOf) -> None:
    nodes = CROSS | {6: (0.5, 0.1)}
    graph = graph_of(nodes, {11: ([1, 2, 6, 3], ROAD), 13: ([4, 2, 5], ROAD)})
    assert edges(graph) == {(1, 2), (2, 1), (2, 3), (3, 2), (4, 2), (2, 4), (2, 5), (5, 2)}
    bent = int(np.flatnonzero(np.diff(graph.geom_offset) == 3)[0])
    assert graph.edge_length_m[bent] == pytest.approx(np.hypot(*np.diff(graph.edge_xy(bent), axis=0).T).sum())


def test_twins_have_the_same_line_backwards(graph_of: GraphOf) -> None:
    graph = graph_of(CROSS, ARMS)
    twin = graph.edge_reverse
    assert (twin[twin] == np.arange(graph.edge_count)).all()
    assert (graph.edge_from == graph.edge_to[twin]).all()
    assert (graph.edge_xy(0)[::-1] == graph.edge_xy(int(twin[0]))).all()


def test_oneway_against_the_drawing(graph_of: GraphOf) -> None:
    graph = graph_of(CROSS, {11: ([1, 2], ROAD | {"oneway": "-1"}), 12: ([2, 3], ROAD | {"oneway": "yes"})})
    assert edges(graph) == {(2, 1), (2, 3)}
    assert (graph.edge_reverse == -1).all()


def test_a_way_leaving_the_extract_ends_at_its_last_node(graph_of: GraphOf) -> None:
    graph = graph_of(CROSS, {11: ([1, 2, 3, 99, 4, 5], ROAD)})
    assert edges(graph) == {(1, 3), (3, 1), (4, 5), (5, 4)}


def test_a_bollard_parts_the_road(graph_of: GraphOf) -> None:
    nodes = CROSS | {2: (0, 0, {"barrier": "bollard"})}
    graph = graph_of(nodes, {11: ([1, 2, 3], ROAD)})
    assert edges(graph) == {(1, 2), (2, 1), (2, 3), (3, 2)}
    assert graph.node_count == 4
    assert largest_connected(graph)[0].edge_count == 2


def test_a_loop_never_leads_from_a_node_to_itself(graph_of: GraphOf) -> None:
    graph = graph_of(CROSS, {11: ([2, 3, 4, 2], ROAD), 12: ([2, 5], ROAD)})
    assert (graph.edge_from != graph.edge_to).all()
    assert largest_connected(graph)[1].edges == 0


def test_roundabout_is_one_way_and_flagged(graph_of: GraphOf) -> None:
    graph = graph_of(CROSS, {11: ([3, 4, 1, 5, 3], ROAD | {"junction": "roundabout"}), 12: ([3, 2], ROAD)})
    ring = (graph.edge_flags & EdgeFlag.ROUNDABOUT) > 0
    assert ring.sum() == 2
    assert (graph.edge_reverse[ring] == -1).all()


def test_no_left_turn_forbids_that_turn_only(graph_of: GraphOf) -> None:
    rule = [
        ([("w", 11, "from"), ("n", 2, "via"), ("w", 13, "to")], {"type": "restriction", "restriction": "no_left_turn"})
    ]
    assert turns(graph_of(CROSS, ARMS, rule)) == {(1, 2, 4)}


def test_only_straight_on_forbids_all_other_turns(graph_of: GraphOf) -> None:
    rule = [
        (
            [("w", 11, "from"), ("n", 2, "via"), ("w", 12, "to")],
            {"type": "restriction", "restriction": "only_straight_on"},
        )
    ]
    assert turns(graph_of(CROSS, ARMS, rule)) == {(1, 2, 4), (1, 2, 5), (1, 2, 1)}


def test_only_rule_whose_target_is_missing_forbids_nothing(graph_of: GraphOf) -> None:
    rule = [
        (
            [("w", 11, "from"), ("n", 2, "via"), ("w", 77, "to")],
            {"type": "restriction", "restriction": "only_straight_on"},
        )
    ]
    assert turns(graph_of(CROSS, ARMS, rule)) == set()


@pytest.mark.parametrize(
    ("tags", "reason"),
    [
        ({"restriction": "no_left_turn", "except": "bus;motorcar"}, "restriction_excepts_cars"),
        ({"restriction:hgv": "no_left_turn"}, "restriction_conditional_or_for_others"),
        ({"restriction:conditional": "no_left_turn @ (Mo-Fr)"}, "restriction_conditional_or_for_others"),
        ({"restriction": "maybe"}, "restriction_over_way_or_malformed"),
    ],
)
def test_rules_that_do_not_bind_cars_are_counted_and_left_out(
    read: Callable[..., Extract], tags: dict[str, str], reason: str
) -> None:
    members = [("w", 11, "from"), ("n", 2, "via"), ("w", 13, "to")]
    extract = read(CROSS, ARMS, [(members, {"type": "restriction"} | tags)])
    assert extract.restrictions == []
    assert extract.left_out[reason] == 1


def test_rule_over_a_way_is_counted_and_left_out(read: Callable[..., Extract]) -> None:
    members = [("w", 11, "from"), ("w", 12, "via"), ("w", 13, "to")]
    extract = read(CROSS, ARMS, [(members, {"type": "restriction", "restriction": "no_u_turn"})])
    assert extract.left_out["restriction_over_way_or_malformed"] == 1


def test_a_signal_at_the_stop_line_belongs_to_the_junction(graph_of: GraphOf) -> None:
    nodes = CROSS | {6: (-0.2, 0, {"highway": "traffic_signals"})}  # 14 m before the junction
    graph = graph_of(nodes, ARMS | {11: ([1, 6, 2], ROAD)})
    assert graph.node_osm_id[graph.node_signal].tolist() == [2]
    assert 6 not in graph.node_osm_id


def test_a_signal_in_mid_block_is_a_place_of_its_own(graph_of: GraphOf) -> None:
    nodes = CROSS | {1: (-3, 0), 6: (-1.5, 0, {"highway": "traffic_signals"})}  # 107 m from both ends
    graph = graph_of(nodes, ARMS | {11: ([1, 6, 2], ROAD)})
    assert graph.node_osm_id[graph.node_signal].tolist() == [6]


def test_crossings_lie_on_both_directions(graph_of: GraphOf) -> None:
    nodes = CROSS | {6: (-0.25, 0, {"highway": "crossing", "crossing": "marked"})}
    graph = graph_of(nodes, ARMS | {11: ([1, 6, 2], ROAD)})
    offsets = dict(zip(graph.crossing_edge.tolist(), graph.crossing_offset_m.tolist(), strict=True))
    assert len(offsets) == 2
    length = graph.edge_length_m[graph.crossing_edge[0]]
    assert sum(offsets.values()) == pytest.approx(length)
    assert sorted(offset / length for offset in offsets.values()) == pytest.approx([0.25, 0.75], abs=1e-3)


def test_the_largest_connected_part_minds_turns(graph_of: GraphOf) -> None:
    """East of the junction is a two-way stub whose entry is forbidden from everywhere: it joins nothing."""
    banned = {"type": "restriction", "restriction": "no_entry"}
    rules = [([("w", way, "from"), ("n", 2, "via"), ("w", 12, "to")], banned) for way in (11, 13, 14)]
    graph, dropped = largest_connected(graph_of(CROSS, ARMS, rules))
    assert 3 not in graph.node_osm_id
    assert dropped.edges == 2


def test_what_was_dropped_is_named(graph_of: GraphOf) -> None:
    far = {6: (9, 9), 7: (9.5, 9)}
    ways = ARMS | {15: ([6, 7], ROAD | {"name": "Island Road"})}
    graph, dropped = largest_connected(graph_of(CROSS | far, ways))
    assert (graph.edge_count, dropped.edges, dropped.parts, dropped.names) == (8, 2, 1, ("Island Road",))
    assert dropped.length_m == pytest.approx(2 * 35.8, rel=0.01)


def test_cutting_keeps_rows_together(demo_graph: RoadGraph) -> None:
    from geofence.roads.domain.subgraph import subgraph

    keep = np.random.default_rng(1).random(demo_graph.edge_count) < 0.7
    part = subgraph(demo_graph, keep)
    old = np.flatnonzero(keep)
    for new in range(0, part.edge_count, 17):
        assert (part.edge_xy(new) == demo_graph.edge_xy(old[new])).all()
        assert part.name_of(new) == demo_graph.name_of(old[new])
        assert part.node_x[part.edge_to[new]] == demo_graph.node_x[demo_graph.edge_to[old[new]]]
    twins = part.edge_reverse >= 0
    assert (part.edge_reverse[part.edge_reverse[twins]] == np.flatnonzero(twins)).all()
    assert part.digest != demo_graph.digest


def test_no_road_with_both_ends_is_said(graph_of: GraphOf) -> None:
    with pytest.raises(ExtractError, match="inside the extract"):
        graph_of({1: (0, 0)}, {11: ([1, 99], ROAD)})
