"""Parts of a network: the largest that hangs together, and cutting it out."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components

from geofence.roads.domain.graph import I4, Bool, RoadGraph
from geofence.roads.domain.turns import turn_table


@dataclass(frozen=True, slots=True)
class Dropped:
    """What was cut off because it can't be reached from, or left towards, the rest."""

    edges: int
    length_m: float
    parts: int
    names: tuple[str, ...]


def largest_connected(graph: RoadGraph) -> tuple[RoadGraph, Dropped]:
    """The largest set of edges in which every edge can be driven to from every other, turns and restrictions included.

    Connectivity is judged between edges, not nodes: a junction where no turn is legal joins nothing. Largest means
    most edges: a lone driveway of a kilometre is no network.
    """
    turns = turn_table(graph)
    usable = turns.open(None)
    arcs = (np.ones(usable.sum(), dtype=np.int8), (turns.from_edge[usable], turns.to_edge[usable]))
    matrix = csr_matrix(arcs, shape=(graph.edge_count, graph.edge_count))
    parts, label = connected_components(matrix, directed=True, connection="strong")
    keep = label == np.bincount(label, minlength=parts).argmax()
    lost = np.flatnonzero(~keep)
    names = sorted({graph.name_of(int(edge)) for edge in lost} - {""})
    kept = subgraph(graph, keep)
    return kept, Dropped(len(lost), float(graph.edge_length_m[lost].sum()), int(parts) - 1, tuple(names))


def subgraph(graph: RoadGraph, keep: Bool) -> RoadGraph:
    """The network of the edges `keep` [E] and their ends, renumbered densely in the old order."""
    if keep.all():
        return graph
    edges = np.flatnonzero(keep)
    new_edge = _renumber(graph.edge_count, edges)
    nodes = np.unique(np.concatenate([graph.edge_from[edges], graph.edge_to[edges]]))
    new_node = _renumber(graph.node_count, nodes)
    reverse = graph.edge_reverse[edges]
    counts = np.diff(graph.geom_offset)[edges]
    points = np.repeat(graph.geom_offset[:-1][edges], counts) + _ranks(counts)
    turns = new_edge[graph.turn_forbidden]
    crossings = keep[graph.crossing_edge]
    used = np.unique(graph.edge_name_id[edges])
    new_name = _renumber(len(graph.edge_name), used)
    per_node = {name: array[nodes] for name, array in graph.arrays() if name.startswith("node_")}
    per_edge = {
        name: array[edges] for name, array in graph.arrays() if name.startswith("edge_") and name != "edge_reverse"
    }
    changed = (
        per_node
        | per_edge
        | {
            "edge_from": new_node[graph.edge_from[edges]],
            "edge_to": new_node[graph.edge_to[edges]],
            "edge_reverse": np.where(reverse >= 0, new_edge[reverse], -1),
            "edge_name": tuple(graph.edge_name[index] for index in used),
            "edge_name_id": new_name[graph.edge_name_id[edges]],
            "geom_offset": np.concatenate([[0], np.cumsum(counts)]),
            "geom_xy": graph.geom_xy[points],
            "geom_lonlat": graph.geom_lonlat[points],
            "turn_forbidden": turns[(turns >= 0).all(axis=1)],
            "crossing_edge": new_edge[graph.crossing_edge[crossings]],
            "crossing_offset_m": graph.crossing_offset_m[crossings],
        }
    )
    return replace(graph, **changed)


def _renumber(size: int, kept: npt.NDArray[np.integer[Any]]) -> I4:
    new = np.full(size, -1, dtype=np.int32)
    new[kept] = np.arange(len(kept))
    return new


def _ranks(counts: I4) -> I4:
    """0, 1, … count - 1 for each count, end to end."""
    return np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
