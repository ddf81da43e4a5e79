"""From a sequence of edges to a route: geometry, times and the turn list. Vectorised, since it outweighs the search."""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from geofence.roads.domain.graph import F8, I8, EdgeFlag, RoadGraph
from geofence.roads.domain.router import RoadPosition, Route, Turn, TurnKind
from geofence.roads.domain.routers.metric import Metric
from geofence.roads.domain.turns import STRAIGHT_DEG, kind_of


def unfold(
    metric: Metric, origin: RoadPosition, destination: RoadPosition, edges: Sequence[int], cost_ms: int
) -> Route:
    """The drive along `edges`, which are known to follow each other and to cost `cost_ms` between the positions."""
    graph, path = metric.graph, np.asarray(edges, dtype=np.int64)
    start, end = _clamped(graph, origin), _clamped(graph, destination)
    rows = metric.turns.rows(path[:-1], path[1:])
    before = np.concatenate([[0], np.cumsum(metric.edge_ms[path[:-1]] + metric.turns.delay_ms[rows])])
    clock_ms = before - metric.partial_ms(origin)  # at the start of each edge
    lonlat, time_ms = _line(metric, path, clock_ms, start, end)
    time_s = np.maximum.accumulate(np.clip(time_ms, 0.0, cost_ms)) / 1000.0
    time_s[0], time_s[-1] = 0.0, cost_ms / 1000.0  # both ends were rounded to the millisecond on their own
    lengths = graph.edge_length_m[path]
    metres = np.concatenate([[0.0], np.cumsum(lengths)[:-1]]) - start
    distance = float(metres[-1] + end)
    depart = _plain(graph, TurnKind.DEPART, edges[0], lonlat[0], (0.0, 0.0))
    arrive = _plain(graph, TurnKind.ARRIVE, edges[-1], lonlat[-1], (distance, cost_ms / 1000.0))
    turns = _turns(metric, path, rows, metres, clock_ms)
    return Route(cost_ms / 1000.0, distance, tuple(path.tolist()), start, end, lonlat, time_s, (depart, *turns, arrive))


def _clamped(graph: RoadGraph, position: RoadPosition) -> float:
    return min(max(position.offset_m, 0.0), float(graph.edge_length_m[position.edge]))


@lru_cache(maxsize=8)
def _offsets(graph: RoadGraph) -> F8:
    """Metres from the start of its edge, of every point of the graph's geometry, [P]."""
    steps = np.concatenate([[0.0], np.hypot(*np.diff(graph.geom_xy, axis=0).T)])
    running: F8 = np.cumsum(steps)
    offsets: F8 = running - np.repeat(running[graph.geom_offset[:-1]], np.diff(graph.geom_offset))
    return offsets


def _line(metric: Metric, path: I8, clock_ms: I8, start: float, end: float) -> tuple[F8, F8]:
    """Vertices [P, 2] in degrees and their times [P] in milliseconds; ends lie between vertices."""
    graph, offsets = metric.graph, _offsets(metric.graph)
    first, counts = graph.geom_offset[path], graph.geom_offset[path + 1] - graph.geom_offset[path]
    place = np.repeat(np.arange(len(path)), counts)
    rank = np.arange(len(place)) - np.repeat(np.cumsum(counts) - counts, counts)
    point = first[place] + rank
    along = offsets[point]
    inner = (rank > 0) | (place == 0)  # edges share their junction's point
    inner &= ((place > 0) | (along > start)) & ((place < len(path) - 1) | (along < end))
    place, point, along = place[inner], point[inner], along[inner]
    place = np.concatenate([[0], place, [len(path) - 1]])
    along = np.concatenate([[start], along, [end]])
    ends = [_between(graph, offsets, int(edge), at) for edge, at in ((path[0], start), (path[-1], end))]
    lonlat = np.concatenate([ends[0], graph.geom_lonlat[point], ends[1]])
    lengths = np.maximum(graph.edge_length_m[path], 1e-9)
    return lonlat, clock_ms[place] + along / lengths[place] * metric.edge_ms[path][place]


def _between(graph: RoadGraph, offsets: F8, edge: int, at: float) -> F8:
    """The point of an edge at an offset, [1, 2] degrees."""
    rows = slice(graph.geom_offset[edge], graph.geom_offset[edge + 1])
    lonlat, along = graph.geom_lonlat[rows], offsets[rows]
    return np.array([[np.interp(at, along, lonlat[:, 0]), np.interp(at, along, lonlat[:, 1])]])


def _turns(metric: Metric, path: I8, rows: I8, metres: F8, clock_ms: I8) -> list[Turn]:
    """A line for each turn at which there is something to say: a change of heading or of street."""
    graph, table = metric.graph, metric.turns
    before, after = path[:-1], path[1:]
    angle, u_turn = table.angle_deg[rows], table.u_turn[rows]
    circus = (graph.edge_flags[path] & EdgeFlag.ROUNDABOUT) > 0
    renamed = graph.edge_name_id[before] != graph.edge_name_id[after]
    a_choice = (np.abs(angle) > STRAIGHT_DEG) & (table.choices[before] > 1)
    entering, inside = circus[1:] & ~circus[:-1], circus[1:] & circus[:-1]
    told = u_turn | entering | (~inside & (renamed | a_choice))
    made = []
    for index in np.flatnonzero(told).tolist():
        kind = kind_of(float(angle[index]), u_turn=bool(u_turn[index]), roundabout=bool(entering[index]))
        edge = int(after[index])
        lon, lat = graph.geom_lonlat[graph.geom_offset[edge]].tolist()
        at_m, time_s = float(metres[index + 1]), float(clock_ms[index + 1]) / 1000.0
        made.append(Turn(kind, graph.name_of(edge), edge, lon, lat, at_m, time_s, float(angle[index])))
    return made


def _plain(graph: RoadGraph, kind: TurnKind, edge: int, lonlat: F8, at: tuple[float, float]) -> Turn:
    return Turn(kind, graph.name_of(edge), int(edge), float(lonlat[0]), float(lonlat[1]), *at, 0.0)
