"""Straight pieces of road or route, and which parts of them lie in which areas.

A segment is straight in degrees, as PostGIS and GeoJSON have it. Parts are given by `from_t` and `to_t` in [0, 1] along
the segment. The grid answers for whole groups of segments by counting cells in the box around each; only what is left
goes to shapely, whose predicates are exact and decide.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

from geofence.odd.domain.area import F8, Area, Bool, active
from geofence.odd.domain.layer import IN, OUT, Grid, Layer
from geofence.odd.domain.raster import I8, MARGIN_CELLS
from geofence.zones.domain.hours import Interval, merge

# Radii of the WGS84 ellipsoid.
EQUATOR_M: Final = 6_378_137.0
ECCENTRICITY2: Final = 6.694379990141316e-3


@dataclass(frozen=True)
class Segments:
    """`a` and `b` are the ends [S, 2] in degrees, `time_a` and `time_b` [S] when the car is there (unix seconds)."""

    a: F8
    b: F8
    time_a: F8
    time_b: F8

    def __len__(self) -> int:
        return len(self.a)

    def take(self, index: I8) -> Segments:
        """The segments at `index`."""
        return Segments(self.a[index], self.b[index], self.time_a[index], self.time_b[index])

    def lengths_m(self) -> F8:
        """Length of each on the ellipsoid; to a millionth for segments of up to some kilometres."""
        lat = np.radians((self.a[:, 1] + self.b[:, 1]) / 2)
        w = np.sqrt(1 - ECCENTRICITY2 * np.sin(lat) ** 2)
        north = np.radians(self.b[:, 1] - self.a[:, 1]) * EQUATOR_M * (1 - ECCENTRICITY2) / w**3
        east = np.radians(self.b[:, 0] - self.a[:, 0]) * EQUATOR_M / w * np.cos(lat)
        return np.asarray(np.hypot(north, east), dtype=np.float64)

    def lines(self) -> NDArray[np.object_]:
        """Shapely lines."""
        return np.asarray(shapely.linestrings(np.stack([self.a, self.b], axis=1)))


@dataclass(frozen=True)
class Parts:
    """Parts of segments: part k is `from_t[k]` to `to_t[k]` of segment `segment[k]`, in the area `area[k]`."""

    segment: I8
    area: I8
    from_t: F8
    to_t: F8


class SegmentIndex:
    """A layer's grid prepared for lines: how many cells of any box are not wholly in, or not wholly out."""

    def __init__(self, layer: Layer) -> None:
        self.layer = layer
        self._not_in = [(grid, _sums(grid, IN)) for grid in layer.grids]
        self._not_out = [(grid, _sums(grid, OUT)) for grid in layer.grids]

    def undecided_inside(self, segments: Segments) -> I8:
        """Indexes of segments that are not wholly in cells that are wholly in."""
        undecided = np.ones(len(segments), dtype=np.bool_)
        for grid, sums in self._not_in:
            count, beyond = _count(grid, sums, segments)
            undecided &= (count > 0) | beyond
        return np.flatnonzero(undecided)

    def undecided_outside(self, segments: Segments) -> I8:
        """Indexes of segments that reach a cell that is not wholly out."""
        undecided = np.zeros(len(segments), dtype=np.bool_)
        for grid, sums in self._not_out:
            undecided |= _count(grid, sums, segments)[0] > 0
        return np.flatnonzero(undecided)

    def touching(self, segments: Segments) -> tuple[I8, I8]:
        """Pairs (segment, area) that have a point in common, exactly."""
        if not len(segments) or not self.layer.areas:
            return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
        pairs = self.layer.tree.query(_shapes(segments), predicate="intersects")
        return pairs[0].astype(np.int64), pairs[1].astype(np.int64)

    def covering(self, segments: Segments, segment: I8, area: I8) -> Bool:
        """Tell for each pair whether the area covers the whole segment, exactly."""
        covered = np.zeros(len(segment), dtype=np.bool_)
        shapes = _shapes(segments)
        for index in np.unique(area):
            mine = np.flatnonzero(area == index)
            covered[mine] = shapely.covers(self.layer.polygons[index], shapes[segment[mine]])
        return covered

    def parts(self, segments: Segments, segment: I8, area: I8) -> Parts:
        """The parts of the segments in the areas, for pairs that touch; regardless of hours."""
        polygons = np.array(self.layer.polygons, dtype=object)
        common = shapely.intersection(_shapes(segments)[segment], polygons[area])
        pieces, pair = shapely.get_parts(common, return_index=True)
        # A collection may hold points beside lines; every piece is known by its first and its last coordinate.
        ends, piece = shapely.get_coordinates(pieces, return_index=True)
        first = np.flatnonzero(np.diff(piece, prepend=-1))
        last = np.flatnonzero(np.diff(piece, append=len(pieces)))
        t = [_along(segments, segment[pair], ends[k]) for k in (first, last)]
        # A car that stands still in an area is there for all of its segment.
        still = (segments.a == segments.b).all(axis=1)[segment[pair]]
        return Parts(
            segment[pair],
            area[pair],
            np.where(still, 0.0, np.minimum(*t)),
            np.where(still, 1.0, np.maximum(*t)),
        )


def when_active(areas: tuple[Area, ...], segments: Segments, parts: Parts, *, if_unknown: bool) -> Parts:
    """Cut `parts` down to where the car is while the area's hours are open."""
    timed = np.array([areas[i].hours is not None for i in parts.area], dtype=np.bool_)
    if not timed.any():
        return parts
    kept: list[tuple[int, int, float, float]] = []
    for k in range(len(parts.segment)):
        s, i, t0, t1 = int(parts.segment[k]), int(parts.area[k]), float(parts.from_t[k]), float(parts.to_t[k])
        ta, tb = float(segments.time_a[s]), float(segments.time_b[s])
        kept += [(s, i, u0, u1) for u0, u1 in _open_parts(areas[i], (ta, tb), (t0, t1), if_unknown)]
    rows = list(zip(*kept, strict=True)) or [(), (), (), ()]
    return Parts(np.array(rows[0], np.int64), np.array(rows[1], np.int64), *(np.array(r, np.float64) for r in rows[2:]))


def _open_parts(area: Area, times: Interval, part: Interval, if_unknown: bool) -> list[Interval]:
    """What of `part` of a segment, driven from times[0] to times[1], falls into the area's hours."""
    (ta, tb), (t0, t1) = times, part
    if area.hours is None or (np.isnan(ta + tb) and if_unknown):
        return [(t0, t1)]
    if np.isnan(ta + tb):
        return []
    begin, end = ta + (tb - ta) * t0, ta + (tb - ta) * t1
    if begin == end:
        return [(t0, t1)] if active(area, np.array([begin]), if_unknown=if_unknown)[0] else []
    found = []
    for open_s, close_s in area.hours.intervals(min(begin, end), max(begin, end)):
        u = sorted(((open_s - ta) / (tb - ta), (close_s - ta) / (tb - ta)))
        if max(u[0], t0) <= min(u[1], t1):
            found.append((max(u[0], t0), min(u[1], t1)))
    return found


def gaps(inside: list[Interval], joint_t: float) -> list[Interval]:
    """Return what of [0, 1] the intervals leave open, but for gaps of up to `joint_t` between two of them."""
    found: list[Interval] = []
    merged = merge(inside)
    for before, after in pairwise([(0.0, 0.0), *merged, (1.0, 1.0)]):
        allowed = joint_t if before[1] > 0.0 and after[0] < 1.0 else 0.0
        if after[0] - before[1] > allowed:
            found.append((before[1], after[0]))
    return found


def _shapes(segments: Segments) -> NDArray[np.object_]:
    """Lines, and points for segments of no length, which are no valid lines."""
    shapes = segments.lines()
    still = (segments.a == segments.b).all(axis=1)
    if still.any():
        shapes[still] = shapely.points(segments.a[still])
    return shapes


def _along(segments: Segments, segment: I8, points: F8) -> F8:
    a, d = segments.a[segment], (segments.b - segments.a)[segment]
    # Project on the longer axis: the one that loses the least. The ends themselves come out as exactly 0 and 1.
    axis = (np.abs(d[:, 1]) > np.abs(d[:, 0])).astype(np.int64)
    k = np.arange(len(segment))
    span = d[k, axis]
    still = span == 0
    t = (points[k, axis] - a[k, axis]) / np.where(still, 1.0, span)
    return np.clip(t, 0.0, 1.0)


def _sums(grid: Grid, settled: int) -> NDArray[np.int32]:
    """Summed-area table [rows + 1, columns + 1] of the cells whose code is not `settled` (Crow 1984)."""
    flags = (grid.table != settled).reshape(grid.frame.rows, grid.frame.columns)
    sums = np.zeros((grid.frame.rows + 1, grid.frame.columns + 1), dtype=np.int32)
    np.cumsum(np.cumsum(flags, axis=0, dtype=np.int32), axis=1, out=sums[1:, 1:])
    return sums


def _count(grid: Grid, sums: NDArray[np.int32], segments: Segments) -> tuple[NDArray[np.int32], Bool]:
    """Count the flagged cells in the box around each segment; and tell which boxes reach beyond the grid."""
    frame = grid.frame
    x = np.stack([frame.column_f(segments.a[:, 0]), frame.column_f(segments.b[:, 0])])
    y = np.stack([frame.row_f(segments.a[:, 1]), frame.row_f(segments.b[:, 1])])
    x0, x1 = x.min(axis=0) - MARGIN_CELLS, x.max(axis=0) + MARGIN_CELLS
    y0, y1 = y.min(axis=0) - MARGIN_CELLS, y.max(axis=0) + MARGIN_CELLS
    beyond = (x0 < 0) | (y0 < 0) | (x1 >= frame.columns) | (y1 >= frame.rows)
    c0 = np.clip(np.floor(x0), 0, frame.columns).astype(np.int64)
    c1 = np.clip(np.floor(x1) + 1, c0, frame.columns).astype(np.int64)
    r0 = np.clip(np.floor(y0), 0, frame.rows).astype(np.int64)
    r1 = np.clip(np.floor(y1) + 1, r0, frame.rows).astype(np.int64)
    return sums[r1, c1] - sums[r0, c1] - sums[r1, c0] + sums[r0, c0], beyond
