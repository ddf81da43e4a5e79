"""The operational design domain on the car: reads the platform's file, again when it has changed, and looks ahead."""

import logging
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

from autonomy.safety.odd import Conditions, OddMap, OddSight, read_odd

log = logging.getLogger("hansom.agent")
LOOK_AGAIN_S = 2.0
LARGEST = 64 * 1024 * 1024


class Roads(Protocol):
    @property
    def digest(self) -> str: ...

    @property
    def edge_count(self) -> int: ...

    def length_m(self, edge: int) -> float: ...


class OddWatch:
    """A file that is missing, damaged or made for another map leaves the domain unknown; what was read before then
    holds no longer, for it may be what has been taken back."""

    def __init__(self, path: Path | None, roads: Roads, *, clock: Callable[[], float] = time.time) -> None:
        self._path = path
        self._roads = roads
        self._clock = clock
        self._stamp: tuple[int, int] | None = None
        self._due_s = float("-inf")
        self.odd: OddMap | None = None

    @property
    def conditions(self) -> Conditions:
        """The limits of weather and light; the built-in ones without a file."""
        return Conditions() if self.odd is None else self.odd.conditions

    def refresh(self) -> bool:
        """Read the file if it has changed; looks at most every two seconds. True when the domain is another now."""
        now_s = self._clock()
        if self._path is None or now_s < self._due_s:
            return False
        self._due_s = now_s + LOOK_AGAIN_S
        try:
            about = self._path.stat()
            stamp = about.st_mtime_ns, about.st_size
        except OSError:
            changed, self._stamp, self.odd = self.odd is not None, None, None
            return changed
        if stamp == self._stamp:
            return False
        self._stamp = stamp
        self.odd = self._read(about.st_size)
        return True

    def sight(self, edge: int, offset_m: float, onward: Sequence[int]) -> OddSight:
        """Where a car is in the domain that is on `edge` and goes on along `onward`."""
        if self.odd is None:
            return OddSight()
        return self.odd.sight(edge, offset_m, onward, self._roads.length_m, self._clock())

    def _read(self, size: int) -> OddMap | None:
        assert self._path is not None
        try:
            if size > LARGEST:
                raise ValueError(f"odd: {size} bytes are too many")
            odd = read_odd(self._path.read_bytes())
        except (OSError, ValueError) as error:
            log.warning("%s: %s; the operational design domain is unknown", self._path, error)
            return None
        if odd.map_digest != self._roads.digest or odd.edges != self._roads.edge_count:
            log.warning("%s: made for another map; the operational design domain is unknown", self._path)
            return None
        log.info("operational design domain version %d", odd.version)
        return odd
