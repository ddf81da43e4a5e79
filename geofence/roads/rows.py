"""Rows of a network's tables, in PostgreSQL's COPY form."""

from collections.abc import Iterator
from uuid import UUID

import numpy as np
import shapely

from geofence.roads.domain.graph import EdgeFlag, RoadGraph
from geofence.roads.domain.osm.extract import Area

EDGE_COLUMNS = (
    "network_id",
    "index",
    "road_class",
    "name",
    "way_id",
    "oneway",
    "drawn",
    "bridge",
    "tunnel",
    "link",
    "lanes",
    "speed_mps",
    "geom",
)
FEATURE_COLUMNS = ("network_id", "kind", "name", "geom")
_NAME_LENGTH = 255

Row = tuple[object, ...]


def edge_rows(network_id: UUID, graph: RoadGraph) -> Iterator[Row]:
    """One row for each directed edge, in `EDGE_COLUMNS`; geometry as hexadecimal EWKB in WGS84."""
    points = np.repeat(np.arange(graph.edge_count), np.diff(graph.geom_offset))
    geometries = _ewkb(shapely.linestrings(graph.geom_lonlat, indices=points))
    for edge in range(graph.edge_count):
        flags = EdgeFlag(int(graph.edge_flags[edge]))
        twin = int(graph.edge_reverse[edge])
        yield (
            network_id,
            edge,
            int(graph.edge_class[edge]),
            graph.name_of(edge)[:_NAME_LENGTH],
            int(graph.edge_way_id[edge]),
            twin < 0,
            twin < 0 or edge < twin,
            EdgeFlag.BRIDGE in flags,
            EdgeFlag.TUNNEL in flags,
            EdgeFlag.LINK in flags,
            int(graph.edge_lanes[edge]),
            float(graph.edge_speed_mps[edge]),
            geometries[edge],
        )


def feature_rows(network_id: UUID, graph: RoadGraph, areas: list[Area]) -> Iterator[Row]:
    """Areas of the base map and the network's signals, in `FEATURE_COLUMNS`."""
    shapes = _ewkb(shapely.from_wkb([area.wkb for area in areas])) if areas else []
    for area, shape in zip(areas, shapes, strict=True):
        yield network_id, area.kind, area.name[:_NAME_LENGTH], shape
    lit = graph.node_signal
    for shape in _ewkb(shapely.points(graph.node_lon[lit], graph.node_lat[lit])):
        yield network_id, "signal", "", shape


def _ewkb(geometries: object) -> list[str]:
    shapes = np.asarray(shapely.set_srid(np.asarray(geometries, dtype=object), 4326))
    return [str(shape) for shape in np.atleast_1d(shapely.to_wkb(shapes, hex=True, include_srid=True))]
