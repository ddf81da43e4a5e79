"""A small town: a grid of two-way residential streets, as the platform exports it."""

from pathlib import Path

import numpy as np
import pyproj

LON0, LAT0 = 8.5, 50.1
SPACING_M = 150.0


def write_town(path: Path, size: int = 4, digest: str = "town") -> None:
    """`size` x `size` junctions, 150 m apart."""
    plane = pyproj.Proj(proj="tmerc", lon_0=LON0, lat_0=LAT0, k=1.0, ellps="WGS84", units="m")
    x = np.array([column * SPACING_M for _ in range(size) for column in range(size)])
    y = np.array([row * SPACING_M for row in range(size) for _ in range(size)])
    lon, lat = plane(x, y, inverse=True)
    pairs = []
    for row in range(size):
        for column in range(size):
            here = row * size + column
            if column + 1 < size:
                pairs += [(here, here + 1), (here + 1, here)]
            if row + 1 < size:
                pairs += [(here, here + size), (here + size, here)]
    edges = len(pairs)
    start, end = np.array(pairs, dtype=np.int32).T
    geometry = np.concatenate([[[x[a], y[a]], [x[b], y[b]]] for a, b in pairs])
    np.savez(
        path,
        node_lon=np.asarray(lon),
        node_lat=np.asarray(lat),
        node_x=x,
        node_y=y,
        node_osm_id=np.arange(len(x), dtype=np.int64),
        node_signal=np.zeros(len(x), dtype=bool),
        edge_from=start,
        edge_to=end,
        edge_length_m=np.full(edges, SPACING_M),
        edge_speed_mps=np.full(edges, 30 / 3.6),
        edge_class=np.full(edges, 6, dtype=np.uint8),
        edge_lanes=np.ones(edges, dtype=np.uint8),
        edge_reverse=np.array([edge ^ 1 for edge in range(edges)], dtype=np.int32),
        edge_flags=np.zeros(edges, dtype=np.uint16),
        geom_offset=np.arange(0, 2 * edges + 1, 2, dtype=np.int32),
        geom_xy=geometry,
        turn_forbidden=np.zeros((0, 2), dtype=np.int32),
        lon0=LON0,
        lat0=LAT0,
        digest=np.frombuffer(b'"' + digest.encode() + b'"', dtype=np.uint8),
    )
