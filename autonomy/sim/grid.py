"""A chequerboard town as map arrays: for benchmarks and for whoever wants a world without an extract."""

from typing import Any

import numpy as np
import pyproj


def grid_town(
    columns: int = 5, rows: int = 5, block_m: float = 120.0, *, signals: bool = True, drive_on_right: bool = True
) -> dict[str, Any]:
    """Arrays of `RoadMap`: every third street is a secondary road with two lanes a direction, the others
    residential; signals where two of the bigger roads meet. The outer corners
    have only two neighbours, a stub leads to a dead end."""
    x, y = np.meshgrid(np.arange(columns) * block_m, np.arange(rows) * block_m)
    x, y = x.ravel() - x.mean(), y.ravel() - y.mean()
    x, y = np.append(x, x[-1] + 80.0), np.append(y, y[-1] + 10.0)
    pairs = []
    for row in range(rows):
        for column in range(columns):
            here = row * columns + column
            if column + 1 < columns:
                pairs.append((here, here + 1, row % 3 == 1))
            if row + 1 < rows:
                pairs.append((here, here + columns, column % 3 == 1))
    pairs.append((rows * columns - 1, rows * columns, False))
    ends = [(a, b, big) for a, b, big in pairs] + [(b, a, big) for a, b, big in pairs]
    count = len(pairs)
    edge_from, edge_to = np.array([e[0] for e in ends]), np.array([e[1] for e in ends])
    big = np.array([e[2] for e in ends])
    geometry = np.empty((len(ends) * 2, 2))
    geometry[0::2] = np.column_stack([x[edge_from], y[edge_from]])
    geometry[1::2] = np.column_stack([x[edge_to], y[edge_to]])
    node = np.arange(len(x))
    meets = (node % columns % 3 == 1) & (node // columns % 3 == 1) & (node < rows * columns)
    lon, lat = pyproj.Proj(proj="tmerc", lon_0=11.0, lat_0=48.0, k=1.0, ellps="WGS84", units="m")(x, y, inverse=True)
    return {
        "lon0": 11.0,
        "lat0": 48.0,
        "digest": f"grid-{columns}x{rows}-{block_m}-{signals}-{drive_on_right}",
        "drive_on_right": drive_on_right,
        "node_lon": lon,
        "node_lat": lat,
        "node_x": x,
        "node_y": y,
        "node_osm_id": node.astype(np.int64) + 1000,
        "node_signal": meets & signals,
        "edge_from": edge_from.astype(np.int32),
        "edge_to": edge_to.astype(np.int32),
        "edge_length_m": np.hypot(x[edge_to] - x[edge_from], y[edge_to] - y[edge_from]),
        "edge_speed_mps": np.where(big, 13.9, 8.3),
        "edge_class": np.where(big, 3, 6).astype(np.uint8),
        "edge_lanes": np.where(big, 2, 1).astype(np.uint8),
        "edge_reverse": np.concatenate([np.arange(count) + count, np.arange(count)]).astype(np.int32),
        "edge_flags": np.zeros(len(ends), dtype=np.uint16),
        "geom_offset": (np.arange(len(ends) + 1) * 2).astype(np.int32),
        "geom_xy": geometry,
        "turn_forbidden": np.zeros((0, 2), dtype=np.int32),
    }
