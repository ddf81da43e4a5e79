"""Which nodes are one junction: crossings mapped as several nodes close together are driven as one box."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from autonomy.sim.curves import even, offset_line
from autonomy.sim.roads import FLAG_ROUNDABOUT, LANE_WIDTH_M, RoadMap

MERGE_EDGE_M = 22.0
BOX_MAX_M = 70.0
ACUTE_MAX_M = 35.0
APART_M = 2.8


@dataclass(frozen=True, eq=False)
class Junctions:
    """of_node: i4[N], junction of each node or -1; box_in_m, box_out_m: f8[E], how far the box reaches back
    from an edge's end and on from its start; signal: bool[J]; first_node: i4[J]; approaches: per
    junction the edges that lead into it from outside."""

    of_node: NDArray[np.int32]
    box_in_m: NDArray[np.float64]
    box_out_m: NDArray[np.float64]
    signal: NDArray[np.bool_]
    first_node: NDArray[np.int32]
    approaches: list[list[int]]

    @property
    def count(self) -> int:
        return len(self.signal)


def _neighbour_counts(road_map: RoadMap) -> NDArray[np.int64]:
    ends = np.concatenate(
        [
            np.column_stack([road_map.edge_from, road_map.edge_to]),
            np.column_stack([road_map.edge_to, road_map.edge_from]),
        ]
    )
    return np.bincount(np.unique(ends, axis=0)[:, 0], minlength=len(road_map.node_x))


def _merge(road_map: RoadMap, is_junction: NDArray[np.bool_]) -> list[int]:
    """Union of junction nodes joined by short edges, shortest first, while the box stays small."""
    parent = list(range(len(road_map.node_x)))
    boxes = [(x, y, x, y) for x, y in zip(road_map.node_x.tolist(), road_map.node_y.tolist(), strict=True)]

    def root(node: int) -> int:
        while parent[node] != node:
            parent[node] = parent[parent[node]]
            node = parent[node]
        return node

    short = np.flatnonzero(
        (road_map.edge_length_m < MERGE_EDGE_M) & is_junction[road_map.edge_from] & is_junction[road_map.edge_to]
    )
    for edge in short[np.argsort(road_map.edge_length_m[short], kind="stable")].tolist():
        a, b = sorted((root(int(road_map.edge_from[edge])), root(int(road_map.edge_to[edge]))))
        p, q = boxes[a], boxes[b]
        box = (min(p[0], q[0]), min(p[1], q[1]), max(p[2], q[2]), max(p[3], q[3]))
        if a != b and np.hypot(box[2] - box[0], box[3] - box[1]) <= BOX_MAX_M:
            parent[b], boxes[a] = a, box
    return [root(node) for node in range(len(parent))]


def find_junctions(road_map: RoadMap) -> Junctions:
    """Nodes where roads meet, dead ends (cars turn round there) and signals, merged into junctions."""
    counts = _neighbour_counts(road_map)
    is_junction = (counts != 2) | road_map.node_signal
    roots = _merge(road_map, is_junction)
    of_node = np.full(len(roots), -1, dtype=np.int32)
    numbers: dict[int, int] = {}
    for node in np.flatnonzero(is_junction).tolist():
        of_node[node] = numbers.setdefault(roots[node], len(numbers))
    signal = np.zeros(len(numbers), dtype=bool)
    first = np.full(len(numbers), -1, dtype=np.int32)
    for node in np.flatnonzero(is_junction).tolist():
        signal[of_node[node]] |= bool(road_map.node_signal[node])
        if first[of_node[node]] < 0:
            first[of_node[node]] = node
    box = np.full(len(roots), 3.0)
    half_road = road_map.lane_offset_m + LANE_WIDTH_M / 2
    np.maximum.at(box, road_map.edge_to, half_road)
    np.maximum.at(box, road_map.edge_from, half_road)
    box = np.where(counts == 1, 12.0, np.where(counts == 2, 2.0, np.minimum(box + 3.0, 14.0)))
    approaches: list[list[int]] = [[] for _ in numbers]
    for edge in range(road_map.edge_count):
        junction = int(of_node[road_map.edge_to[edge]])
        if junction >= 0 and of_node[road_map.edge_from[edge]] != junction:
            approaches[junction].append(edge)
    box_in, box_out = box[road_map.edge_to], box[road_map.edge_from]
    _widen(road_map, of_node, box_in, box_out)
    return Junctions(of_node, box_in, box_out, signal, first, approaches)


def _lane_from_node(road_map: RoadMap, edge: int, leaving: bool) -> NDArray[np.float64]:
    """f8[k, 2]: the kerb-side lane, a point a metre, from the node outwards, as far as boxes may reach."""
    line = offset_line(road_map.geometry(edge), float(road_map.lane_offset_m[edge]) * road_map.side)
    outward = line if leaving else line[::-1]
    return even(outward, 1.0)[: int(ACUTE_MAX_M) + 1]


def _widen(
    road_map: RoadMap, of_node: NDArray[np.int32], box_in: NDArray[np.float64], box_out: NDArray[np.float64]
) -> None:
    """Where roads part at a sharp angle their lanes overlap further out: the box reaches until they are apart."""
    at_node: list[list[tuple[int, bool]]] = [[] for _ in of_node]
    for edge in range(road_map.edge_count):
        at_node[int(road_map.edge_from[edge])].append((edge, True))
        at_node[int(road_map.edge_to[edge])].append((edge, False))
    for node in np.flatnonzero(of_node >= 0).tolist():
        lanes = {end: _lane_from_node(road_map, *end) for end in at_node[node]}
        ends = list(lanes)
        for number, a in enumerate(ends):
            for b in ends[number + 1 :]:
                if road_map.edge_reverse[a[0]] != b[0] and _sharp(lanes[a], lanes[b]):
                    for one, other in ((a, b), (b, a)):
                        box = box_out if one[1] else box_in
                        box[one[0]] = max(box[one[0]], _overlap_m(lanes[one], lanes[other]) + 2.0)


def _sharp(a: NDArray[np.float64], b: NDArray[np.float64]) -> bool:
    if len(a) < 3 or len(b) < 3:
        return False
    u, v = a[min(10, len(a) - 1)] - a[0], b[min(10, len(b) - 1)] - b[0]
    return bool(u @ v > 0.4 * np.hypot(*u) * np.hypot(*v))


def _overlap_m(lane: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    gap = np.hypot(lane[:, None, 0] - other[None, :, 0], lane[:, None, 1] - other[None, :, 1]).min(axis=1)
    near = np.flatnonzero(gap < APART_M)
    return float(near[-1]) if len(near) else 0.0


def rank_of(road_map: RoadMap, edge: int) -> int:
    """Right of way by road: 0 goes first. Traffic on a roundabout goes before all that enter it."""
    if road_map.edge_flags[edge] & FLAG_ROUNDABOUT:
        return 0
    return 1 + int(road_map.edge_class[edge])
