"""From the pieces of ways to the arrays of a road graph."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from geofence.roads.domain.graph import I4, RoadGraph
from geofence.roads.domain.osm.extract import Extract, ExtractError, Restriction
from geofence.roads.domain.osm.pieces import Cutter, Key, Piece
from geofence.roads.domain.osm.tags import Lane
from geofence.roads.domain.projection import LocalProjection


@dataclass(frozen=True, slots=True)
class _Edge:
    piece: Piece
    lane: Lane
    forward: bool
    twin: int

    @property
    def ends(self) -> tuple[Key, Key]:
        ends = (self.piece.start, self.piece.end)
        return ends if self.forward else (ends[1], ends[0])


def assemble(extract: Extract) -> RoadGraph:
    """The whole drivable network of an extract, connected or not. Raises ExtractError when no road has its nodes."""
    projection = _centre(extract)
    cutter = Cutter(extract, projection)
    edges = list(_edges(cutter))
    if not edges:
        raise ExtractError("no road has both its ends inside the extract")
    keys = sorted({key for edge in edges for key in edge.ends})
    number = {key: index for index, key in enumerate(keys)}
    nodes = [extract.nodes[ref] for ref, _ in keys]
    lon, lat = np.array([n.lon for n in nodes]), np.array([n.lat for n in nodes])
    x, y = projection.forward(lon, lat)
    names = sorted({edge.piece.way.profile.name for edge in edges})
    name_id = {name: index for index, name in enumerate(names)}
    lines = [edge.piece.xy if edge.forward else edge.piece.xy[::-1] for edge in edges]
    xy = np.concatenate(lines)
    crossings = list(_crossings(edges, extract))
    return RoadGraph(
        projection=projection,
        node_lon=lon,
        node_lat=lat,
        node_x=x,
        node_y=y,
        node_osm_id=np.array([ref for ref, _ in keys]),
        node_signal=np.array([n.signal or key in cutter.signalled for n, key in zip(nodes, keys, strict=True)]),
        node_crossing=np.array([n.crossing for n in nodes]),
        edge_from=_int([number[edge.ends[0]] for edge in edges]),
        edge_to=_int([number[edge.ends[1]] for edge in edges]),
        edge_length_m=np.array([edge.piece.along_m[-1] for edge in edges]),
        edge_speed_mps=np.array([edge.lane.speed_mps for edge in edges]),
        edge_class=np.array([edge.piece.way.profile.road for edge in edges], dtype=np.uint8),
        edge_lanes=np.array([edge.lane.lanes for edge in edges], dtype=np.uint8),
        edge_way_id=np.array([edge.piece.way.id for edge in edges], dtype=np.int64),
        edge_reverse=_int([edge.twin for edge in edges]),
        edge_flags=np.array([edge.piece.way.profile.flags for edge in edges], dtype=np.uint16),
        edge_name=tuple(names),
        edge_name_id=_int([name_id[edge.piece.way.profile.name] for edge in edges]),
        geom_offset=np.concatenate([[0], np.cumsum([len(line) for line in lines])]).astype(np.int32),
        geom_xy=xy,
        geom_lonlat=np.column_stack(projection.inverse(xy[:, 0], xy[:, 1])).round(9),
        turn_forbidden=_forbidden(edges, extract.restrictions),
        crossing_edge=_int([edge for edge, _ in crossings]),
        crossing_offset_m=np.array([offset for _, offset in crossings], dtype=float),
    )


def _int(values: list[int]) -> I4:
    return np.array(values, dtype=np.int32)


def _centre(extract: Extract) -> LocalProjection:
    if not extract.nodes:
        raise ExtractError("none of the roads' nodes is inside the extract")
    lon = [node.lon for node in extract.nodes.values()]
    lat = [node.lat for node in extract.nodes.values()]
    return LocalProjection(round((min(lon) + max(lon)) / 2, 4), round((min(lat) + max(lat)) / 2, 4))


def _edges(cutter: Cutter) -> Iterator[_Edge]:
    first = 0
    for piece in cutter.pieces():
        lanes = ((piece.way.profile.forward, True), (piece.way.profile.backward, False))
        open_ = [(lane, forward) for lane, forward in lanes if lane is not None]
        for index, (lane, forward) in enumerate(open_):
            yield _Edge(piece, lane, forward, first + 1 - index if len(open_) == 2 else -1)
        first += len(open_)


def _crossings(edges: list[_Edge], extract: Extract) -> Iterator[tuple[int, float]]:
    """Crossings inside an edge; one at a junction is `node_crossing`."""
    for index, edge in enumerate(edges):
        piece = edge.piece
        for ref, along in zip(piece.refs[1:-1], piece.along_m[1:-1], strict=True):
            if extract.nodes[ref].crossing:
                yield index, float(along if edge.forward else piece.along_m[-1] - along)


def _forbidden(edges: list[_Edge], restrictions: list[Restriction]) -> I4:
    """Pairs of edges, sorted; `only_*` forbids every other way out, U-turns included."""
    arriving: dict[tuple[int, int], list[int]] = defaultdict(list)
    leaving: dict[tuple[int, int], list[int]] = defaultdict(list)
    out: dict[int, list[int]] = defaultdict(list)
    for index, edge in enumerate(edges):
        start, end = edge.ends
        arriving[edge.piece.way.id, end[0]].append(index)
        leaving[edge.piece.way.id, start[0]].append(index)
        out[start[0]].append(index)
    pairs: set[tuple[int, int]] = set()
    for rule in restrictions:
        to = {edge for way in rule.to_ways for edge in leaving[way, rule.via]}
        for source in (edge for way in rule.from_ways for edge in arriving[way, rule.via]):
            targets = set(out[rule.via]) - to if rule.only else to
            if not rule.only or to:
                pairs |= {(source, target) for target in targets}
    return np.array(sorted(pairs), dtype=np.int32).reshape(-1, 2)
