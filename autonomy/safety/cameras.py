"""Are the cameras alive? Black, frozen, swapped and silent ones are told from their pictures, with numpy only.

A live picture never repeats: the sensor's noise differs from frame to frame, also while the car stands. A camera that
shows another's picture is found when two show the same, or when a picture suddenly continues another's.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from autonomy.world.observation import CameraFrames

F4 = NDArray[np.float32]
DARK_MEAN, DARK_PEAK = 8.0, 26.0
TEXTURE = 6.0  # levels of spread below which a picture says nothing (fog, night)
ALIKE = 1.5  # levels between two cameras' coarse pictures that show the same
PERSISTS = 3
SILENT_S = 2.0
BLOCK = 8


@dataclass(frozen=True, slots=True)
class CameraFault:
    """kind: "black", "frozen", "swapped" or "silent"; camera: its name."""

    kind: str
    camera: str

    @property
    def reason(self) -> str:
        return f"camera_{self.kind}:{self.camera}"


@dataclass(eq=False)
class CameraWatch:
    """Remembers the last pictures of one car."""

    time_s: float | None = None
    names: tuple[str, ...] = ()
    sums: list[int] = field(default_factory=list)
    coarse: F4 | None = None
    counts: dict[CameraFault, int] = field(default_factory=dict)
    swapped: set[str] = field(default_factory=set)

    def look(self, frames: CameraFrames | None, now_s: float) -> CameraFault | None:
        """The first fault that has lasted, or None. None for a car that never showed a picture.

        Raises ValueError for pictures whose shape does not fit the names.
        """
        if frames is None or frames.time_s == self.time_s:
            silent = self.time_s is not None and now_s - self.time_s > SILENT_S
            return CameraFault("silent", "all") if silent else self._lasting()
        if frames.pixels.ndim != 4 or frames.pixels.shape[:2] != (len(frames.names), 3):
            raise ValueError(f"frames: pixels {frames.pixels.shape} do not fit {len(frames.names)} cameras")
        coarse = _coarse(frames.pixels)
        sums = [crc32(picture.tobytes()) for picture in frames.pixels]
        found = _black(frames, coarse)
        if self.names == frames.names and self.coarse is not None and self.coarse.shape == coarse.shape:
            frozen = [name for name, new, old in zip(frames.names, sums, self.sums, strict=True) if new == old]
            found += [CameraFault("frozen", name) for name in frozen]
            dead = {fault.camera for fault in found}
            self._see_swaps(coarse, [k for k, name in enumerate(frames.names) if name not in dead])
        found += [CameraFault("swapped", name) for name in sorted(self.swapped | set(_twins(frames.names, coarse)))]
        self.counts = {fault: self.counts.get(fault, 0) + 1 for fault in found}
        self.time_s, self.names, self.sums, self.coarse = frames.time_s, frames.names, sums, coarse
        return self._lasting()

    def _lasting(self) -> CameraFault | None:
        return next((fault for fault, count in self.counts.items() if count >= PERSISTS), None)

    def _see_swaps(self, coarse: F4, alive: Sequence[int]) -> None:
        """A picture that continues another camera's, and not its own, has been swapped with it; so has it come back."""
        assert self.coarse is not None
        for a in alive:
            for b in alive:
                if b <= a or min(_spread(coarse[a]), _spread(coarse[b])) < TEXTURE:
                    continue
                kept = _apart(coarse[a], self.coarse[a]) + _apart(coarse[b], self.coarse[b])
                crossed = _apart(coarse[a], self.coarse[b]) + _apart(coarse[b], self.coarse[a])
                if crossed < 0.4 * kept:
                    self.swapped ^= {self.names[a], self.names[b]}


def _coarse(pixels: NDArray[np.uint8]) -> F4:
    """f4[C, H / BLOCK, W / BLOCK]: brightness of blocks."""
    count, channels, height, width = pixels.shape
    rows, columns = height // BLOCK, width // BLOCK
    cut = pixels[:, :, : rows * BLOCK, : columns * BLOCK].reshape(count, channels, rows, BLOCK, columns, BLOCK)
    return np.asarray(cut.mean(axis=(1, 3, 5), dtype=np.float32))


def _black(frames: CameraFrames, coarse: F4) -> list[CameraFault]:
    dark = (coarse.mean(axis=(1, 2)) < DARK_MEAN).tolist()
    return [
        CameraFault("black", name)
        for name, low, picture in zip(frames.names, dark, frames.pixels, strict=True)
        if low and int(picture.max()) < DARK_PEAK
    ]


def _twins(names: Sequence[str], coarse: F4) -> list[str]:
    """Cameras that show the same picture. Which of them is wrong, nobody knows."""
    found = set()
    for a in range(len(names)):
        for b in range(a + 1, len(names)):
            if min(_spread(coarse[a]), _spread(coarse[b])) >= TEXTURE and _apart(coarse[a], coarse[b]) < ALIKE:
                found |= {names[a], names[b]}
    return sorted(found)


def _spread(picture: F4) -> float:
    return float(picture.std())


def _apart(a: F4, b: F4) -> float:
    return float(np.abs(a - b).mean())
