"""From a sequence of edges to a route: geometry, times and the turn list."""

from collections.abc import Iterator, Sequence

import numpy as np

from geofence.roads.domain.graph import F8, EdgeFlag, RoadGraph
from geofence.roads.domain.router import RoadPosition, Route, Turn, TurnKind
from geofence.roads.domain.routers.metric import Metric
from geofence.roads.domain.turns import kind_of


def unfold(
    metric: Metric, origin: RoadPosition, destination: RoadPosition, edges: Sequence[int], cost_ms: int
) -> Route:
    """The drive along `edges`, which are known to follow each other and to cost `cost_ms` between the positions."""
    graph = metric.graph
    start, end = _clamped(graph, origin), _clamped(graph, destination)
    points: list[F8] = []
    times: list[F8] = []
    turns: list[Turn] = []
    metres, clock_ms = 0.0, -metric.partial_ms(origin)
    for place, edge in enumerate(edges):
        first, last = place == 0, place == len(edges) - 1
        if not first:
            row = _turn_row(metric, edges[place - 1], edge)
            clock_ms += int(metric.turns.delay_ms[row])
            turns.extend(_turn(metric, row, metres, clock_ms / 1000.0))
        low, high = (start if first else 0.0), (end if last else float(graph.edge_length_m[edge]))
        lonlat, along = _stretch(graph, edge, low, high)
        length = max(float(graph.edge_length_m[edge]), 1e-9)
        seconds = (clock_ms + along / length * int(metric.edge_ms[edge])) / 1000.0
        points.append(lonlat if first else lonlat[1:])
        times.append(seconds if first else seconds[1:])
        metres += high - low
        clock_ms += int(metric.edge_ms[edge])
    lonlat, time_s = np.concatenate(points), np.concatenate(times)
    time_s = np.maximum.accumulate(np.clip(time_s, 0.0, cost_ms / 1000.0))
    time_s[-1] = cost_ms / 1000.0
    depart = _plain(graph, TurnKind.DEPART, edges[0], lonlat[0], (0.0, 0.0))
    arrive = _plain(graph, TurnKind.ARRIVE, edges[-1], lonlat[-1], (metres, cost_ms / 1000.0))
    return Route(cost_ms / 1000.0, metres, tuple(map(int, edges)), start, end, lonlat, time_s, (depart, *turns, arrive))


def _clamped(graph: RoadGraph, position: RoadPosition) -> float:
    return min(max(position.offset_m, 0.0), float(graph.edge_length_m[position.edge]))


def _turn_row(metric: Metric, before: int, after: int) -> int:
    low, high = metric.turns.first[before], metric.turns.first[before + 1]
    return int(low + np.searchsorted(metric.turns.to_edge[low:high], after))


def _stretch(graph: RoadGraph, edge: int, low: float, high: float) -> tuple[F8, F8]:
    """Points of an edge between two offsets, both ends included, and their offsets."""
    xy, lonlat = graph.edge_xy(edge), graph.edge_lonlat(edge)
    along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(xy, axis=0).T))])
    inner = along[(along > low) & (along < high)]
    at = np.concatenate([[low], inner, [high]])
    return np.column_stack([np.interp(at, along, lonlat[:, 0]), np.interp(at, along, lonlat[:, 1])]), at


def _turn(metric: Metric, row: int, metres: float, time_s: float) -> Iterator[Turn]:
    """The line of the turn list, when there is something to say: a change of heading or of street."""
    graph, turns = metric.graph, metric.turns
    before, after = int(turns.from_edge[row]), int(turns.to_edge[row])
    flags = graph.edge_flags[[before, after]] & EdgeFlag.ROUNDABOUT
    entering = bool(flags[1]) and not flags[0]
    choices = int(turns.first[before + 1] - turns.first[before])
    kind = kind_of(float(turns.angle_deg[row]), u_turn=bool(turns.u_turn[row]), roundabout=entering)
    renamed = graph.edge_name_id[before] != graph.edge_name_id[after]
    if flags.all() or (not renamed and (kind is TurnKind.STRAIGHT or choices < 2)):
        return
    lonlat = graph.edge_lonlat(after)[0]
    angle = float(turns.angle_deg[row])
    yield Turn(kind, graph.name_of(after), after, float(lonlat[0]), float(lonlat[1]), metres, time_s, angle)


def _plain(graph: RoadGraph, kind: TurnKind, edge: int, lonlat: F8, at: tuple[float, float]) -> Turn:
    return Turn(kind, graph.name_of(edge), int(edge), float(lonlat[0]), float(lonlat[1]), *at, 0.0)
