"""The scene from above, around a car, in the car's own frame: it looks to the right."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from autonomy.sim.render.ground import GroundAtlas
from autonomy.sim.render.layout import TILE_TEXELS
from autonomy.sim.roads import AREA_BUILDING, RoadMap
from autonomy.sim.views import CarView
from autonomy.world.action import Action
from autonomy.world.scene import BodyKind, Scene

F8 = NDArray[np.float64]
METRES_PER_PX = 0.3
BEHIND = 0.28  # of the width lies behind the rear axle
PLAN = (40, 220, 255)
OTHERS = (255, 170, 60)
SIGNALS = {1: (30, 230, 110), 2: (255, 180, 30), 3: (255, 50, 40)}
WALKER = (255, 236, 120)
HOUSE = (116, 108, 104)
PEOPLE = (int(BodyKind.PEDESTRIAN), int(BodyKind.OFFICER), int(BodyKind.ANIMAL))
NOT_DRAWN = (int(BodyKind.TREE), int(BodyKind.POLE))


class Above:
    """atlas: the map's painted ground; width, height in pixels."""

    def __init__(self, road_map: RoadMap, atlas: GroundAtlas, view: CarView, width: int, height: int) -> None:
        self._map = road_map
        self._atlas = atlas
        self._view = view
        self._size = (width, height)
        self._c, self._s = float(np.cos(view.heading)), float(np.sin(view.heading))

    def to_px(self, points: F8) -> list[tuple[float, float]]:
        """f8[k, 2] in metres of the world to pixels."""
        width, height = self._size
        dx, dy = points[:, 0] - self._view.x, points[:, 1] - self._view.y
        ahead, left = dx * self._c + dy * self._s, -dx * self._s + dy * self._c
        px = BEHIND * width + ahead / METRES_PER_PX
        return list(zip(px.tolist(), (height / 2 - left / METRES_PER_PX).tolist(), strict=True))

    def ground(self) -> Image.Image:
        width, height = self._size
        i, j = np.meshgrid(np.arange(width) + 0.5, np.arange(height) + 0.5)
        ahead, left = (i - BEHIND * width) * METRES_PER_PX, (height / 2 - j) * METRES_PER_PX
        x = self._view.x + ahead * self._c - left * self._s
        y = self._view.y + ahead * self._s + left * self._c
        return Image.fromarray(ground_colours(self._atlas, x, y))

    def draw(self, scene: Scene, action: Action | None) -> Image.Image:
        picture = self.ground()
        pen = ImageDraw.Draw(picture)
        self._houses(pen)
        bodies = scene.bodies
        for k in range(bodies.count):
            kind = int(bodies.kind[k])
            if kind in NOT_DRAWN or bool(np.hypot(*(bodies.pose[k, :2] - (self._view.x, self._view.y))) > 120.0):
                continue
            size = np.maximum(bodies.size[k, :2], 0.4)
            if kind in PEOPLE:
                ((px, py),) = self.to_px(bodies.pose[k : k + 1, :2])
                pen.ellipse((px - 3, py - 3, px + 3, py + 3), fill=WALKER, outline=(10, 10, 10))
                continue
            corners = self.to_px(_corners(bodies.pose[k], size))
            own = bodies.owner[k] == self._view.car_id
            pen.polygon(
                corners, fill=(255, 255, 255) if own else tuple(bodies.colour[k].tolist()), outline=(10, 10, 10)
            )
        for pose, state in zip(scene.signals.pose, scene.signals.state.tolist(), strict=True):
            if state in SIGNALS:
                ((px, py),) = self.to_px(pose[None, :2])
                pen.ellipse((px - 3, py - 3, px + 3, py + 3), fill=SIGNALS[state], outline=(0, 0, 0))
        if action is not None:
            for other in action.alternatives:
                pen.line(self.to_px(other[:, :2]), fill=OTHERS, width=1)
            pen.line(self.to_px(action.trajectory[:, :2]), fill=PLAN, width=3)
        return picture

    def _houses(self, pen: ImageDraw.ImageDraw) -> None:
        road_map, reach = self._map, self._size[0] * METRES_PER_PX
        for k in np.flatnonzero(road_map.area_kind == AREA_BUILDING).tolist():
            ring = road_map.area_xy[road_map.area_offset[k] : road_map.area_offset[k + 1]].astype(float)
            near = np.abs(ring - (self._view.x, self._view.y)).max(axis=1).min() < reach
            if near and len(ring) > 2:
                pen.polygon(self.to_px(ring), fill=HOUSE)


def ground_colours(atlas: GroundAtlas, x: F8, y: F8) -> NDArray[np.uint8]:
    """u1[..., 3]: the painted ground at these places, to 0.4 m; black outside of the map."""
    atlas.need(x.ravel(), y.ravel())
    ground = atlas.arrays
    gx, gy = (x - ground.frame[0]) / ground.frame[2], (y - ground.frame[1]) / ground.frame[2]
    i, j = np.floor(gx).astype(int), np.floor(gy).astype(int)
    inside = (i >= 0) & (j >= 0) & (i < ground.slot_of.shape[1]) & (j < ground.slot_of.shape[0])
    i, j = np.where(inside, i, 0), np.where(inside, j, 0)
    side = TILE_TEXELS // 2
    texel = ((gy - j) * side).astype(int).clip(0, side - 1) * side + ((gx - i) * side).astype(int).clip(0, side - 1)
    packed = np.where(inside, ground.pool[ground.slot_of[j, i], TILE_TEXELS**2 + texel], 0)
    return np.stack([packed & 255, (packed >> 8) & 255, (packed >> 16) & 255], axis=-1).astype(np.uint8)


def _corners(pose: F8, size: F8) -> F8:
    c, s = np.cos(pose[2]), np.sin(pose[2])
    along, across = np.array([1, 1, -1, -1]) * size[0] / 2, np.array([1, -1, -1, 1]) * size[1] / 2
    return np.column_stack([pose[0] + along * c - across * s, pose[1] + along * s + across * c])
