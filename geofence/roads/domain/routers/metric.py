"""What both back ends compute on: whole milliseconds per edge and per turn."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from geofence.roads.domain.graph import F8, I8, Bool, RoadGraph
from geofence.roads.domain.router import RoadPosition
from geofence.roads.domain.turns import TurnTable, turn_table

# RoutingKit takes 2**31 - 1 for "never"; an edge slower than an hour is refused long before sums get near it.
FORBIDDEN_MS = 2**31 - 1
LONGEST_EDGE_MS = 3_600_000
# Positions come from snapping and from cars: accept a rounding error beyond an edge's end.
OFFSET_TOLERANCE_M = 1.0


@dataclass(frozen=True, eq=False)
class Metric:
    """A graph at given speeds with given edges allowed.

    The drive from the start of edge e to the start of edge f costs the sum of `edge_ms` of all edges left and
    `delay_ms` of all turns made. Part of an edge costs its share of `edge_ms`, rounded to the millisecond.
    """

    graph: RoadGraph
    speeds_mps: F8
    allowed: Bool | None

    @cached_property
    def turns(self) -> TurnTable:
        return turn_table(self.graph)

    @cached_property
    def edge_ms(self) -> I8:
        """Whole milliseconds to drive each edge, [E], at least 1."""
        return np.maximum(1, np.rint(self.graph.edge_length_m / self.speeds_mps * 1000)).astype(np.int64)

    @cached_property
    def open_turns(self) -> Bool:
        """Turns that may be driven, [T]."""
        return self.turns.open(self.allowed)

    @cached_property
    def arc_ms(self) -> I8:
        """Cost of each turn, [T]: all of the edge before it, and the delay; `FORBIDDEN_MS` when closed."""
        cost = self.edge_ms[self.turns.from_edge] + self.turns.delay_ms
        return np.where(self.open_turns, cost, FORBIDDEN_MS)

    def is_open(self, edge: int) -> bool:
        return self.allowed is None or bool(self.allowed[edge])

    def partial_ms(self, position: RoadPosition) -> int:
        """Milliseconds from the start of the position's edge to the position."""
        length = float(self.graph.edge_length_m[position.edge])
        share = min(max(position.offset_m / length, 0.0), 1.0) if length > 0 else 0.0
        return round(share * int(self.edge_ms[position.edge]))

    def partials_ms(self, positions: Sequence[RoadPosition]) -> I8:
        """`partial_ms` of each position."""
        return np.array([self.partial_ms(position) for position in positions], dtype=np.int64)

    def ways_out(self, edge: int) -> list[tuple[int, int]]:
        """(next edge, milliseconds from the start of `edge` to its start) of every open turn."""
        rows = range(int(self.turns.first[edge]), int(self.turns.first[edge + 1]))
        return [(int(self.turns.to_edge[row]), int(self.arc_ms[row])) for row in rows if self.open_turns[row]]

    def customised(self, speeds_mps: F8 | None, allowed: Bool | None) -> "Metric":
        """The same graph at other speeds and with other edges allowed."""
        return metric(self.graph, speeds_mps, allowed)


def metric(graph: RoadGraph, speeds_mps: F8 | None = None, allowed: Bool | None = None) -> Metric:
    """A checked metric. Raises ValueError for wrong lengths and for speeds that are not finite and positive."""
    speeds = graph.edge_speed_mps if speeds_mps is None else np.asarray(speeds_mps, dtype=float)
    if speeds.shape != (graph.edge_count,):
        raise ValueError(f"speeds_mps: {speeds.shape} for {graph.edge_count} edges")
    if not (np.isfinite(speeds) & (speeds > 0)).all():
        raise ValueError("speeds_mps: every speed must be finite and above zero")
    if allowed is not None:
        allowed = np.asarray(allowed, dtype=bool)
        if allowed.shape != (graph.edge_count,):
            raise ValueError(f"allowed: {allowed.shape} for {graph.edge_count} edges")
    made = Metric(graph, speeds, allowed)
    if graph.edge_count and int(made.edge_ms.max()) > LONGEST_EDGE_MS:
        raise ValueError("an edge takes more than an hour: its speed is too low")
    return made


def check_positions(graph: RoadGraph, positions: Sequence[RoadPosition]) -> None:
    """Raise ValueError unless every position is on the network."""
    for position in positions:
        if not 0 <= position.edge < graph.edge_count:
            raise ValueError(f"no edge {position.edge} on this map")
        length = float(graph.edge_length_m[position.edge])
        if not -OFFSET_TOLERANCE_M <= position.offset_m <= length + OFFSET_TOLERANCE_M:
            raise ValueError(f"offset {position.offset_m} m is not on edge {position.edge} of {length:.1f} m")
