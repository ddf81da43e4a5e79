"""How far a place is on foot: along the streets, whichever way the cars drive, but not on motorways."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_matrix, csr_matrix
from scipy.sparse.csgraph import dijkstra
from scipy.spatial import cKDTree

from geofence.roads.domain.graph import RoadClass, RoadGraph
from geofence.stops.domain.places import Places

F8 = NDArray[np.float64]
I8 = NDArray[np.int64]

WALK_MPS: Final = 1.33
# A person beside a block may leave it to any street around; streets this much farther than the nearest are tried too.
ALSO_WITHIN_M: Final = 60.0
MAX_ACCESS_STREETS: Final = 6
ON_FOOT: Final = frozenset(RoadClass) - {RoadClass.MOTORWAY}


@dataclass(frozen=True, eq=False)
class _Access:
    """Streets that a person can step onto: `edge` [A], reached at `offset_m` [A] after `leg_m` [A] on foot."""

    edge: I8
    offset_m: F8
    leg_m: F8


class WalkingMap:
    """The streets of `graph` for people, with the stopping `places` on them. Safe to share between threads."""

    def __init__(self, graph: RoadGraph, places: Places) -> None:
        self._graph = graph
        self.places = places
        x, y = graph.projection.forward(places.lon, places.lat)
        self._place_xy = np.column_stack([x, y])
        self._place_tree = cKDTree(self._place_xy) if len(x) else None
        walkable = np.isin(graph.edge_class, np.array(sorted(ON_FOOT), dtype=np.uint8))
        twin_first = (graph.edge_reverse < 0) | (np.arange(graph.edge_count) < graph.edge_reverse)
        self._street = np.flatnonzero(walkable & twin_first)
        owner = np.repeat(np.arange(graph.edge_count), np.diff(graph.geom_offset))
        self._lines = np.asarray(shapely.linestrings(graph.geom_xy, indices=owner))
        self._tree = shapely.STRtree(self._lines[self._street])
        self._network = _undirected(graph, np.flatnonzero(walkable))
        self._kerb_m = _distance_to_line(self._lines, places.edge, self._place_xy)

    def distances(self, lon: float, lat: float, max_walk_m: float) -> tuple[I8, F8]:
        """Return the indexes of the places within `max_walk_m` on foot of the point, nearest first, and the metres."""
        x, y = (float(v) for v in self._graph.projection.forward(lon, lat))
        none = np.zeros(0, dtype=np.int64), np.zeros(0)
        if not np.isfinite(x + y) or self._place_tree is None:
            return none
        # No way on foot is shorter than the straight line.
        near = np.array(sorted(self._place_tree.query_ball_point((x, y), max_walk_m)), dtype=np.int64)
        access = self._access(x, y, max_walk_m)
        if not len(near) or not len(access.edge):
            return none
        metres = self._walk(access, near, max_walk_m)
        metres = np.maximum(metres, np.hypot(*(self._place_xy[near] - (x, y)).T))
        order = np.argsort(metres, kind="stable")
        order = order[metres[order] <= max_walk_m]
        return near[order], metres[order]

    def _access(self, x: float, y: float, max_walk_m: float) -> _Access:
        point = shapely.Point(x, y)
        found, distance = self._tree.query_nearest(
            point, max_distance=max_walk_m, return_distance=True, all_matches=False
        )
        if not len(found):
            return _Access(np.zeros(0, np.int64), np.zeros(0), np.zeros(0))
        reach = min(float(distance[0]) + ALSO_WITHIN_M, max_walk_m)
        edge = self._street[self._tree.query(point, predicate="dwithin", distance=reach)]
        leg = np.asarray(shapely.distance(self._lines[edge], point))
        nearest = np.argsort(leg, kind="stable")[:MAX_ACCESS_STREETS]
        along = np.asarray(shapely.line_locate_point(self._lines[edge[nearest]], point))
        return _Access(edge[nearest], along, leg[nearest])

    def _walk(self, access: _Access, near: I8, max_walk_m: float) -> F8:
        graph = self._graph
        to_node = self._to_nodes(access, max_walk_m)
        edge, offset = self.places.edge[near], self.places.offset_m[near]
        rest = graph.edge_length_m[edge] - offset
        walk = np.minimum(to_node[graph.edge_from[edge]] + offset, to_node[graph.edge_to[edge]] + rest)
        # On the street that one steps onto, one need not go by its ends.
        for a_edge, a_offset, leg in zip(access.edge, access.offset_m, access.leg_m, strict=True):
            same = edge == a_edge
            walk[same] = np.minimum(walk[same], leg + np.abs(offset[same] - a_offset))
            twin = edge == graph.edge_reverse[a_edge]
            walk[twin] = np.minimum(walk[twin], leg + np.abs(rest[twin] - a_offset))
        return np.asarray(walk + self._kerb_m[near])

    def _to_nodes(self, access: _Access, max_walk_m: float) -> F8:
        """Metres on foot to every node, infinity beyond `max_walk_m`: one search from a node added for the person."""
        graph, street = self._graph, self._network
        ends = np.concatenate([graph.edge_from[access.edge], graph.edge_to[access.edge]])
        rest = graph.edge_length_m[access.edge] - access.offset_m
        legs = np.concatenate([access.leg_m + access.offset_m, access.leg_m + np.maximum(rest, 0.0)])
        order = np.lexsort((legs, ends))
        first = order[np.diff(ends[order], prepend=-1) != 0]
        # A stored zero would read as "no way".
        data = np.concatenate([street.data, np.maximum(legs[first], 1e-6)])
        indices = np.concatenate([street.indices, ends[first].astype(street.indices.dtype)])
        indptr = np.append(street.indptr, len(indices)).astype(street.indptr.dtype)
        nodes = graph.node_count + 1
        with_person = csr_matrix((data, indices, indptr), shape=(nodes, nodes))
        reached = dijkstra(with_person, directed=True, indices=[graph.node_count], limit=max_walk_m)
        return np.asarray(reached[0, :-1], dtype=np.float64)


def _undirected(graph: RoadGraph, edges: I8) -> csr_matrix:
    """Symmetric matrix of street lengths. Parallel streets keep the shortest, where a sparse matrix would add them."""
    a, b = graph.edge_from[edges].astype(np.int64), graph.edge_to[edges].astype(np.int64)
    length = np.maximum(graph.edge_length_m[edges], 1e-6)
    row, column, metres = np.concatenate([a, b]), np.concatenate([b, a]), np.concatenate([length, length])
    order = np.lexsort((metres, column, row))
    pair = (row * graph.node_count + column)[order]
    kept = order[np.diff(pair, prepend=-1) != 0]
    shape = (graph.node_count, graph.node_count)
    return csr_matrix(coo_matrix((metres[kept], (row[kept], column[kept])), shape=shape))


def _distance_to_line(lines: NDArray[np.object_], edge: I8, xy: F8) -> F8:
    return np.asarray(shapely.distance(lines[edge], shapely.points(xy)), dtype=np.float64).reshape(len(edge))
