"""An area around a whole road network, to begin a service with."""

from __future__ import annotations

from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import MultiPoint, Polygon
from shapely.geometry.base import BaseGeometry

from geofence.roads.domain.graph import RoadGraph
from geofence.zones.domain.geometry import MAX_RING_VERTICES

GRID_M: Final = 40.0
CONCAVITY: Final = 0.2


def around(graph: RoadGraph, *, margin_m: float) -> Polygon:
    """Return a polygon (WGS84 degrees) without holes that holds every road of `graph` and about `margin_m` beyond.

    It follows the outline of the network where that can be done with the vertices that a zone may have, and is the
    convex hull otherwise.
    """
    owner = np.repeat(np.arange(graph.edge_count), np.diff(graph.geom_offset))
    roads = shapely.linestrings(graph.geom_xy, indices=owner)
    # One point a grid cell is enough for an outline, and makes it independent of the network's size.
    dense = shapely.get_coordinates(shapely.segmentize(roads, GRID_M))
    _, kept = np.unique(np.floor(dense / GRID_M).astype(np.int64), axis=0, return_index=True)
    hulls = (
        shapely.concave_hull(MultiPoint(dense[kept]), ratio=CONCAVITY),
        shapely.convex_hull(MultiPoint(graph.geom_xy)),
    )
    for hull in hulls:
        outline = _in_degrees(graph, _simplified(hull, margin_m))
        if outline is not None and _holds(outline, graph, owner):
            return outline
    raise ValueError("the network has no outline")


def _simplified(hull: BaseGeometry, margin_m: float) -> BaseGeometry:
    grown = shapely.buffer(hull, margin_m, quad_segs=4)
    outline = grown
    tolerance = margin_m / 20
    while shapely.get_num_coordinates(outline) > MAX_RING_VERTICES and tolerance < margin_m:
        tolerance *= 1.5
        outline = shapely.simplify(grown, tolerance)
    return outline


def _in_degrees(graph: RoadGraph, outline: BaseGeometry) -> Polygon | None:
    if not isinstance(outline, Polygon) or len(outline.exterior.coords) > MAX_RING_VERTICES:
        return None
    xy = shapely.get_coordinates(outline.exterior)
    lon, lat = graph.projection.inverse(xy[:, 0], xy[:, 1])
    # A centimetre is fine enough for an area, and keeps the numbers short for people who edit it.
    ring = np.asarray(np.round(np.column_stack([lon, lat]), 7), dtype=np.float64)
    ring[-1] = ring[0]
    polygon = Polygon(ring)
    return polygon if polygon.is_valid else None


def _holds(outline: Polygon, graph: RoadGraph, owner: NDArray[np.int64]) -> bool:
    shapely.prepare(outline)
    return bool(shapely.covers(outline, shapely.linestrings(graph.geom_lonlat, indices=owner)).all())
