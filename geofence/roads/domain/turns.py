"""Which edge may follow which, and what the turn costs."""

from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np

from geofence.roads.domain.graph import F8, I4, I8, Bool, RoadGraph
from geofence.roads.domain.router import TurnKind

# Mean wait at a fixed-time signal with red r of cycle c is r**2 / (2 c) (Webster 1958); 60 s cycle, 30 s red.
SIGNAL_DELAY_MS = 7_500
RIGHT_DELAY_MS = 2_000
LEFT_DELAY_MS = 4_000
U_TURN_DELAY_MS = 15_000
STRAIGHT_DEG = 30.0
SLIGHT_DEG = 55.0
SHARP_DEG = 130.0


@dataclass(frozen=True, eq=False)
class TurnTable:
    """T turns of a graph, sorted by (`from_edge`, `to_edge`), forbidden ones left out.

    `delay_ms` [T] whole milliseconds spent at the junction; `angle_deg` [T] change of heading, positive to the right;
    `u_turn` [T]: back onto the twin, legal only where nothing else is open; `first` [E + 1]: the turns out of edge e
    are rows `first[e]:first[e + 1]`.
    """

    from_edge: I4
    to_edge: I4
    delay_ms: I8
    angle_deg: F8
    u_turn: Bool
    first: I8

    @cached_property
    def choices(self) -> I8:
        """Ways to go on after each edge, [E], turning round not counted."""
        return np.bincount(self.from_edge[~self.u_turn], minlength=len(self.first) - 1)

    @cached_property
    def _keys(self) -> I8:
        return self.from_edge.astype(np.int64) * (len(self.first) - 1) + self.to_edge

    def rows(self, from_edge: I8, to_edge: I8) -> I8:
        """Row of each turn that is known to exist."""
        return np.searchsorted(self._keys, from_edge * (len(self.first) - 1) + to_edge)

    def open(self, allowed: Bool | None) -> Bool:
        """Turns [T] that may be driven when only the edges `allowed` [E] may (None: all)."""
        usable = np.ones(len(self.from_edge), dtype=bool)
        if allowed is not None:
            usable = allowed[self.from_edge] & allowed[self.to_edge]
        others = np.bincount(self.from_edge[usable & ~self.u_turn], minlength=len(self.first) - 1)
        permitted: Bool = usable & (~self.u_turn | (others[self.from_edge] == 0))
        return permitted


@lru_cache(maxsize=8)
def turn_table(graph: RoadGraph) -> TurnTable:
    """Every turn of the graph that no restriction forbids."""
    edges = graph.edge_count
    by_start = np.argsort(graph.edge_from, kind="stable")
    out_first = np.searchsorted(graph.edge_from[by_start], np.arange(graph.node_count + 1))
    fan = (out_first[1:] - out_first[:-1])[graph.edge_to]
    from_edge = np.repeat(np.arange(edges), fan)
    rank = np.arange(len(from_edge)) - np.repeat(np.cumsum(fan) - fan, fan)
    to_edge = by_start[out_first[graph.edge_to][from_edge] + rank]
    keys = from_edge * edges + to_edge
    forbidden = graph.turn_forbidden[:, 0].astype(np.int64) * edges + graph.turn_forbidden[:, 1]
    keep = np.flatnonzero((from_edge != to_edge) & ~np.isin(keys, forbidden))
    keep = keep[np.argsort(keys[keep], kind="stable")]
    from_edge, to_edge = from_edge[keep], to_edge[keep]
    angle = turn_angles(graph, from_edge, to_edge)
    u_turn = graph.edge_reverse[from_edge] == to_edge
    return TurnTable(
        from_edge=from_edge.astype(np.int32),
        to_edge=to_edge.astype(np.int32),
        delay_ms=_delays(graph, from_edge, angle, u_turn),
        angle_deg=angle,
        u_turn=u_turn,
        first=np.searchsorted(from_edge, np.arange(edges + 1)).astype(np.int64),
    )


def turn_angles(graph: RoadGraph, from_edge: I8, to_edge: I8) -> F8:
    """Change of heading in degrees, in (-180, 180], positive to the right."""
    last = graph.geom_offset[1:][from_edge]
    first = graph.geom_offset[:-1][to_edge]
    inward = graph.geom_xy[last - 1] - graph.geom_xy[last - 2]
    outward = graph.geom_xy[first + 1] - graph.geom_xy[first]
    cross = inward[:, 1] * outward[:, 0] - inward[:, 0] * outward[:, 1]
    angle: F8 = np.degrees(np.arctan2(cross, (inward * outward).sum(axis=1)))
    return angle


def _delays(graph: RoadGraph, from_edge: I8, angle: F8, u_turn: Bool) -> I8:
    node = graph.edge_to[from_edge]
    delay = np.where(graph.node_signal[node], SIGNAL_DELAY_MS, 0)
    at_junction = _neighbours(graph)[node] >= 3
    delay += np.where(at_junction & (angle > STRAIGHT_DEG), RIGHT_DELAY_MS, 0)
    delay += np.where(at_junction & (angle < -STRAIGHT_DEG), LEFT_DELAY_MS, 0)
    return np.where(u_turn, U_TURN_DELAY_MS, delay).astype(np.int64)


def _neighbours(graph: RoadGraph) -> I8:
    """How many different nodes each node is joined to, [N]; a bend has two."""
    ends = np.stack([graph.edge_from, graph.edge_to])
    pairs = np.unique(np.sort(ends, axis=0).T, axis=0)
    return np.bincount(pairs.ravel(), minlength=graph.node_count)


def kind_of(angle_deg: float, *, u_turn: bool, roundabout: bool) -> TurnKind:
    """The word for a turn in a driver's list."""
    if u_turn:
        return TurnKind.U_TURN
    if roundabout:
        return TurnKind.ROUNDABOUT
    size = abs(angle_deg)
    if size <= STRAIGHT_DEG:
        return TurnKind.STRAIGHT
    grade = "slight_" if size <= SLIGHT_DEG else "sharp_" if size >= SHARP_DEG else ""
    return TurnKind(grade + ("right" if angle_deg > 0 else "left"))
