"""Where along the roads people may board and alight, as far as the road itself says."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from geofence.roads.domain.graph import EdgeFlag, RoadClass, RoadGraph

F8 = NDArray[np.float64]
I8 = NDArray[np.int64]
Bool = NDArray[np.bool_]
Side = Literal["right", "left"]

SPACING_M: Final = 60.0
CANDIDATES_EVERY_M: Final = 6.0
# No stopping close to a signal or a crossing: it hides people from drivers, and it blocks the queue.
CLEAR_OF_SIGNALS_M: Final = 15.0
# Nor in the mouth of a junction.
CLEAR_OF_ENDS_M: Final = 10.0
LANE_WIDTH_M: Final = 3.0
KERB_GAP_M: Final = 0.5
CLASSES: Final = frozenset(RoadClass) - {RoadClass.MOTORWAY, RoadClass.TRUNK}
FORBIDDEN_FLAGS: Final = EdgeFlag.BRIDGE | EdgeFlag.TUNNEL | EdgeFlag.ROUNDABOUT | EdgeFlag.LINK


@dataclass(frozen=True, eq=False)
class Places:
    """K stopping places: on `edge` [K] at `offset_m` [K]; the kerb on the driving side is at `lon`, `lat` [K]."""

    edge: I8
    offset_m: F8
    lon: F8
    lat: F8


def stopping_places(graph: RoadGraph, *, side: Side) -> Places:
    """Return the places of `graph` where traffic keeps to `side`, at most one every `SPACING_M` along an edge.

    Offsets are whole centimetres.
    """
    edge, offset = _candidates(graph)
    x, y, heading = _along(graph, edge, offset)
    clear = _clear_of_signals(graph, x, y)
    candidates = np.flatnonzero(clear)
    kept = candidates[_thinned(edge[candidates], offset[candidates])]
    edge, offset, x, y, heading = edge[kept], offset[kept], x[kept], y[kept], heading[kept]
    out = kerb_offset_m(graph)[edge] * (1.0 if side == "right" else -1.0)
    # The right of a heading (cos, sin) is (sin, -cos).
    lon, lat = graph.projection.inverse(x + out * np.sin(heading), y - out * np.cos(heading))
    return Places(edge, offset, lon, lat)


def kerb_offset_m(graph: RoadGraph) -> F8:
    """Distance [E] from an edge's line to its kerb; the line is the middle of the street, one-way or not."""
    lanes = np.maximum(graph.edge_lanes.astype(np.float64), 1.0) * LANE_WIDTH_M
    return np.where(graph.edge_reverse >= 0, lanes, lanes / 2) + KERB_GAP_M


def eligible(graph: RoadGraph) -> Bool:
    """Tell for each edge [E] whether its kind of road may have stopping places."""
    kind = np.isin(graph.edge_class, np.array(sorted(CLASSES), dtype=np.uint8))
    return np.asarray(kind & ((graph.edge_flags & int(FORBIDDEN_FLAGS)) == 0))


def _candidates(graph: RoadGraph) -> tuple[I8, F8]:
    usable = graph.edge_length_m - 2 * CLEAR_OF_ENDS_M
    edges = np.flatnonzero(eligible(graph) & (usable >= 0))
    count = np.floor(usable[edges] / CANDIDATES_EVERY_M).astype(np.int64) + 1
    edge = np.repeat(edges, count)
    step = np.arange(len(edge)) - np.repeat(np.cumsum(count) - count, count)
    first = CLEAR_OF_ENDS_M + (usable[edge] - (np.repeat(count, count) - 1) * CANDIDATES_EVERY_M) / 2
    return edge.astype(np.int64), np.asarray(np.round(first + step * CANDIDATES_EVERY_M, 2), dtype=np.float64)


def _along(graph: RoadGraph, edge: I8, offset: F8) -> tuple[F8, F8, F8]:
    """Position in metres and heading (radians, from east against the clock) at `offset` along each edge."""
    points = np.diff(graph.geom_offset)
    owner = np.repeat(np.arange(graph.edge_count), points)
    step = np.hypot(*np.diff(graph.geom_xy, axis=0, prepend=graph.geom_xy[:1]).T)
    step[graph.geom_offset[:-1]] = 0.0
    run = np.cumsum(step)
    along = run - run[graph.geom_offset[:-1]][owner]
    # One sorted key for all edges: the edge's number, then the way along it as a share of more than its length.
    scale = float(graph.edge_length_m.max()) * 2 + 1.0
    vertex = np.searchsorted(owner * scale + along, edge * scale + offset, side="right") - 1
    vertex = np.clip(vertex, graph.geom_offset[edge], graph.geom_offset[edge + 1] - 2)
    a, b = graph.geom_xy[vertex], graph.geom_xy[vertex + 1]
    length = np.hypot(*(b - a).T)
    t = (offset - along[vertex]) / np.where(length > 0, length, 1.0)
    at = a + (b - a) * t[:, None]
    return at[:, 0], at[:, 1], np.arctan2(b[:, 1] - a[:, 1], b[:, 0] - a[:, 0])


def _clear_of_signals(graph: RoadGraph, x: F8, y: F8) -> Bool:
    nodes = graph.node_signal | graph.node_crossing
    cx, cy, _ = _along(graph, graph.crossing_edge.astype(np.int64), graph.crossing_offset_m)
    guarded = np.column_stack([np.concatenate([graph.node_x[nodes], cx]), np.concatenate([graph.node_y[nodes], cy])])
    if not len(guarded) or not len(x):
        return np.ones(len(x), dtype=np.bool_)
    distance, _ = cKDTree(guarded).query(np.column_stack([x, y]))
    return np.asarray(distance >= CLEAR_OF_SIGNALS_M)


def _thinned(edge: I8, offset: F8) -> I8:
    """Keep places of one edge apart by SPACING_M. An edge shorter than that keeps the one nearest its middle."""
    kept: list[int] = []
    bounds = np.flatnonzero(np.diff(edge, prepend=-1, append=-1))
    for begin, end in pairwise(bounds.tolist()):
        mine = offset[begin:end]
        span = mine[-1] - mine[0]
        if span < SPACING_M:
            kept.append(int(begin + np.argmin(np.abs(mine - (mine[0] + span / 2)))))
            continue
        last = -np.inf
        for k, at in enumerate(mine):
            if at - last >= SPACING_M:
                kept.append(int(begin + k))
                last = at
    return np.array(kept, dtype=np.int64)
