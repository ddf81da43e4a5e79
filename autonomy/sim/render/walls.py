"""Buildings as walls that stand in a grid of cells, for a ray to march through."""

import numpy as np
from numpy.typing import NDArray

from autonomy.sim.render.layout import WALL, Walls
from autonomy.sim.roads import AREA_BUILDING, RoadMap
from autonomy.sim.roadside import Roadside

CELL_M = 20.0
CLEAR_M = 2.6  # kerb to the nearest wall
SIZES = (1.0, 0.85, 0.7, 0.55, 0.4)
STOREY_M = 3.1
FACADES = np.array(
    [
        (196, 178, 148), (172, 160, 146), (182, 122, 96), (206, 198, 182), (148, 142, 138),
        (190, 164, 120), (164, 108, 84), (214, 206, 196), (138, 148, 156), (198, 186, 160),
    ],
    dtype=np.float32,
)  # fmt: skip


def _fitting(ring: NDArray[np.float64], side: Roadside) -> NDArray[np.float64] | None:
    """The ring, shrunk until it leaves the roads and pavements free; None when it can't."""
    middle = ring.mean(axis=0)
    for size in SIZES:
        smaller: NDArray[np.float64] = middle + (ring - middle) * size
        edges = np.concatenate([smaller, (smaller + np.roll(smaller, -1, axis=0)) / 2, middle[None]])
        if (side.off_road_m(edges[:, 0], edges[:, 1]) >= CLEAR_M).all():
            return smaller
    return None


def walls_of(road_map: RoadMap, side: Roadside, seed: int) -> Walls:
    """Every building's walls; heights and colours are drawn from the seed and the building's number."""
    rows: list[NDArray[np.float32]] = []
    for k in np.flatnonzero(road_map.area_kind == AREA_BUILDING).tolist():
        ring = road_map.area_xy[road_map.area_offset[k] : road_map.area_offset[k + 1]].astype(float)
        if len(ring) < 3:
            continue
        fit = _fitting(ring, side)
        if fit is None:
            continue
        random = np.random.default_rng([seed, k])
        x, y = fit[:, 0], fit[:, 1]
        area = abs(float((x * np.roll(y, -1) - np.roll(x, -1) * y).sum())) / 2
        storeys = int(random.integers(2, 4 + min(int(area / 150.0), 5)))
        colour = FACADES[int(random.integers(len(FACADES)))] * random.uniform(0.85, 1.08)
        rows.append(_walls(fit, storeys * STOREY_M + 0.6, colour, float(random.integers(1, 9999))))
    table = np.concatenate(rows) if rows else np.zeros((0, WALL), dtype=np.float32)
    return _in_cells(table)


def _walls(ring: NDArray[np.float64], height: float, colour: NDArray[np.float32], seed: float) -> NDArray[np.float32]:
    step = np.roll(ring, -1, axis=0) - ring
    size = np.hypot(step[:, 0], step[:, 1])
    keep = size > 0.2
    rows = np.empty((int(keep.sum()), WALL), dtype=np.float32)
    rows[:, 0:2] = ring[keep]
    rows[:, 2:4] = step[keep] / size[keep][:, None]
    rows[:, 4], rows[:, 5] = size[keep], height
    rows[:, 6:9] = np.minimum(colour, 235.0)
    rows[:, 9] = seed
    return rows


def _in_cells(table: NDArray[np.float32]) -> Walls:
    if len(table) == 0:
        frame = np.array([0.0, 0.0, CELL_M])
        return Walls(table, np.zeros(2, dtype=np.int32), np.zeros(0, dtype=np.int32), np.ones(2, dtype=np.int32), frame)
    ends = table[:, 0:2] + table[:, 2:4] * table[:, 4:5]
    corner = np.minimum(table[:, 0:2].min(axis=0), ends.min(axis=0)) - 1.0
    columns, rows = (np.maximum(table[:, 0:2].max(axis=0), ends.max(axis=0)) - corner) // CELL_M + 1
    pieces = []
    for k in range(len(table)):
        count = max(2, int(table[k, 4] / 1.0) + 2)
        points = table[k, 0:2] + table[k, 2:4] * np.linspace(0.0, table[k, 4], count)[:, None]
        cell = ((points - corner) // CELL_M).astype(int)
        codes = np.unique(cell[:, 1] * int(columns) + cell[:, 0])
        pieces.append(np.column_stack([codes, np.full(len(codes), k)]))
    pairs = np.concatenate(pieces)
    pairs = pairs[np.argsort(pairs[:, 0], kind="stable")]
    start = np.searchsorted(pairs[:, 0], np.arange(int(rows * columns) + 1)).astype(np.int32)
    shape = np.array([int(rows), int(columns)], dtype=np.int32)
    return Walls(table, start, pairs[:, 1].astype(np.int32), shape, np.array([corner[0], corner[1], CELL_M]))
