"""Lens faults, applied to finished pictures; a frozen camera goes on showing what it saw last."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from autonomy.sim.render.finish import blur, dazzle, dirt
from autonomy.world.scene import LensFault, Scene

U1 = NDArray[np.uint8]


class Lenses:
    """Keeps the last good picture of every camera that is frozen."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], U1] = {}

    def apply(self, pictures: U1, scene: Scene, car_ids: Sequence[str], names: Sequence[str]) -> None:
        """Change u1[N, C, 3, H, W] in place by `scene.lens`. Raises ValueError for a level outside 0 to 1 or a camera
        that the car has not."""
        present = set(car_ids)
        self._kept = {key: kept for key, kept in self._kept.items() if self._frozen(scene, key)}
        for (car_id, camera), (fault, level) in scene.lens.items():
            if not 0.0 <= level <= 1.0:
                raise ValueError(f"scene.lens: level {level} of {camera} is not within 0 and 1")
            if camera not in names:
                raise ValueError(f"scene.lens: no camera is called {camera!r}")
            if car_id in present:
                own = pictures[list(car_ids).index(car_id)]
                self._spoil(own, list(names).index(camera), fault, level, (car_id, camera))

    @staticmethod
    def _frozen(scene: Scene, key: tuple[str, str]) -> bool:
        fault = scene.lens.get(key)
        return fault is not None and fault[0] is LensFault.FROZEN

    def _spoil(self, own: U1, index: int, fault: LensFault, level: float, key: tuple[str, str]) -> None:
        picture = own[index]
        seed = sum(key[0].encode()) * 31 + index
        if fault is LensFault.BLACK:
            picture[:] = (picture * (1.0 - level)).astype(np.uint8)
        elif fault is LensFault.FROZEN:
            kept = self._kept.setdefault(key, picture.copy())
            if kept.shape == picture.shape:
                picture[:] = kept
        elif fault is LensFault.DIRT:
            dirt(picture, level, seed)
        elif fault is LensFault.BLUR:
            blur(picture, max(1, round(level * picture.shape[2] / 20)))
        elif fault is LensFault.SWAPPED:
            picture[:] = own[(index + 2) % len(own)]
        elif fault is LensFault.GLARE:
            dazzle(picture, level)
