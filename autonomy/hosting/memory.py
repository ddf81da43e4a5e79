"""The memory of all cars of a release: one row each, rings of a fixed size, so that it never grows with time."""

from collections.abc import Sequence
from typing import Any

from autonomy.hosting.network import Memory, Network

FIRST_ROWS = 16


class MemoryPool:
    """Owned by one worker thread."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self._rows: dict[str, Any] = dict(network.empty_memory(FIRST_ROWS))
        self._blank: dict[str, Any] = dict(network.empty_memory(1))
        self.count = FIRST_ROWS

    def read(self, slots: Sequence[int], fresh: Sequence[bool]) -> Memory:
        """Copies of these rows, after the fresh ones among them were emptied."""
        self._grow(max(slots) + 1)
        anew = [slot for slot, empty in zip(slots, fresh, strict=True) if empty]
        for name, rows in self._rows.items():
            for slot in anew:
                rows[slot] = self._blank[name][0]
        rows_wanted = list(slots)
        return {name: rows[rows_wanted] for name, rows in self._rows.items()}

    def write(self, slots: Sequence[int], memory: Memory) -> None:
        """Keep what the network remembers now."""
        rows_wanted = list(slots)
        for name, rows in self._rows.items():
            rows[rows_wanted] = memory[name]

    def _grow(self, needed: int) -> None:
        if needed <= self.count:
            return
        count = max(needed, 2 * self.count)
        larger = dict(self._network.empty_memory(count))
        for name, rows in self._rows.items():
            larger[name][: self.count] = rows
        self._rows, self.count = larger, count
