"""Times and sizes of hosting."""

from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True, slots=True)
class HostingLimits:
    """deadline_s: when an answer is due after its picture (one period at 5 Hz); stale_s: a picture or an answer older
    than this is worth nothing and dropped; hang_s: how long the network may work at one batch before its thread is
    given up; restarts: threads given up in a row, without an answer between, before the engine stays dead; batch: most
    cars in one call of the network."""

    deadline_s: float = 0.2
    stale_s: float = 0.6
    hang_s: float = 2.0
    restarts: int = 3
    batch: int = 64

    def __post_init__(self) -> None:
        """Raises ValueError for limits that contradict each other."""
        if not 0.0 < self.deadline_s <= self.stale_s < self.hang_s:
            raise ValueError(f"deadline_s, stale_s, hang_s: {self.deadline_s}, {self.stale_s}, {self.hang_s} must rise")
        if self.batch < 1:
            raise ValueError(f"batch: {self.batch} must be 1 or more")
        if self.restarts < 0:
            raise ValueError(f"restarts: {self.restarts} must be 0 or more")

    @classmethod
    def patient(cls) -> Self:
        """For a world that waits for its drivers: nothing goes stale, and only what takes for ever hangs."""
        return cls(stale_s=60.0, hang_s=90.0)
