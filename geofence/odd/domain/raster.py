"""A grid of cells and the exact relation of each polygon to each cell.

A cell is *cut* by a polygon when the polygon's boundary may pass through it, *inside* when it lies wholly in the
polygon. "May" errs to one side only: a cell called cut costs an exact test later, a cell called inside needs none, so
the boundary is widened by a margin far above any rounding of the cell arithmetic.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import Polygon

F8 = NDArray[np.float64]
I8 = NDArray[np.int64]
Bool = NDArray[np.bool_]

MARGIN_CELLS: Final = 1e-6
MAX_SIDE: Final = 2048
# A tenth of a metre. Below it the rounding of a longitude would count for more than MARGIN_CELLS.
MIN_CELL_DEG: Final = 1e-6


@dataclass(frozen=True)
class Frame:
    """A grid of `columns` × `rows` cells whose south-west corner is (`west`, `south`); all lengths in degrees."""

    west: float
    south: float
    cell_lon: float
    cell_lat: float
    columns: int
    rows: int

    @classmethod
    def around(cls, box: tuple[float, float, float, float], cells: int) -> Frame:
        """A frame of about `cells` cells that leaves a free cell around `box` (west, south, east, north)."""
        west, south, east, north = box
        width, height = max(east - west, MIN_CELL_DEG), max(north - south, MIN_CELL_DEG)
        columns = min(MAX_SIDE, max(4, round(math.sqrt(cells * width / height))))
        rows = min(MAX_SIDE, max(4, round(cells / columns)))
        cell_lon, cell_lat = max(width / (columns - 2), MIN_CELL_DEG), max(height / (rows - 2), MIN_CELL_DEG)
        return cls(west - cell_lon, south - cell_lat, cell_lon, cell_lat, columns, rows)

    @property
    def size(self) -> int:
        return self.columns * self.rows

    def column_f(self, lon: F8) -> F8:
        """Column of each longitude, as a real number."""
        return (lon - self.west) * (1.0 / self.cell_lon)

    def row_f(self, lat: F8) -> F8:
        """Row of each latitude, as a real number."""
        return (lat - self.south) * (1.0 / self.cell_lat)


@dataclass(frozen=True)
class Cover:
    """Pairs (cell, polygon): `cell` is row × columns + column, `polygon` an index, `inside` tells inside from cut."""

    cell: I8
    polygon: I8
    inside: Bool


def rasterise(polygons: list[Polygon], frame: Frame) -> Cover:
    """Return every pair of a cell of `frame` and a polygon that cuts or fills it, each once."""
    parts = [_cover_one(polygon, frame) for polygon in polygons]
    lengths = [len(cells) for cells, _ in parts]
    if not parts:
        return Cover(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0, np.bool_))
    return Cover(
        np.concatenate([cells for cells, _ in parts]),
        np.repeat(np.arange(len(parts), dtype=np.int64), lengths),
        np.concatenate([inside for _, inside in parts]),
    )


def _cover_one(polygon: Polygon, frame: Frame) -> tuple[I8, Bool]:
    """Cells that `polygon` cuts or fills, and which of them it fills."""
    x0, x1 = _reach(frame.column_f(np.array(polygon.bounds[0::2])), frame.columns)
    y0, y1 = _reach(frame.row_f(np.array(polygon.bounds[1::2])), frame.rows)
    if x0 > x1 or y0 > y1:
        return np.zeros(0, np.int64), np.zeros(0, np.bool_)
    cut = np.zeros((y1 - y0 + 1, x1 - x0 + 1), dtype=np.bool_)
    _mark_boundary(polygon, frame, cut, x0, y0)
    inside = _fill(polygon, frame, cut, x0, y0)
    row, column = np.nonzero(cut | inside)
    return (row + y0) * frame.columns + column + x0, inside[row, column]


def _reach(ends: F8, count: int) -> tuple[int, int]:
    low, high = max(ends[0] - MARGIN_CELLS, 0.0), min(ends[1] + MARGIN_CELLS, count - 1.0)
    return math.floor(low), math.floor(high)


def _mark_boundary(polygon: Polygon, frame: Frame, cut: Bool, x0: int, y0: int) -> None:
    """Set `cut` for every cell that the boundary may touch, by walking it in steps shorter than a cell."""
    rows, columns = cut.shape
    for ring in (polygon.exterior, *polygon.interiors):
        xy = shapely.get_coordinates(ring)
        x, y = frame.column_f(xy[:, 0]), frame.row_f(xy[:, 1])
        near = _near(x, y, frame)
        x_from, y_from, x_to, y_to = _clip(x[:-1][near], y[:-1][near], x[1:][near], y[1:][near], frame)
        steps = np.ceil(np.maximum(np.abs(x_to - x_from), np.abs(y_to - y_from)) * 1.5).astype(np.int64) + 1
        segment = np.repeat(np.arange(len(steps)), steps)
        step = np.arange(len(segment)) - np.repeat(np.cumsum(steps) - steps, steps)
        a, b = step / steps[segment], (step + 1) / steps[segment]
        ends_x = [x_from[segment] + (x_to - x_from)[segment] * t for t in (a, b)]
        ends_y = [y_from[segment] + (y_to - y_from)[segment] * t for t in (a, b)]
        low_x, high_x = _floors(np.minimum(*ends_x), np.maximum(*ends_x), x0, columns)
        low_y, high_y = _floors(np.minimum(*ends_y), np.maximum(*ends_y), y0, rows)
        # A step is shorter than a cell, so the box around it reaches two cells at most each way: its four corners.
        for cx in (low_x, high_x):
            for cy in (low_y, high_y):
                ok = (cx >= 0) & (cx < columns) & (cy >= 0) & (cy < rows)
                cut[cy[ok], cx[ok]] = True


def _floors(low: F8, high: F8, origin: int, count: int) -> tuple[I8, I8]:
    clip_low, clip_high = origin - 2.0, origin + count + 2.0
    first = np.floor(np.clip(low - MARGIN_CELLS, clip_low, clip_high)).astype(np.int64) - origin
    last = np.floor(np.clip(high + MARGIN_CELLS, clip_low, clip_high)).astype(np.int64) - origin
    return first, last


def _near(x: F8, y: F8, frame: Frame) -> Bool:
    low_x, high_x = np.minimum(x[:-1], x[1:]), np.maximum(x[:-1], x[1:])
    low_y, high_y = np.minimum(y[:-1], y[1:]), np.maximum(y[:-1], y[1:])
    return (high_x >= -1) & (low_x <= frame.columns + 1) & (high_y >= -1) & (low_y <= frame.rows + 1)


def _clip(xa: F8, ya: F8, xb: F8, yb: F8, frame: Frame) -> tuple[F8, F8, F8, F8]:
    """Cut segments to the frame widened by two cells (Liang and Barsky 1984); those outside shrink to a point."""
    enter, leave = np.zeros_like(xa), np.ones_like(xa)
    for start, delta, high in ((xa, xb - xa, frame.columns + 2.0), (ya, yb - ya, frame.rows + 2.0)):
        with np.errstate(divide="ignore", invalid="ignore"):
            t0, t1 = (-2.0 - start) / delta, (high - start) / delta
        moving = delta != 0
        enter = np.where(moving, np.maximum(enter, np.minimum(t0, t1)), enter)
        leave = np.where(moving, np.minimum(leave, np.maximum(t0, t1)), leave)
    leave = np.maximum(enter, leave)
    return xa + (xb - xa) * enter, ya + (yb - ya) * enter, xa + (xb - xa) * leave, ya + (yb - ya) * leave


def _fill(polygon: Polygon, frame: Frame, cut: Bool, x0: int, y0: int) -> Bool:
    """Cells wholly inside. Neighbours in a row that are not cut share their answer, so one test does for each run."""
    free = ~cut
    starts = free.copy()
    starts[:, 1:] &= cut[:, :-1]
    row, column = np.nonzero(starts)
    shapely.prepare(polygon)
    centre_lon = frame.west + (column + x0 + 0.5) * frame.cell_lon
    centre_lat = frame.south + (row + y0 + 0.5) * frame.cell_lat
    answers = shapely.intersects_xy(polygon, centre_lon, centre_lat)
    run = np.cumsum(starts.ravel()).reshape(starts.shape) - 1
    inside = np.zeros_like(cut)
    if len(answers):
        inside[free] = answers[run[free]]
    return inside
