"""The batched camera renderer: pictures of all cameras of many cars in one call.

A 2.5-D ray caster. Cameras neither pitch nor roll, so every picture column is an upright plane: what it meets is found
once a column in the plan (ground, walls, boxes, figures), and heights become rows. One thread draws one column.
"""

import copy
from collections.abc import Sequence
from threading import Lock
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from autonomy.sim.junctions import find_junctions
from autonomy.sim.platforms import platform as platform_of
from autonomy.sim.render import layout as at
from autonomy.sim.render.backdrop import row_table
from autonomy.sim.render.column import HITS_MOST, WALLS_MOST, cast
from autonomy.sim.render.cull import CELL_M, MOST, list_things
from autonomy.sim.render.finish import finish_row
from autonomy.sim.render.ground import GroundAtlas
from autonomy.sim.render.jit import compiled
from autonomy.sim.render.layout import ROW
from autonomy.sim.render.lens import Lenses
from autonomy.sim.render.light import environment
from autonomy.sim.render.props import props_of
from autonomy.sim.render.things import things_of
from autonomy.sim.render.walls import walls_of
from autonomy.sim.roads import RoadMap
from autonomy.sim.roadside import Roadside
from autonomy.sim.swings import make_room
from autonomy.sim.views import CarView
from autonomy.world.camera import FRAME_HEIGHT, FRAME_WIDTH
from autonomy.world.scene import Scene

if TYPE_CHECKING:
    from autonomy.sim.render.gpu import DeviceDrawer

F4 = NDArray[np.float32]
F8 = NDArray[np.float64]
U1 = NDArray[np.uint8]
FRAMES_PER_S = 100.0


@compiled
def _draw_all(  # type: ignore[no-untyped-def]
    out, width, frame, env, cameras, ground, walls, things, count, listed, columns, hit_t, hit
) -> None:
    table = np.empty((out.shape[2], ROW), dtype=np.float32)
    for k in range(len(cameras)):
        row_table(env, cameras[k], table)
        for u in range(width):
            cast(
                out[k],
                u,
                width,
                env,
                cameras[k],
                table,
                ground,
                walls,
                things,
                count[k],
                listed[k],
                columns[k],
                hit_t,
                hit,
            )
        for v in range(out.shape[2]):
            finish_row(out[k], v, env, cameras[k], frame)


class Renderer:
    """Pictures of one map. The same map, seed, scene and views give the same pictures.

    side: the world's own `Roadside`, when there is a world; else one is made. Threads may share a renderer; they take
    turns, without the interpreter's lock.
    device: "cpu" or "cuda". Raises ValueError for another, RuntimeError where there is no such device.
    """

    def __init__(self, road_map: RoadMap, *, seed: int = 0, device: str = "cpu", side: Roadside | None = None) -> None:
        if device not in ("cpu", "cuda"):
            raise ValueError(f"device: {device!r} is neither cpu nor cuda")
        if side is None:
            junctions = find_junctions(road_map)
            make_room(road_map, junctions)
            side = Roadside(road_map, junctions)
        self.road_map = road_map
        self.side = side
        self.device = device
        self._props, lamps = props_of(side, seed)
        self._cells = _cells_of(self._props)
        self._walls = walls_of(road_map, side, seed)
        self._atlas = GroundAtlas(road_map, side, lamps)
        self._lenses = Lenses()
        self._seed = seed
        self._lock = Lock()
        self._drawer: DeviceDrawer | None = None
        if device == "cuda":
            from autonomy.sim.render import gpu  # asks for the driver: only where it is wanted

            self._drawer = gpu.DeviceDrawer(self._walls)

    @property
    def map_digest(self) -> str:
        return self.road_map.digest

    def again(self) -> "Renderer":
        """The same renderer for another world on this map: ground and walls are shared, what lenses keep is not."""
        other = copy.copy(self)
        other._lenses = Lenses()
        return other

    def names(self, platform: str) -> tuple[str, ...]:
        """The cameras of a platform, in the order of its pictures."""
        return tuple(camera.name for camera in platform_of(platform).cameras)

    def frames(
        self, scene: Scene, views: Sequence[CarView], *, width: int = FRAME_WIDTH, height: int = FRAME_HEIGHT
    ) -> U1:
        """uint8[N, C, 3, H, W]: pictures of N cars' cameras in the order of their platforms' sets.

        Raises ValueError for a bad scene, weather or platform, and when the cars' sets differ in size."""
        if not (8 <= width <= 1024 and 8 <= height <= 1024):
            raise ValueError(f"width, height: {width} x {height} is not within 8 and 1024")
        with self._lock:
            return self._frames(scene, views, width, height)

    def _frames(self, scene: Scene, views: Sequence[CarView], width: int, height: int) -> U1:
        if not views:
            return np.zeros((0, 0, 3, height, width), dtype=np.uint8)
        env = environment(scene.weather, scene.time_s)
        things = things_of(scene, self._props, {view.car_id: k for k, view in enumerate(views)})
        cameras, per_car = _cameras(views, width, height)
        self._prepare_ground(views)
        out = np.empty((len(cameras), 3, height, width), dtype=np.uint8)
        self._draw(out, env, cameras, things, frame=round(scene.time_s * FRAMES_PER_S))
        pictures = out.reshape(len(views), per_car, 3, height, width)
        self._lenses.apply(pictures, scene, [view.car_id for view in views], self.names(views[0].platform))
        return pictures

    def _draw(self, out: U1, env: F4, cameras: F4, things: F4, *, frame: int) -> None:
        width = out.shape[3]
        count = np.zeros(len(cameras), dtype=np.int32)
        listed = np.zeros((len(cameras), MOST), dtype=np.int32)
        columns = np.zeros((len(cameras), MOST, 2), dtype=np.int32)
        start, member, shape, corner = self._cells
        reach = float(env[at.E_RANGE])
        list_things(
            things, len(self._props), start, member, shape, corner, cameras, width, reach, count, listed, columns
        )
        if self._drawer is not None:
            self._drawer.draw(out, env, cameras, things, (count, listed, columns), self._atlas, frame)
            return
        room = HITS_MOST + WALLS_MOST
        hit_t, hit = np.zeros(room, dtype=np.float32), np.zeros(room, dtype=np.int32)
        ground = self._atlas.arrays
        _draw_all(out, width, frame, env, cameras, ground, self._walls, things, count, listed, columns, hit_t, hit)

    def _prepare_ground(self, views: Sequence[CarView]) -> None:
        x, y = np.array([view.x for view in views]), np.array([view.y for view in views])
        c, s = np.cos([view.heading for view in views]), np.sin([view.heading for view in views])
        near = _NEAR
        self._atlas.need(
            (x[:, None] + near[:, 0] * c[:, None] - near[:, 1] * s[:, None]).ravel(),
            (y[:, None] + near[:, 0] * s[:, None] + near[:, 1] * c[:, None]).ravel(),
        )


# places around a car whose ground must be fine: a ring, and a wedge ahead
_NEAR = np.array(
    [(0, 0)]
    + [(28 * np.cos(a), 28 * np.sin(a)) for a in np.arange(8) * np.pi / 4]
    + [(48, 0), (48, 14), (48, -14), (68, 0), (68, 18), (68, -18)]
)


def _cameras(views: Sequence[CarView], width: int, height: int) -> tuple[F4, int]:
    """f4[N * C, CAMERA] and C."""
    sets = [platform_of(view.platform) for view in views]
    per_car = len(sets[0].cameras)
    if any(len(kind.cameras) != per_car for kind in sets):
        raise ValueError("views: the cars' camera sets differ in size")
    rows = np.zeros((len(views) * per_car, at.CAMERA))
    k = 0
    for number, (view, kind) in enumerate(zip(views, sets, strict=True)):
        if not np.isfinite([view.x, view.y, view.heading]).all():
            raise ValueError(f"views: the pose of {view.car_id} is not finite")
        c, s = np.cos(view.heading), np.sin(view.heading)
        for index, camera in enumerate(kind.cameras):
            rows[k, at.C_X] = view.x + camera.x_m * c - camera.y_m * s
            rows[k, at.C_Y] = view.y + camera.x_m * s + camera.y_m * c
            rows[k, at.C_Z] = camera.z_m
            rows[k, at.C_FX], rows[k, at.C_FY] = (
                np.cos(view.heading + camera.yaw_rad),
                np.sin(view.heading + camera.yaw_rad),
            )
            rows[k, at.C_FOCAL] = camera.focal_px(width)
            rows[k, at.C_HORIZON] = camera.horizon * height
            rows[k, at.C_CAR_X], rows[k, at.C_CAR_Y] = view.x, view.y
            rows[k, at.C_CAR_COS], rows[k, at.C_CAR_SIN] = c, s
            rows[k, at.C_FRONT] = kind.front_m
            rows[k, at.C_SEED] = sum(view.car_id.encode()) % 97 * 8 + index
            rows[k, at.C_OWNER] = number
            k += 1
    return rows.astype(np.float32), per_car


def _cells_of(props: F4) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int32], F8]:
    """Which props stand in which cell of the grid: start, member, shape (rows, columns) and the grid's corner."""
    if len(props) == 0:
        one = np.ones(2, dtype=np.int32)
        return np.zeros(2, dtype=np.int32), np.zeros(0, dtype=np.int32), one, np.zeros(2)
    place = props[:, at.T_X : at.T_Y + 1].astype(float)
    corner = place.min(axis=0) - 1.0
    cell = ((place - corner) // CELL_M).astype(int)
    columns, rows = (cell.max(axis=0) + 1).tolist()
    code = cell[:, 1] * columns + cell[:, 0]
    order = np.argsort(code, kind="stable")
    start = np.searchsorted(code[order], np.arange(rows * columns + 1)).astype(np.int32)
    return start, order.astype(np.int32), np.array([rows, columns], dtype=np.int32), corner
