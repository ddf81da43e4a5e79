"""Points onto roads."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely

from geofence.roads.domain.graph import F8, I4, Bool, RoadGraph
from geofence.roads.domain.router import RoadPosition, Snapped


@dataclass(frozen=True, eq=False)
class SnappedMany:
    """K points on the road: `edge` [K], -1 where no road is in reach; the rest [K] is NaN there."""

    edge: I4
    offset_m: F8
    lon: F8
    lat: F8
    distance_m: F8


class Snapper:
    """An index of all road lines; a two-way street is one line in it, and the point's side decides the direction."""

    def __init__(self, graph: RoadGraph, *, right_hand: bool = True) -> None:
        self._graph = graph
        self._right_hand = right_hand
        edges = np.arange(graph.edge_count)
        self._lead = np.flatnonzero((graph.edge_reverse < 0) | (edges < graph.edge_reverse))
        points = np.repeat(edges, np.diff(graph.geom_offset))
        lines = np.asarray(shapely.linestrings(graph.geom_xy, indices=points))
        self._lines = lines[self._lead]
        self._tree = shapely.STRtree(self._lines)

    def snap(
        self,
        lon: float,
        lat: float,
        *,
        max_distance_m: float,
        allowed: Bool | None = None,
        heading_deg: float | None = None,
    ) -> Snapped | None:
        """The nearest place on an allowed edge, or None. `heading_deg` (clockwise from north) picks the direction."""
        many = self.snap_many([lon], [lat], max_distance_m=max_distance_m, allowed=allowed, headings_deg=heading_deg)
        if many.edge[0] < 0:
            return None
        position = RoadPosition(int(many.edge[0]), float(many.offset_m[0]))
        return Snapped(position, float(many.lon[0]), float(many.lat[0]), float(many.distance_m[0]))

    def snap_many(
        self,
        lon: npt.ArrayLike,
        lat: npt.ArrayLike,
        *,
        max_distance_m: float,
        allowed: Bool | None = None,
        headings_deg: npt.ArrayLike | None = None,
    ) -> SnappedMany:
        """`snap` of K points at once, by one query of the index. Points that are not finite have no road in reach."""
        x, y = self._graph.projection.forward(lon, lat)
        finite = np.isfinite(x) & np.isfinite(y)
        points = np.asarray(shapely.points(np.where(finite, x, 1e12), np.where(finite, y, 1e12)))
        hits = self._hits(points, max_distance_m, allowed)
        if headings_deg is None:
            forward = self._faced(hits, np.column_stack([x, y])[hits.which])
        else:
            forward = self._headed(
                hits, np.broadcast_to(np.asarray(headings_deg, dtype=float), len(points))[hits.which]
            )
        chosen, forward = self._directions(hits.line, forward, allowed)
        length = self._graph.edge_length_m[chosen]
        made = SnappedMany(np.full(len(points), -1, dtype=np.int32), *(np.full(len(points), np.nan) for _ in range(4)))
        made.edge[hits.which] = chosen
        made.offset_m[hits.which] = np.clip(np.where(forward, hits.along, length - hits.along), 0.0, length)
        made.lon[hits.which], made.lat[hits.which] = self._graph.projection.inverse(*hits.foot.T)
        made.distance_m[hits.which] = hits.distance
        return made

    def _hits(self, points: npt.NDArray[np.object_], reach_m: float, allowed: Bool | None) -> "_Hits":
        which, line, distance = self._nearest(points, reach_m, allowed)
        lines = self._lines[line]
        along = np.asarray(shapely.line_locate_point(lines, points[which]))
        foot = shapely.get_coordinates(shapely.line_interpolate_point(lines, along)).reshape(-1, 2)
        ahead = shapely.get_coordinates(shapely.line_interpolate_point(lines, along + 0.5)).reshape(-1, 2)
        behind = shapely.get_coordinates(shapely.line_interpolate_point(lines, np.maximum(along - 0.5, 0.0)))
        return _Hits(which, line, distance, along, foot, ahead - behind.reshape(-1, 2))

    def _nearest(self, points: npt.NDArray[np.object_], reach_m: float, allowed: Bool | None) -> tuple[I4, I4, F8]:
        """For each point that has one: its number, the nearest usable line and the distance."""
        if allowed is None:
            pairs, distance = self._tree.query_nearest(
                points, max_distance=reach_m, return_distance=True, all_matches=False
            )
            return pairs[0], pairs[1], distance
        twin = self._graph.edge_reverse[self._lead]
        usable = allowed[self._lead] | ((twin >= 0) & allowed[twin])
        which, line = self._tree.query(points, predicate="dwithin", distance=reach_m)
        keep = usable[line]
        which, line = which[keep], line[keep]
        distance = shapely.distance(points[which], self._lines[line])
        order = np.lexsort((line, distance, which))
        first = order[np.unique(which[order], return_index=True)[1]]
        return which[first], line[first], distance[first]

    def _faced(self, hits: "_Hits", point: F8) -> Bool:
        """Whether each point lies on the line's own kerb side."""
        offset = point - hits.foot
        left: F8 = hits.tangent[:, 0] * offset[:, 1] - hits.tangent[:, 1] * offset[:, 0]
        return left <= 0 if self._right_hand else left >= 0

    def _headed(self, hits: "_Hits", heading_deg: F8) -> Bool:
        """Whether each line runs along the heading rather than against it."""
        heading = np.radians(heading_deg)
        with_it: Bool = hits.tangent[:, 0] * np.sin(heading) + hits.tangent[:, 1] * np.cos(heading) >= 0
        return with_it

    def _directions(self, line: I4, forward: Bool, allowed: Bool | None) -> tuple[I4, Bool]:
        """The edge of each line to take, the wanted one where it is open, and whether it runs as the line does."""
        lead = self._lead[line]
        twin = self._graph.edge_reverse[lead]
        if allowed is not None:
            forward = (forward & allowed[lead]) | ~((twin >= 0) & allowed[twin])
        forward = forward | (twin < 0)
        return np.where(forward, lead, twin), forward


@dataclass(frozen=True, eq=False)
class _Hits:
    """H points that have a road in reach: their numbers, lines, and where on them; `tangent` [H, 2] along the line."""

    which: I4
    line: I4
    distance: F8
    along: F8
    foot: F8
    tangent: F8
