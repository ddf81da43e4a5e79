"""All areas of one purpose, compiled for points.

Each grid cell is wholly out, wholly in, or *mixed*. The first two answer at once; only points in mixed cells are tested
exactly, by shapely's prepared polygons, against those polygons that cut the cell. So every answer equals shapely's.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import Polygon

from geofence.odd.domain.area import F8, Area, Bool, active
from geofence.odd.domain.raster import I8, Frame, rasterise
from geofence.odd.domain.windows import Box

OUT: Final = -1
IN: Final = -2
CELLS_PER_VERTEX: Final = 24
MIN_CELLS: Final = 65_536
MAX_CELLS: Final = 4_194_304
# Points are taken in blocks, so that the temporaries stay in the processor's cache.
BLOCK: Final = 65_536

I4 = NDArray[np.int32]


@dataclass(frozen=True)
class Grid:
    """`table[cell]` is OUT, IN, or the number m of a mixed cell, whose entries are `start[m]` to `start[m + 1]`.

    An entry is an area (`entry_area`) that cuts the cell, or fills it at some hours only (`entry_full`).
    """

    frame: Frame
    table: I4
    start: I8
    entry_area: I8
    entry_full: Bool


class Layer:
    """Areas that answer together: does any of them that applies at the time cover the point?

    `unknown_applies` says whether an area with hours applies when the time is not known. There is one grid for each of
    `windows`, or one around all areas; outside of the grids the answer is "not covered".
    """

    def __init__(
        self,
        areas: tuple[Area, ...],
        *,
        unknown_applies: bool,
        windows: tuple[Box, ...] | None = None,
    ) -> None:
        self.areas = areas
        self.unknown_applies = unknown_applies
        self.polygons = [area.polygon for area in areas]
        for polygon in self.polygons:
            _prepare(polygon)
        self.timed = np.array([area.hours is not None for area in areas], dtype=np.bool_)
        boxes = windows if windows is not None else (_box_of(self.polygons),) if areas else ()
        self.grids = tuple(_compile(self.polygons, self.timed, box) for box in boxes) if areas else ()

    @cached_property
    def tree(self) -> shapely.STRtree:
        """Index of the polygons, for lines."""
        tree = shapely.STRtree(self.polygons)
        tree.query(shapely.Point(0, 0))
        return tree

    def covers(self, lon: F8, lat: F8, times_s: float | F8) -> Bool:
        """Return for each point whether an applying area covers it (boundary included); NaN is never covered."""
        covered = np.zeros(lon.shape, dtype=np.bool_)
        for grid in self.grids:
            for first in range(0, len(lon), BLOCK):
                block = slice(first, first + BLOCK)
                times = times_s[block] if isinstance(times_s, np.ndarray) else times_s
                self._cover_block(grid, lon[block], lat[block], times, covered[block])
        return covered

    def covering(self, lon: float, lat: float, time_s: float) -> Area | None:
        """Return the first applying area that covers the point, or None."""
        if not np.isfinite(lon + lat):
            return None
        for index in sorted(int(i) for i in self.tree.query(shapely.Point(lon, lat), predicate="intersects")):
            if active(self.areas[index], np.array([time_s]), if_unknown=self.unknown_applies)[0]:
                return self.areas[index]
        return None

    def _cover_block(self, grid: Grid, lon: F8, lat: F8, times_s: float | F8, out: Bool) -> None:
        frame = grid.frame
        with np.errstate(invalid="ignore", over="ignore"):
            column, row = frame.column_f(lon), frame.row_f(lat)
            # Comparisons with NaN are false, so what is not a number is out of the grid.
            within = (column >= 0) & (column < frame.columns) & (row >= 0) & (row < frame.rows)
        if within.all():
            cell = row.astype(np.int32) * frame.columns + column.astype(np.int32)
            code = grid.table[cell]
        else:
            code = np.full(lon.shape, OUT, dtype=np.int32)
            cell = row[within].astype(np.int32) * frame.columns + column[within].astype(np.int32)
            code[within] = grid.table[cell]
        out |= code == IN
        mixed = np.flatnonzero(code >= 0)
        if len(mixed):
            times = times_s[mixed] if isinstance(times_s, np.ndarray) else times_s
            out[mixed] |= self._exact(grid, code[mixed], lon[mixed], lat[mixed], times)

    def _exact(self, grid: Grid, code: I4, lon: F8, lat: F8, times_s: float | F8) -> Bool:
        first = grid.start[code]
        count = grid.start[code + 1] - first
        point = np.repeat(np.arange(len(code)), count)
        entry = np.arange(len(point)) + np.repeat(first - (np.cumsum(count) - count), count)
        area = grid.entry_area[entry]
        # Group by area: one call for all the points that need the same polygon.
        order = np.argsort(area, kind="stable")
        area, point, full = area[order], point[order], grid.entry_full[entry][order]
        covered = np.zeros(len(code), dtype=np.bool_)
        bounds = np.flatnonzero(np.diff(area, prepend=-1, append=-1))
        for begin, end in pairwise(bounds.tolist()):
            index, points = int(area[begin]), point[begin:end]
            hit = full[begin:end] | shapely.intersects_xy(self.polygons[index], lon[points], lat[points])
            if self.timed[index]:
                times = times_s[points] if isinstance(times_s, np.ndarray) else np.full(len(points), times_s)
                hit &= active(self.areas[index], times, if_unknown=self.unknown_applies)
            covered[points[hit]] = True
        return covered


def _prepare(polygon: Polygon) -> None:
    """Prepare `polygon` and use it once for a point and a line: GEOS makes its indexes on first use, and later several
    threads may be first."""
    shapely.prepare(polygon)
    shapely.intersects_xy(polygon, 0.0, 0.0)
    shapely.covers(polygon, shapely.LineString(polygon.exterior.coords[:2]))


def _box_of(polygons: list[Polygon]) -> Box:
    west, south, east, north = map(float, shapely.total_bounds(polygons))
    return west, south, east, north


def _compile(polygons: list[Polygon], timed: Bool, window: Box) -> Grid:
    bounds = shapely.bounds(polygons)
    reaching = (bounds[:, :2] <= window[2:]).all(axis=1) & (bounds[:, 2:] >= window[:2]).all(axis=1)
    vertices = int(shapely.get_num_coordinates(polygons)[reaching].sum())
    frame = Frame.around(window, min(MAX_CELLS, max(MIN_CELLS, vertices * CELLS_PER_VERTEX)))
    cover = rasterise(polygons, frame)
    settled = cover.inside & ~timed[cover.polygon]
    table = np.full(frame.size, OUT, dtype=np.int32)
    table[cover.cell[settled]] = IN
    open_ = table[cover.cell] != IN
    cell, polygon, inside = cover.cell[open_], cover.polygon[open_], cover.inside[open_]
    order = np.argsort(cell, kind="stable")
    cell, polygon, inside = cell[order], polygon[order], inside[order]
    mixed, start = np.unique(cell, return_index=True)
    table[mixed] = np.arange(len(mixed), dtype=np.int32)
    return Grid(frame, table, np.append(start, len(cell)).astype(np.int64), polygon, inside)
