"""The painted ground of a map: one coarse picture of the whole, and fine tiles made where a camera comes by."""

from collections import OrderedDict

import numpy as np
from numpy.typing import NDArray

from autonomy.sim.render.layout import LEVELS, TEXEL_M, TILE_M, TILE_SIZE, TILE_TEXELS, Ground
from autonomy.sim.render.paint import halve, pack, paint_ring, paint_strokes
from autonomy.sim.render.strokes import strokes_of
from autonomy.sim.roads import AREA_BUILDING, AREA_PARK, AREA_WATER, RoadMap
from autonomy.sim.roadside import Roadside

F8 = NDArray[np.float64]
MARGIN_M = 160.0
COARSE_M = 1.6
COARSE_MOST = 4000  # texels a side; a bigger map gets bigger texels
YARD = (126.0, 128.0, 104.0)
FILLS = {AREA_WATER: (66.0, 98.0, 122.0, 5.0), AREA_PARK: (88.0, 122.0, 62.0, 12.0), 0: (*YARD, 9.0)}
SLOTS_FIRST = 32


class GroundAtlas:
    """`most` tiles are kept, those used last; a tile takes 344 kB."""

    def __init__(self, road_map: RoadMap, side: Roadside, lamps: F8, *, most: int = 384) -> None:
        self._map = road_map
        self._most = most
        self._strokes = strokes_of(side)
        low, high = road_map.geom_xy.min(axis=0) - MARGIN_M, road_map.geom_xy.max(axis=0) + MARGIN_M
        columns, rows = (int(np.ceil(size / TILE_M)) for size in high - low)
        texel = max(COARSE_M, max(high - low) / COARSE_MOST)
        self._corner = low
        self._shape = (rows, columns)
        self._strokes_of_tile = _by_tile(self._strokes, low, rows, columns)
        self._slots: OrderedDict[tuple[int, int], int] = OrderedDict()
        coarse_shape = (int(np.ceil(rows * TILE_M / texel)), int(np.ceil(columns * TILE_M / texel)))
        coarse = np.empty(coarse_shape, dtype=np.uint32)
        picture = self._painted(low, texel, coarse_shape, np.arange(len(self._strokes), dtype=np.int32))
        pack(picture, coarse.reshape(-1))
        self.arrays = Ground(
            pool=np.zeros((SLOTS_FIRST, TILE_SIZE), dtype=np.uint32),
            slot_of=np.full((rows, columns), -1, dtype=np.int32),
            coarse=coarse,
            lamps=_lamp_light(lamps, low, texel, coarse_shape),
            frame=np.array([low[0], low[1], TILE_M, texel]),
        )
        self._painted_slots: list[int] = []

    def need(self, x: F8, y: F8) -> None:
        """See to it that the tiles at these places are painted."""
        rows, columns = self._shape
        i = np.floor((x - self._corner[0]) / TILE_M).astype(int)
        j = np.floor((y - self._corner[1]) / TILE_M).astype(int)
        inside = (i >= 0) & (j >= 0) & (i < columns) & (j < rows)
        wanted = np.unique(j[inside] * columns + i[inside])
        for code in wanted.tolist():
            tile = divmod(code, columns)
            if tile in self._slots:
                self._slots.move_to_end(tile)
            else:
                self._paint_tile(tile, needed=len(wanted))

    def take_painted(self) -> list[int]:
        """Slots of the pool painted since the last call, for whoever keeps a copy on another device."""
        painted, self._painted_slots = sorted(set(self._painted_slots)), []
        return painted

    def _paint_tile(self, tile: tuple[int, int], needed: int) -> None:
        slot = self._free_slot(max(self._most, needed))
        corner = self._corner + np.array([tile[1], tile[0]]) * TILE_M
        start, member = self._strokes_of_tile
        code = tile[0] * self._shape[1] + tile[1]
        picture = self._painted(corner, TEXEL_M, (TILE_TEXELS, TILE_TEXELS), member[start[code] : start[code + 1]])
        at = 0
        for _ in range(LEVELS):
            size = picture.shape[0] * picture.shape[1]
            pack(picture, self.arrays.pool[slot, at : at + size])
            at += size
            picture = halve(picture)
        self.arrays.slot_of[tile] = slot
        self._slots[tile] = slot
        self._painted_slots = [*self._painted_slots[-self._most :], slot]

    def _free_slot(self, most: int) -> int:
        used = len(self._slots)
        if used >= most:
            oldest, slot = self._slots.popitem(last=False)
            self.arrays.slot_of[oldest] = -1
            return slot
        if used == len(self.arrays.pool):
            more = np.zeros((len(self.arrays.pool), TILE_SIZE), dtype=np.uint32)
            self.arrays = self.arrays._replace(pool=np.concatenate([self.arrays.pool, more]))
        return used

    def _painted(
        self, corner: F8, texel: float, shape: tuple[int, int], chosen: NDArray[np.int32]
    ) -> NDArray[np.float32]:
        picture = np.empty((*shape, 3), dtype=np.float32)
        picture[:] = YARD
        x0, y0 = float(corner[0]), float(corner[1])
        high = corner + np.array([shape[1], shape[0]]) * texel
        for kind, ring, low, top in self._rings:
            if (low < high).all() and (top > corner).all():
                paint_ring(picture, x0, y0, texel, ring, *FILLS[kind])
        paint_strokes(picture, x0, y0, texel, self._strokes, chosen)
        return picture

    @property
    def _rings(self) -> list[tuple[int, NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]]:
        if not hasattr(self, "_kept_rings"):
            road_map = self._map
            kept = []
            for k, kind in enumerate(road_map.area_kind.tolist()):
                ring = np.ascontiguousarray(road_map.area_xy[road_map.area_offset[k] : road_map.area_offset[k + 1]])
                if kind != AREA_BUILDING and len(ring) > 2:
                    kept.append((kind, ring.astype(np.float32), ring.min(axis=0), ring.max(axis=0)))
            self._kept_rings = kept
        return self._kept_rings


def _by_tile(strokes: F8, corner: F8, rows: int, columns: int) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """Which strokes touch which tile: start i8[tiles + 1], member i4, in the order of painting."""
    reach = strokes[:, 4] + strokes[:, 5]
    ex = np.abs(strokes[:, 2]) * reach + strokes[:, 5] + 1.0
    ey = np.abs(strokes[:, 3]) * reach + strokes[:, 5] + 1.0
    x, y = strokes[:, 0] - corner[0], strokes[:, 1] - corner[1]
    first_i, last_i = ((np.clip((x + d) // TILE_M, 0, columns - 1)).astype(int) for d in (-ex, ex))
    first_j, last_j = ((np.clip((y + d) // TILE_M, 0, rows - 1)).astype(int) for d in (-ey, ey))
    wide, high = last_i - first_i + 1, last_j - first_j + 1
    number = np.repeat(np.arange(len(strokes)), wide * high)
    within = np.arange(len(number)) - np.repeat(np.cumsum(wide * high) - wide * high, wide * high)
    code = (first_j[number] + within // wide[number]) * columns + first_i[number] + within % wide[number]
    order = np.argsort(code, kind="stable")
    start = np.searchsorted(code[order], np.arange(rows * columns + 1))
    return start, number[order].astype(np.int32)


def _lamp_light(lamps: F8, corner: F8, texel: float, shape: tuple[int, int]) -> NDArray[np.uint8]:
    """Pools of light below street lamps (f8[k, 2]), 0 to 255: I / (1 + (r / h)²)^1.5 for a lamp at h = 7 m."""
    light = np.zeros(shape, dtype=np.float32)
    reach = int(np.ceil(18.0 / texel))
    offset = np.arange(-reach, reach + 1)
    r2 = (offset[:, None] ** 2 + offset[None, :] ** 2) * texel**2
    pool = (255.0 * np.maximum((1.0 + r2 / 49.0) ** -1.5 - 0.06, 0.0)).astype(np.float32)
    for x, y in lamps:
        i, j = int((x - corner[0]) / texel), int((y - corner[1]) / texel)
        if reach <= i < shape[1] - reach and reach <= j < shape[0] - reach:
            light[j - reach : j + reach + 1, i - reach : i + reach + 1] += pool
    return np.minimum(light, 255.0).astype(np.uint8)
