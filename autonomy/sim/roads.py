"""The road map as the car carries it: the exported network, read from a plain .npz (no pickle)."""

import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pyproj
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from autonomy.world.place import RoadPosition

F8 = NDArray[np.float64]
FLAG_BRIDGE, FLAG_TUNNEL, FLAG_ROUNDABOUT = 1, 2, 4
CLASS_TRUNK = 1
LANE_WIDTH_M = 3.25
KERB_SHIFT_M = 2.7  # lane centre to the middle of the kerb strip: a 2 m wide body leaves 0.65 m to one in the lane
AREA_HOLE, AREA_WATER, AREA_PARK, AREA_BUILDING = range(4)
_OPTIONAL = ["crossing_edge", "crossing_offset_m", "area_kind", "area_offset", "area_xy"]
_FIELDS = [
    "node_lon",
    "node_lat",
    "node_x",
    "node_y",
    "node_osm_id",
    "node_signal",
    "edge_from",
    "edge_to",
    "edge_length_m",
    "edge_speed_mps",
    "edge_class",
    "edge_lanes",
    "edge_reverse",
    "edge_flags",
    "geom_offset",
    "geom_xy",
    "turn_forbidden",
]


@dataclass(frozen=True, eq=False)
class RoadMap:
    """N nodes, E directed edges; geometry in metres east and north of (`lon0`, `lat0`), transverse Mercator.

    Optional, for the eye only: walkers' crossings, and R rings of the ground (`area_kind`: AREA_*), ring r being
    `area_xy[area_offset[r]:area_offset[r + 1]]`.
    """

    lon0: float
    lat0: float
    digest: str
    node_x: F8
    node_y: F8
    node_osm_id: NDArray[np.int64]
    node_signal: NDArray[np.bool_]
    edge_from: NDArray[np.int32]
    edge_to: NDArray[np.int32]
    edge_length_m: F8
    edge_speed_mps: F8
    edge_class: NDArray[np.uint8]
    edge_lanes: NDArray[np.uint8]
    edge_reverse: NDArray[np.int32]
    edge_flags: NDArray[np.uint16]
    geom_offset: NDArray[np.int32]
    geom_xy: F8
    turn_forbidden: NDArray[np.int32]
    drive_on_right: bool = True
    crossing_edge: NDArray[np.int32] = field(default_factory=lambda: np.zeros(0, dtype=np.int32))
    crossing_offset_m: F8 = field(default_factory=lambda: np.zeros(0))
    area_kind: NDArray[np.uint8] = field(default_factory=lambda: np.zeros(0, dtype=np.uint8))
    area_offset: NDArray[np.int32] = field(default_factory=lambda: np.zeros(1, dtype=np.int32))
    area_xy: NDArray[np.float32] = field(default_factory=lambda: np.zeros((0, 2), dtype=np.float32))

    @classmethod
    def load(cls, path: str | Path) -> "RoadMap":
        """Read an exported map. Raises ValueError that says what is wrong with the file."""
        try:
            with np.load(path, allow_pickle=False) as archive:
                arrays = {name: archive[name] for name in archive.files}
        except (OSError, ValueError, EOFError, zipfile.BadZipFile) as error:
            raise ValueError(f"map: {path} can't be read: {error}") from error
        return cls.from_arrays(arrays)

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, Any]) -> "RoadMap":
        """A map from arrays by field name. Raises ValueError for missing or inconsistent fields."""
        missing = [name for name in (*_FIELDS, "lon0", "lat0", "digest") if name not in arrays]
        if missing:
            raise ValueError(f"map: fields missing: {', '.join(missing)}")
        digest = _text(arrays["digest"])
        right = bool(np.asarray(arrays.get("drive_on_right", True)))
        kept = {name: np.asarray(arrays[name]) for name in _FIELDS if name not in ("node_lon", "node_lat")}
        kept |= {name: np.asarray(arrays[name]) for name in _OPTIONAL if name in arrays}
        road_map = cls(float(arrays["lon0"]), float(arrays["lat0"]), digest, drive_on_right=right, **kept)
        road_map._check(np.asarray(arrays["node_lon"]), np.asarray(arrays["node_lat"]))
        return road_map

    def _check(self, lon: F8, lat: F8) -> None:
        edges, nodes = self.edge_count, len(self.node_x)
        if edges == 0 or nodes == 0:
            raise ValueError("map: no roads in it")
        if len(self.geom_offset) != edges + 1 or self.geom_offset[-1] != len(self.geom_xy):
            raise ValueError("geom_offset: does not fit the edges and the geometry")
        ends = np.concatenate([self.edge_from, self.edge_to])
        if ends.min() < 0 or ends.max() >= nodes:
            raise ValueError("edge_from, edge_to: name nodes that the map lacks")
        if len(self.area_offset) != len(self.area_kind) + 1 or self.area_offset[-1] != len(self.area_xy):
            raise ValueError("area_offset: does not fit the rings and their points")
        if len(self.crossing_edge) != len(self.crossing_offset_m) or (self.crossing_edge >= edges).any():
            raise ValueError("crossing_edge: does not fit the offsets or the edges")
        if not (np.isfinite(self.geom_xy).all() and np.isfinite(self.edge_length_m).all()):
            raise ValueError("geom_xy, edge_length_m: not finite")
        x, y = self.projection(lon[:50], lat[:50])
        if np.abs(np.asarray(x) - self.node_x[:50]).max() > 1.0 or np.abs(np.asarray(y) - self.node_y[:50]).max() > 1.0:
            raise ValueError("node_x, node_y: not the transverse Mercator plane of lon0, lat0")

    @property
    def edge_count(self) -> int:
        return len(self.edge_from)

    @property
    def side(self) -> float:
        """+1 where cars keep right, -1 where they keep left."""
        return 1.0 if self.drive_on_right else -1.0

    @cached_property
    def projection(self) -> pyproj.Proj:
        return pyproj.Proj(proj="tmerc", lon_0=self.lon0, lat_0=self.lat0, k=1.0, ellps="WGS84", units="m")

    @cached_property
    def lane_offset_m(self) -> F8:
        """f8[E]: centre line to the middle of the kerb-side lane, towards the kerb."""
        lanes = np.maximum(self.edge_lanes.astype(float), 1.0)
        offset: F8 = np.where(self.edge_reverse >= 0, lanes - 0.5, lanes / 2 - 0.5) * LANE_WIDTH_M
        return offset

    @cached_property
    def successors(self) -> list[list[int]]:
        """For each edge the edges that may follow; turning round only at dead ends or where nothing else goes on."""
        forbidden = {(int(a), int(b)) for a, b in self.turn_forbidden.reshape(-1, 2)}
        leaving: list[list[int]] = [[] for _ in self.node_x]
        for edge, node in enumerate(self.edge_from.tolist()):
            leaving[node].append(edge)
        result = []
        for edge, node in enumerate(self.edge_to.tolist()):
            twin = int(self.edge_reverse[edge])
            onward = [out for out in leaving[node] if out != twin and (edge, out) not in forbidden]
            result.append(onward or ([twin] if twin >= 0 else []))
        return result

    def geometry(self, edge: int) -> F8:
        """f8[k, 2]: the centre line of one edge."""
        return self.geom_xy[self.geom_offset[edge] : self.geom_offset[edge + 1]]

    def check_position(self, position: RoadPosition) -> None:
        """Raises ValueError naming the field when the place is not on this map."""
        if not 0 <= position.edge < self.edge_count:
            raise ValueError(f"edge: {position.edge} is not on this map of {self.edge_count} edges")
        length = float(self.edge_length_m[position.edge])
        if not -1.0 <= position.offset_m <= length + 1.0:
            raise ValueError(f"offset_m: {position.offset_m} is not on edge {position.edge} of {length:.1f} m")

    @cached_property
    def _samples(self) -> tuple[cKDTree, NDArray[np.int32], F8]:
        points, edges, offsets = [], [], []
        for edge in range(self.edge_count):
            line = self.geometry(edge)
            along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(line, axis=0).T))])
            at = np.linspace(0.0, along[-1], max(2, int(along[-1] / 4.0) + 1))
            points.append(np.column_stack([np.interp(at, along, line[:, 0]), np.interp(at, along, line[:, 1])]))
            edges.append(np.full(len(at), edge, dtype=np.int32))
            offsets.append(at)
        return cKDTree(np.concatenate(points)), np.concatenate(edges), np.concatenate(offsets)

    def nearest(self, x: float, y: float, heading_rad: float | None = None) -> RoadPosition:
        """The nearest road place, within 2 m of precision; of two directions the one that fits the heading."""
        tree, edges, offsets = self._samples
        _, near = tree.query([x, y], k=min(8, len(edges)))
        candidates = np.atleast_1d(near)
        best = int(candidates[0])
        if heading_rad is not None:
            best = int(min(candidates, key=lambda k: self._misfit(x, y, heading_rad, int(k))))
        return RoadPosition(int(edges[best]), float(offsets[best]))

    def _misfit(self, x: float, y: float, heading_rad: float, sample: int) -> float:
        tree, edges, _ = self._samples
        line = self.geometry(int(edges[sample]))
        along = float(np.arctan2(line[-1, 1] - line[0, 1], line[-1, 0] - line[0, 0]))
        turn = abs(np.angle(np.exp(1j * (along - heading_rad))))
        return float(np.hypot(*(tree.data[sample] - (x, y))) + (15.0 if turn > np.pi / 2 else 0.0))


def _text(value: Any) -> str:
    array = np.asarray(value)
    if array.dtype == np.uint8:
        raw = bytes(array.tobytes()).decode()
        return str(json.loads(raw)) if raw.startswith('"') else raw
    return str(array)
