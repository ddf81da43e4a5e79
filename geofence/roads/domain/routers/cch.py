"""RoutingKit's customizable contraction hierarchy on the graph of edges: the fast path.

Nodes of the hierarchy are directed edges of the road, arcs are turns, so that turn restrictions and delays are exact.
The hierarchy depends on the network only; a metric (speeds, allowed edges) is put on it in milliseconds.

Dibbelt, Strasser, Wagner: Customizable Contraction Hierarchies, ACM JEA 2016.
"""

import threading
from dataclasses import dataclass
from functools import cached_property
from typing import Self
from weakref import ref

import numpy as np
import routingkit_cch as rk

from geofence.roads.domain.graph import F8, I4, Bool, RoadGraph
from geofence.roads.domain.routers.base import EdgeRouter, Starts
from geofence.roads.domain.routers.metric import FORBIDDEN_MS, Metric, metric
from geofence.roads.domain.turns import turn_table


@dataclass(frozen=True, eq=False)
class Hierarchy:
    """The metric-independent part; cheap to share between threads and forked processes, not picklable."""

    cch: rk.CCH

    @classmethod
    def build(cls, graph: RoadGraph) -> Self:
        """Order by nested dissection on coordinates of the edges' middles; seconds for a large city."""
        turns = turn_table(graph)
        tail, head = turns.from_edge.tolist(), turns.to_edge.tolist()
        middle = (graph.geom_offset[:-1] + graph.geom_offset[1:]) // 2
        lon, lat = graph.geom_lonlat[middle].astype(np.float32).T
        order = rk.compute_order_inertial(graph.edge_count, tail, head, lat.tolist(), lon.tolist())
        return cls(rk.CCH(order, tail, head, False))


@dataclass(frozen=True, eq=False)
class _Query:
    router: "ref[CchRouter]"
    query: rk.CCHQuery


class _Queries(threading.local):
    """This thread's query objects. They may neither be used nor dropped by another thread, so the routers do not own
    them: each thread drops its own when it next makes one."""

    def __init__(self) -> None:
        self.queries: dict[int, _Query] = {}

    def tidy(self) -> None:
        self.queries = {key: kept for key, kept in self.queries.items() if kept.router() is not None}


_of_this_thread = _Queries()


class CchRouter(EdgeRouter):
    """A `Router` in microseconds a query. The library's query objects belong to one thread: each thread has its own."""

    def __init__(self, hierarchy: Hierarchy, metric: Metric) -> None:
        super().__init__(metric)
        self._hierarchy = hierarchy

    @classmethod
    def build(cls, graph: RoadGraph, speeds_mps: F8 | None = None, allowed: Bool | None = None) -> Self:
        """A router over the graph. Raises ValueError for speeds or a mask that don't fit."""
        return cls(Hierarchy.build(graph), metric(graph, speeds_mps, allowed))

    @cached_property
    def _weights(self) -> rk.CCHMetric:
        return rk.CCHMetric(self._hierarchy.cch, self._metric.arc_ms.tolist())

    def _with(self, metric: Metric) -> Self:
        made = type(self)(self._hierarchy, metric)
        _ = made._weights  # customise now, in the caller's time, not in the first query's
        return made

    @property
    def _query(self) -> rk.CCHQuery:
        kept = _of_this_thread.queries.get(id(self))
        if kept is None or kept.router() is not self:
            _of_this_thread.tidy()
            kept = _of_this_thread.queries[id(self)] = _Query(ref(self), rk.CCHQuery(self._weights))
        return kept.query

    def _cheapest(self, starts: Starts, goal: int) -> tuple[int, list[int]] | None:
        if not starts:
            return None
        result = self._query.run_multi(list(starts), [(goal, 0)])
        try:
            cost = result.distance
            return None if cost is None or cost >= FORBIDDEN_MS else (int(cost), list(result.node_path))
        finally:
            del result  # the library panics when a query runs while an older result lives

    def _matrix(self, sources: I4, targets: I4) -> F8:
        if len(sources) <= len(targets):
            fan_out = rk.CCHOneToMany(self._weights, targets.tolist())
            rows = [fan_out.distances_from(source) for source in sources.tolist()]
            return _as_array(rows)
        fan_in = rk.CCHManyToOne(self._weights, sources.tolist())
        columns = [fan_in.distances_to(target) for target in targets.tolist()]
        return _as_array(columns).T


def _as_array(rows: list[list[int | None]]) -> F8:
    times = np.array(rows, dtype=float)
    times[~(times < FORBIDDEN_MS)] = np.inf
    return times
