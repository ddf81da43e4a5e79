"""Points onto roads."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely

from geofence.roads.domain.graph import F8, I4, Bool, RoadGraph
from geofence.roads.domain.router import RoadPosition, Snapped


@dataclass(frozen=True, eq=False)
class SnappedMany:
    """K points on the road: `edge` [K] (-1: no road in reach), `offset_m`, `lon`, `lat`, `distance_m` [K] (then NaN)."""

    edge: I4
    offset_m: F8
    lon: F8
    lat: F8
    distance_m: F8


class Snapper:
    """An index of all road lines; a two-way street is one line in it, and the point's side decides the direction."""

    def __init__(self, graph: RoadGraph) -> None:
        self._graph = graph
        edges = np.arange(graph.edge_count)
        self._lead = np.flatnonzero((graph.edge_reverse < 0) | (edges < graph.edge_reverse))
        points = np.repeat(edges, np.diff(graph.geom_offset))
        lines = shapely.linestrings(graph.geom_xy, indices=points)
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
        points = shapely.points(np.where(finite, x, 1e12), np.where(finite, y, 1e12))
        which, line, distance = self._nearest(points, max_distance_m, allowed)
        edge = np.full(len(points), -1, dtype=np.int32)
        out = {name: np.full(len(points), np.nan) for name in ("offset", "x", "y", "distance")}
        along = shapely.line_locate_point(self._lines[line], points[which])
        foot = shapely.get_coordinates(shapely.line_interpolate_point(self._lines[line], along))
        chosen, forward = self._directions(line, along, foot, np.column_stack([x, y])[which], allowed, headings_deg)
        length = self._graph.edge_length_m[chosen]
        edge[which] = chosen
        out["offset"][which] = np.clip(np.where(forward, along, length - along), 0.0, length)
        out["x"][which], out["y"][which] = foot.T if len(foot) else ([], [])
        out["distance"][which] = distance
        snapped_lon, snapped_lat = self._graph.projection.inverse(out["x"], out["y"])
        missing = edge < 0
        snapped_lon[missing] = snapped_lat[missing] = np.nan
        return SnappedMany(edge, out["offset"], snapped_lon, snapped_lat, out["distance"])

    def _nearest(
        self, points: npt.NDArray[np.object_], reach_m: float, allowed: Bool | None
    ) -> tuple[I4, I4, F8]:
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

    def _directions(
        self,
        line: I4,
        along: F8,
        foot: F8,
        point: F8,
        allowed: Bool | None,
        headings_deg: npt.ArrayLike | None,
    ) -> tuple[I4, Bool]:
        """The edge of each line to take, and whether it runs as the line does."""
        lead, lines = self._lead[line], self._lines[line]
        twin = self._graph.edge_reverse[lead]
        ahead = shapely.get_coordinates(shapely.line_interpolate_point(lines, along + 0.5))
        behind = shapely.get_coordinates(shapely.line_interpolate_point(lines, np.maximum(along - 0.5, 0.0)))
        tangent = (ahead - behind).reshape(-1, 2)
        if headings_deg is None:
            offset = (point - foot).reshape(-1, 2)
            forward = tangent[:, 0] * offset[:, 1] - tangent[:, 1] * offset[:, 0] <= 0  # to the right of the line
        else:
            heading = np.radians(np.broadcast_to(np.asarray(headings_deg, dtype=float), len(line)))
            forward = tangent[:, 0] * np.sin(heading) + tangent[:, 1] * np.cos(heading) >= 0
        if allowed is not None:
            forward = (forward & allowed[lead]) | ~((twin >= 0) & allowed[twin])
        forward = forward | (twin < 0)
        return np.where(forward, lead, twin), forward
