"""The same columns drawn on an NVIDIA GPU: one thread a column, then one thread a row for noise and weather.

Map and painted ground stay on the device; of the ground only what was painted since the last frame is sent again.
Needs NVIDIA's `numba-cuda` beside numba (numba's own CUDA target no longer compiles `max`). Checked for equality with
the CPU by numba's CUDA simulator.
"""

from typing import Any

import numba.cuda
import numpy as np
from numpy.typing import NDArray

from autonomy.sim.render.backdrop import row_table
from autonomy.sim.render.column import HITS_MOST, WALLS_MOST, cast
from autonomy.sim.render.finish import finish_row
from autonomy.sim.render.ground import GroundAtlas
from autonomy.sim.render.layout import F4, I4, ROW, Ground, Walls

cuda: Any = numba.cuda  # its own types name no intrinsics
THREADS = 64


def rows_kernel(env, cameras, tables):  # type: ignore[no-untyped-def]
    k = cuda.grid(1)
    if k < len(cameras):
        row_table(env, cameras[k], tables[k])


def columns_kernel(  # type: ignore[no-untyped-def]
    out, width, env, cameras, tables, ground, walls, things, count, listed, columns, hit_t, hit
):
    at = cuda.grid(1)
    if at < len(cameras) * width:
        k = at // width
        u = at - k * width
        cast(
            out[k], u, width, env, cameras[k], tables[k], ground, walls, things, count[k], listed[k], columns[k],
            hit_t[at], hit[at],
        )  # fmt: skip


def finish_kernel(out, env, cameras, frame):  # type: ignore[no-untyped-def]
    at = cuda.grid(1)
    height = out.shape[2]
    if at < len(cameras) * height:
        k = at // height
        finish_row(out[k], at - k * height, env, cameras[k], frame)


class DeviceDrawer:
    """Raises RuntimeError where there is no usable CUDA device."""

    def __init__(self, walls: Walls) -> None:
        if not cuda.is_available():
            raise RuntimeError("device: cuda is not available on this machine")
        self._rows: Any = cuda.jit(fastmath=True)(rows_kernel)
        self._columns: Any = cuda.jit(fastmath=True)(columns_kernel)
        self._finish: Any = cuda.jit(fastmath=True)(finish_kernel)
        self._walls = Walls(*(cuda.to_device(np.ascontiguousarray(array)) for array in walls))
        self._ground: Ground | None = None
        self._pool_size = 0

    def draw(
        self, out: NDArray[np.uint8], env: F4, cameras: F4, things: F4, lists: tuple[I4, I4, I4], atlas: GroundAtlas,
        frame: int,
    ) -> None:  # fmt: skip
        """Fill u1[K, 3, H, W]. lists: count, numbers and columns of the things of each camera."""
        ground = self._synced(atlas)
        width, height = out.shape[3], out.shape[2]
        pictures = cuda.device_array(out.shape, dtype=np.uint8)
        env_, cameras_, things_ = (cuda.to_device(array) for array in (env, cameras, things))
        count, listed, columns = (cuda.to_device(array) for array in lists)
        tables = cuda.device_array((len(cameras), height, ROW), dtype=np.float32)
        room = HITS_MOST + WALLS_MOST
        hit_t = cuda.device_array((len(cameras) * width, room), dtype=np.float32)
        hit = cuda.device_array((len(cameras) * width, room), dtype=np.int32)
        self._rows[_blocks(len(cameras)), THREADS](env_, cameras_, tables)
        self._columns[_blocks(len(cameras) * width), THREADS](
            pictures, width, env_, cameras_, tables, ground, self._walls, things_, count, listed, columns, hit_t, hit
        )
        self._finish[_blocks(len(cameras) * height), THREADS](pictures, env_, cameras_, frame)
        pictures.copy_to_host(out)

    def _synced(self, atlas: GroundAtlas) -> Ground:
        arrays, painted = atlas.arrays, atlas.take_painted()
        if self._ground is None or len(arrays.pool) != self._pool_size:
            self._ground = Ground(*(cuda.to_device(np.ascontiguousarray(array)) for array in arrays))
            self._pool_size = len(arrays.pool)
        elif painted:
            pool: Any = self._ground.pool
            for slot in painted:
                pool[slot].copy_to_device(arrays.pool[slot])
            slots: Any = self._ground.slot_of
            slots.copy_to_device(arrays.slot_of)
        return self._ground


def _blocks(threads: int) -> int:
    return (threads + THREADS - 1) // THREADS
