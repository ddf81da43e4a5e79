"""Getting from where a car is onto the edges that it was told to drive."""

import heapq
from collections.abc import Sequence
from itertools import pairwise

from autonomy.sim.roads import RoadMap

ALREADY_THERE_M = 20.0


def connect(road_map: RoadMap, start: int, goal: int, limit_s: float = 1800.0) -> list[int] | None:
    """Quickest edges from the end of `start` to the beginning of `goal`, both left out; None when there is no way.

    Dijkstra over edges, so that forbidden turns are kept. `start == goal` finds the way round the block.
    """
    cost = (road_map.edge_length_m / road_map.edge_speed_mps).tolist()
    best: dict[int, float] = {}
    before: dict[int, int] = {}
    queue = [(0.0, out, start) for out in road_map.successors[start]]
    heapq.heapify(queue)
    while queue:
        spent, edge, came_from = heapq.heappop(queue)
        if edge in best or spent > limit_s:
            continue
        best[edge], before[edge] = spent, came_from
        if edge == goal:
            return _trace(before, start, goal)
        for out in road_map.successors[edge]:
            if out not in best:
                heapq.heappush(queue, (spent + cost[edge], out, edge))
    return None


def _trace(before: dict[int, int], start: int, goal: int) -> list[int]:
    trail = []
    edge = before[goal]
    while edge != start:
        trail.append(edge)
        edge = before[edge]
    return trail[::-1]


def check_chain(road_map: RoadMap, edges: Sequence[int]) -> None:
    """Raises ValueError when the edges are not on the map or do not follow each other."""
    if not edges:
        raise ValueError("edges: empty path")
    for edge in edges:
        if not 0 <= edge < road_map.edge_count:
            raise ValueError(f"edges: {edge} is not on this map of {road_map.edge_count} edges")
    for a, b in pairwise(edges):
        if road_map.edge_to[a] != road_map.edge_from[b]:
            raise ValueError(f"edges: {b} does not begin where {a} ends")


def join(
    road_map: RoadMap, committed: Sequence[int], offset_m: float, edges: Sequence[int], end_m: float
) -> list[int] | None:
    """Edges to drive from a car that must first drive `committed` (its edge and those it can't avoid any more).

    `offset_m`: where on the last committed edge the new way may begin. Returns None when the car stands on the goal's
    edge at most 20 m past the goal: it is there. Raises ValueError when there is no way.
    """
    check_chain(road_map, edges)
    last = committed[-1]
    if last in edges:
        tail = list(edges[edges.index(last) + 1 :])
        behind = offset_m - end_m
        if tail or behind <= 0:
            return [*committed, *tail]
        if len(committed) == 1 and behind <= ALREADY_THERE_M:
            return None
        link, tail = connect(road_map, last, last), [last]
    else:
        link, tail = connect(road_map, last, edges[0]), list(edges)
    if link is None:
        raise ValueError(f"edges: no way from edge {last} to edge {tail[0]}")
    return [*committed, *link, *tail]
