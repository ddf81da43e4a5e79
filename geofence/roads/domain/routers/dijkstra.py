"""scipy's Dijkstra on the graph of edges: slow, plain, the oracle and the fall-back."""

from functools import cached_property
from typing import Self

import numpy as np
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

from geofence.roads.domain.graph import F8, I4, Bool, RoadGraph
from geofence.roads.domain.routers.base import EdgeRouter, Starts
from geofence.roads.domain.routers.metric import Metric, metric


class DijkstraRouter(EdgeRouter):
    """A `Router` by Dijkstra's algorithm; one source costs time in proportion to the whole network."""

    @classmethod
    def build(cls, graph: RoadGraph, speeds_mps: F8 | None = None, allowed: Bool | None = None) -> Self:
        """A router over the graph. Raises ValueError for speeds or a mask that don't fit."""
        return cls(metric(graph, speeds_mps, allowed))

    @cached_property
    def _arcs(self) -> csr_matrix:
        """Edges as nodes, open turns as arcs. Pairs are unique, so nothing is summed; costs are at least 1 ms."""
        usable = self._metric.open_turns
        turns = self._metric.turns
        cost = self._metric.arc_ms[usable].astype(float)
        size = self.graph.edge_count
        return csr_matrix((cost, (turns.from_edge[usable], turns.to_edge[usable])), shape=(size, size))

    def _with(self, metric: Metric) -> Self:
        return type(self)(metric)

    def _cheapest(self, starts: Starts, goal: int) -> tuple[int, list[int]] | None:
        if not starts:
            return None
        sources = [edge for edge, _ in starts]
        cost, before = dijkstra(self._arcs, indices=sources, return_predecessors=True)
        total = cost[:, goal] + np.array([spent for _, spent in starts], dtype=float)
        best = int(total.argmin())
        if not np.isfinite(total[best]):
            return None
        path = [goal]
        while path[-1] != sources[best]:
            path.append(int(before[best, path[-1]]))
        return int(total[best]), path[::-1]

    def _matrix(self, sources: I4, targets: I4) -> F8:
        if len(sources) <= len(targets):
            return np.asarray(dijkstra(self._arcs, indices=sources)[:, targets])
        return np.asarray(dijkstra(self._arcs.T.tocsr(), indices=targets)[:, sources].T)
