"""What the two back ends share: positions inside edges, and the same edge ahead or behind."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Self

import numpy as np

from geofence.roads.domain.graph import F8, I4, I8, Bool, RoadGraph
from geofence.roads.domain.router import RoadPosition, Route
from geofence.roads.domain.routers.metric import Metric, check_positions
from geofence.roads.domain.routers.unfold import unfold

Starts = Sequence[tuple[int, int]]


class EdgeRouter(ABC):
    """A router that knows how to find cheapest sequences of edges; `Metric` says what they cost."""

    def __init__(self, metric: Metric) -> None:
        self._metric = metric

    @property
    def graph(self) -> RoadGraph:
        """The network under this router."""
        return self._metric.graph

    @abstractmethod
    def _cheapest(self, starts: Starts, goal: int) -> tuple[int, list[int]] | None:
        """From any of `starts` (edge, milliseconds already spent) to the start of edge `goal`: cost and edges."""

    @abstractmethod
    def _matrix(self, sources: I4, targets: I4) -> F8:
        """Milliseconds from the start of each source edge to the start of each target edge, infinity for no way."""

    @abstractmethod
    def _with(self, metric: Metric) -> Self:
        """The same back end on another metric of the same graph."""

    def customised(self, speeds_mps: F8 | None = None, allowed: Bool | None = None) -> Self:
        """See `Router.customised`."""
        return self._with(self._metric.customised(speeds_mps, allowed))

    def route(self, origin: RoadPosition, destination: RoadPosition) -> Route | None:
        """See `Router.route`."""
        check_positions(self.graph, (origin, destination))
        if not (self._metric.is_open(origin.edge) and self._metric.is_open(destination.edge)):
            return None
        spent, wanted = self._metric.partial_ms(origin), self._metric.partial_ms(destination)
        if origin.edge == destination.edge:
            if origin.offset_m <= destination.offset_m:
                return unfold(self._metric, origin, destination, [origin.edge], wanted - spent)
            found = self._round(origin.edge)
        else:
            found = self._cheapest([(origin.edge, 0)], destination.edge)
        if found is None:
            return None
        cost, edges = found
        return unfold(self._metric, origin, destination, edges, cost - spent + wanted)

    def _round(self, edge: int) -> tuple[int, list[int]] | None:
        """The cheapest way from the start of an edge back to its start."""
        found = self._cheapest(self._metric.ways_out(edge), edge)
        return None if found is None else (found[0], [edge, *found[1]])

    def travel_times(self, origins: Sequence[RoadPosition], destinations: Sequence[RoadPosition]) -> F8:
        """See `Router.travel_times`."""
        check_positions(self.graph, origins)
        check_positions(self.graph, destinations)
        if not origins or not destinations:
            return np.empty((len(origins), len(destinations)))
        from_edge = np.array([p.edge for p in origins], dtype=np.int32)
        to_edge = np.array([p.edge for p in destinations], dtype=np.int32)
        sources, source_of = np.unique(from_edge, return_inverse=True)
        targets, target_of = np.unique(to_edge, return_inverse=True)
        between = self._matrix(sources, targets)[source_of][:, target_of]
        spent, wanted = self._metric.partials_ms(origins), self._metric.partials_ms(destinations)
        times = between - spent[:, None] + wanted[None, :]
        self._same_edge(origins, destinations, times, wanted[None, :] - spent[:, None])
        if self._metric.allowed is not None:
            times[~self._metric.allowed[from_edge]] = np.inf
            times[:, ~self._metric.allowed[to_edge]] = np.inf
        return times / 1000.0

    def _same_edge(
        self, origins: Sequence[RoadPosition], destinations: Sequence[RoadPosition], times: F8, along: I8
    ) -> None:
        """A destination behind on the same edge costs a way round; `_matrix` has zero there."""
        same = np.array([p.edge for p in origins])[:, None] == np.array([p.edge for p in destinations])[None, :]
        rounds: dict[int, float] = {}
        for row, column in np.argwhere(same):
            edge = origins[row].edge
            if origins[row].offset_m <= destinations[column].offset_m:
                times[row, column] = along[row, column]
                continue
            if edge not in rounds:
                found = self._round(edge) if self._metric.is_open(edge) else None
                rounds[edge] = np.inf if found is None else found[0]
            times[row, column] = rounds[edge] + along[row, column]
