"""Painting the ground: oriented rectangles and strokes with soft edges, polygons, grain."""

from math import ceil, floor, sqrt

import numpy as np
from numpy.typing import NDArray

from autonomy.sim.render.jit import compiled

F8 = NDArray[np.float64]
# a stroke: middle, direction, half length, half width, colour, grain (0 to 1), round ends (1) or square (0)
S_X, S_Y, S_COS, S_SIN, S_HALF_L, S_HALF_W, S_R, S_G, S_B, S_GRAIN, S_ROUND = range(11)
STROKE = 11


@compiled
def grain(i: int, j: int) -> float:
    """-1 to 1, the same for the same place."""
    n = (i * 374761393 + j * 668265263) & 0xFFFFFFFF
    n = ((n ^ (n >> 13)) * 1274126177) & 0xFFFFFFFF
    return ((n ^ (n >> 16)) & 0xFFFF) / 32767.5 - 1.0


@compiled
def paint_strokes(
    picture: NDArray[np.float32], x0: float, y0: float, texel: float, strokes: F8, chosen: NDArray[np.int32]
) -> None:
    """Draw `strokes[chosen]` in order on f4[rows, columns, 3]; row 0 lies at `y0`, rows go north. Edges are soft over
    one texel, so that lines thinner than a texel become faint, not ragged."""
    rows, columns = picture.shape[0], picture.shape[1]
    for number in chosen:
        sx, sy, c, s = strokes[number, S_X], strokes[number, S_Y], strokes[number, S_COS], strokes[number, S_SIN]
        hl, hw, rounded = strokes[number, S_HALF_L], strokes[number, S_HALF_W], strokes[number, S_ROUND]
        reach = hl + (hw if rounded > 0 else 0.0)
        ex = abs(c) * reach + abs(s) * hw + texel + (hw if rounded > 0 else 0.0)
        ey = abs(s) * reach + abs(c) * hw + texel + (hw if rounded > 0 else 0.0)
        first_i, last_i = max(0, int(floor((sx - ex - x0) / texel))), min(columns, int(ceil((sx + ex - x0) / texel)))
        first_j, last_j = max(0, int(floor((sy - ey - y0) / texel))), min(rows, int(ceil((sy + ey - y0) / texel)))
        strength = strokes[number, S_GRAIN] * 14.0
        for j in range(first_j, last_j):
            py = y0 + (j + 0.5) * texel - sy
            for i in range(first_i, last_i):
                px = x0 + (i + 0.5) * texel - sx
                a, b = abs(px * c + py * s) - hl, abs(-px * s + py * c)
                if rounded > 0:
                    a = max(a, 0.0)
                    cover = 0.5 - (sqrt(a * a + b * b) - hw) / texel
                    cover = min(max(cover, 0.0), 1.0, 2.0 * hw / texel)
                else:
                    along = min(max(0.5 - a / texel, 0.0), 1.0, 2.0 * hl / texel)
                    cover = along * min(max(0.5 - (b - hw) / texel, 0.0), 1.0, 2.0 * hw / texel)
                if cover > 0.0:
                    spot = strength * grain(int(floor((x0 + i * texel) * 5.0)), int(floor((y0 + j * texel) * 5.0)))
                    for k in range(3):
                        picture[j, i, k] += cover * (strokes[number, S_R + k] + spot - picture[j, i, k])


@compiled
def paint_ring(
    picture: NDArray[np.float32],
    x0: float,
    y0: float,
    texel: float,
    ring: NDArray[np.float32],
    red: float,
    green: float,
    blue: float,
    strength: float,
) -> None:
    """Fill one polygon f4[k, 2] by the even-odd rule, row by row."""
    rows, columns = picture.shape[0], picture.shape[1]
    count = len(ring)
    low = max(0, int(floor((ring[:, 1].min() - y0) / texel)))
    high = min(rows, int(ceil((ring[:, 1].max() - y0) / texel)))
    at = np.empty(count, dtype=np.float64)
    for j in range(low, high):
        y = y0 + (j + 0.5) * texel
        found = 0
        for k in range(count):
            ax, ay = ring[k, 0], ring[k, 1]
            bx, by = ring[(k + 1) % count, 0], ring[(k + 1) % count, 1]
            if (ay <= y) != (by <= y):
                at[found] = ax + (y - ay) / (by - ay) * (bx - ax)
                found += 1
        ends = np.sort(at[:found])
        for pair in range(found // 2):
            first = max(0, int(ceil((ends[2 * pair] - x0) / texel - 0.5)))
            last = min(columns, int(ceil((ends[2 * pair + 1] - x0) / texel - 0.5)))
            for i in range(first, last):
                spot = strength * grain(int(floor((x0 + i * texel) * 2.5)), int(floor((y0 + j * texel) * 2.5)))
                picture[j, i, 0] = red + spot
                picture[j, i, 1] = green + spot
                picture[j, i, 2] = blue + spot


@compiled
def pack(picture: NDArray[np.float32], out: NDArray[np.uint32]) -> None:
    """f4[rows, columns, 3] to u4[rows * columns] as R | G << 8 | B << 16."""
    rows, columns = picture.shape[0], picture.shape[1]
    for j in range(rows):
        for i in range(columns):
            r = int(min(max(picture[j, i, 0], 0.0), 255.0))
            g = int(min(max(picture[j, i, 1], 0.0), 255.0))
            b = int(min(max(picture[j, i, 2], 0.0), 255.0))
            out[j * columns + i] = r | (g << 8) | (b << 16)


@compiled
def halve(picture: NDArray[np.float32]) -> NDArray[np.float32]:
    """The mean of every four texels: f4[rows / 2, columns / 2, 3]."""
    rows, columns = picture.shape[0] // 2, picture.shape[1] // 2
    out = np.empty((rows, columns, 3), dtype=np.float32)
    for j in range(rows):
        for i in range(columns):
            for k in range(3):
                out[j, i, k] = 0.25 * (
                    picture[2 * j, 2 * i, k]
                    + picture[2 * j, 2 * i + 1, k]
                    + picture[2 * j + 1, 2 * i, k]
                    + picture[2 * j + 1, 2 * i + 1, k]
                )
    return out
