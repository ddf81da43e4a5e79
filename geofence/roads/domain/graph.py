"""The drivable network as flat arrays: what routers, zones, stops and cars compute on."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, fields
from enum import IntEnum, IntFlag
from functools import cached_property

import numpy as np
import numpy.typing as npt

from geofence.roads.domain.projection import LocalProjection

F8 = npt.NDArray[np.float64]
I4 = npt.NDArray[np.int32]
I8 = npt.NDArray[np.int64]
U1 = npt.NDArray[np.uint8]
U2 = npt.NDArray[np.uint16]
Bool = npt.NDArray[np.bool_]


class RoadClass(IntEnum):
    """OpenStreetMap's `highway` values that a car may use; links share the class of their road."""

    MOTORWAY = 0
    TRUNK = 1
    PRIMARY = 2
    SECONDARY = 3
    TERTIARY = 4
    UNCLASSIFIED = 5
    RESIDENTIAL = 6
    LIVING_STREET = 7
    SERVICE = 8


class EdgeFlag(IntFlag):
    """Bits of `RoadGraph.edge_flags`."""

    BRIDGE = 1
    TUNNEL = 2
    ROUNDABOUT = 4
    LINK = 8


DTYPES: dict[str, str] = {
    "node_lon": "<f8",
    "node_lat": "<f8",
    "node_x": "<f8",
    "node_y": "<f8",
    "node_osm_id": "<i8",
    "node_signal": "|b1",
    "node_crossing": "|b1",
    "edge_from": "<i4",
    "edge_to": "<i4",
    "edge_length_m": "<f8",
    "edge_speed_mps": "<f8",
    "edge_class": "|u1",
    "edge_lanes": "|u1",
    "edge_way_id": "<i8",
    "edge_reverse": "<i4",
    "edge_flags": "<u2",
    "edge_name_id": "<i4",
    "geom_offset": "<i4",
    "geom_xy": "<f8",
    "geom_lonlat": "<f8",
    "turn_forbidden": "<i4",
    "crossing_edge": "<i4",
    "crossing_offset_m": "<f8",
}


@dataclass(frozen=True, eq=False)
class RoadGraph:
    """N nodes (junctions), E directed edges, P points of geometry, R forbidden turns, C crossings.

    `edge_speed_mps` is the legal limit or the class's default; `edge_lanes` counts lanes in the edge's direction;
    `edge_reverse` is the twin in the other direction or -1; the points of edge e are
    `geom_xy[geom_offset[e]:geom_offset[e + 1]]` (metres in `projection`) and the same rows of `geom_lonlat`.
    `edge_length_m` is the length of that line in metres. `turn_forbidden` holds pairs (from_edge, to_edge).
    The name of edge e is `edge_name[edge_name_id[e]]`; an unnamed road has the empty name.
    """

    projection: LocalProjection
    node_lon: F8
    node_lat: F8
    node_x: F8
    node_y: F8
    node_osm_id: I8
    node_signal: Bool
    node_crossing: Bool
    edge_from: I4
    edge_to: I4
    edge_length_m: F8
    edge_speed_mps: F8
    edge_class: U1
    edge_lanes: U1
    edge_way_id: I8
    edge_reverse: I4
    edge_flags: U2
    edge_name: tuple[str, ...]
    edge_name_id: I4
    geom_offset: I4
    geom_xy: F8
    geom_lonlat: F8
    turn_forbidden: I4
    crossing_edge: I4
    crossing_offset_m: F8

    def __post_init__(self) -> None:
        for name, dtype in DTYPES.items():
            array = np.ascontiguousarray(getattr(self, name), dtype=dtype)
            array.setflags(write=False)
            object.__setattr__(self, name, array)

    @property
    def node_count(self) -> int:
        return len(self.node_x)

    @property
    def edge_count(self) -> int:
        return len(self.edge_from)

    @cached_property
    def digest(self) -> str:
        """sha256 over the projection, the names and every array: two maps with one digest are the same map."""
        hasher = hashlib.sha256()
        hasher.update(repr((self.projection.lon0, self.projection.lat0)).encode())
        hasher.update("\x00".join(self.edge_name).encode())
        for name, array in self.arrays():
            hasher.update(f"{name}{array.shape}".encode())
            hasher.update(array.tobytes())
        return hasher.hexdigest()

    @cached_property
    def bbox(self) -> tuple[float, float, float, float]:
        """West, south, east, north in degrees."""
        lon, lat = self.geom_lonlat[:, 0], self.geom_lonlat[:, 1]
        return float(lon.min()), float(lat.min()), float(lon.max()), float(lat.max())

    def arrays(self) -> Iterator[tuple[str, npt.NDArray[np.generic]]]:
        """Every numpy field, in the order of declaration."""
        for field in fields(self):
            if field.name in DTYPES:
                yield field.name, getattr(self, field.name)

    def edge_xy(self, edge: int) -> F8:
        """Points of one edge, metres, [k, 2]."""
        return self.geom_xy[self.geom_offset[edge] : self.geom_offset[edge + 1]]

    def edge_lonlat(self, edge: int) -> F8:
        """Points of one edge, degrees, [k, 2]."""
        return self.geom_lonlat[self.geom_offset[edge] : self.geom_offset[edge + 1]]

    def name_of(self, edge: int) -> str:
        """Street name of one edge, empty when it has none."""
        return self.edge_name[int(self.edge_name_id[edge])]
