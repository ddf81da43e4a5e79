"""Which things each camera may see, and in which columns."""

import numpy as np
from numpy.typing import NDArray

from autonomy.sim.render.jit import compiled
from autonomy.sim.render.layout import (
    C_FOCAL,
    C_FX,
    C_FY,
    C_OWNER,
    C_X,
    C_Y,
    F4,
    I4,
    T_HALF_L,
    T_HALF_W,
    T_KIND,
    T_OWNER,
    T_X,
    T_Y,
)

CELL_M = 32.0
PROPS_M = 75.0
MOST = 160  # things a camera can list


@compiled
def columns_of(camera: F4, thing: F4, width: int, reach: float) -> tuple[int, int]:
    """First and last column that a thing can touch; (1, 0) when none."""
    rx, ry = thing[T_X] - camera[C_X], thing[T_Y] - camera[C_Y]
    fx, fy = camera[C_FX], camera[C_FY]
    ahead, left = rx * fx + ry * fy, -rx * fy + ry * fx
    radius = (thing[T_HALF_L] ** 2 + thing[T_HALF_W] ** 2) ** 0.5 + 0.9
    if thing[T_KIND] >= 100:
        radius += 2.4
    if ahead + radius < 0.3 or ahead - radius > reach:
        return 1, 0
    near = ahead - radius
    if near < 0.5:
        if abs(left) > radius + 6.0 * (ahead + radius):
            return 1, 0
        return 0, width - 1
    a, b = left + radius, left - radius
    focal = camera[C_FOCAL]
    first = width / 2 - focal * a / (near if a > 0 else ahead + radius)
    last = width / 2 - focal * b / (ahead + radius if b > 0 else near)
    if last < 0 or first > width - 1:
        return 1, 0
    return int(max(first, 0.0)), int(min(last, width - 1.0))


@compiled
def list_things(
    things: F4, props: int, start: I4, member: I4, shape: I4, corner: NDArray[np.float64], cameras: F4, width: int,
    reach: float, count: I4, listed: I4, span: I4,
) -> None:  # fmt: skip
    """For each camera k: `listed[k, :count[k]]` numbers of things, `span[k, :, 2]` their columns. The first `props`
    things never move and lie in cells."""
    rows, columns = shape[0], shape[1]
    reach_props = min(reach, PROPS_M)
    for k in range(len(cameras)):
        found = 0
        camera = cameras[k]
        for number in range(props, len(things)):
            if things[number, T_OWNER] >= 0 and things[number, T_OWNER] == camera[C_OWNER]:
                continue
            first, last = columns_of(camera, things[number], width, reach)
            if first <= last and found < MOST:
                listed[k, found] = number
                span[k, found, 0], span[k, found, 1] = first, last
                found += 1
        ci, cj = int((camera[C_X] - corner[0]) / CELL_M), int((camera[C_Y] - corner[1]) / CELL_M)
        ring = int(reach_props / CELL_M) + 1
        for j in range(max(0, cj - ring), min(rows, cj + ring + 1)):
            for i in range(max(0, ci - ring), min(columns, ci + ring + 1)):
                cell = j * columns + i
                for at in range(start[cell], start[cell + 1]):
                    number = member[at]
                    first, last = columns_of(camera, things[number], width, reach_props)
                    if first <= last and found < MOST:
                        listed[k, found] = number
                        span[k, found, 0], span[k, found, 1] = first, last
                        found += 1
        count[k] = found
