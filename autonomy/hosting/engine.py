"""The engine: many cars, each with its own memory, release and deadline; one thread that runs the networks.

The loop of the process hands observations over and fetches answers; it never waits. The thread takes what waits, all
cars of one release in one batch, driving releases before shadows. When it hangs, it is given up and another one begins
with empty memories; what the old one may still say is not listened to.
"""

import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from types import TracebackType
from typing import Self

from autonomy.hosting.board import Board
from autonomy.hosting.limits import HostingLimits
from autonomy.hosting.metrics import Snapshot, prometheus
from autonomy.hosting.network import Network
from autonomy.hosting.worker import Worker
from autonomy.policy.host import Answer, Disagreement, Punctuality, Shot
from autonomy.world.observation import Observation

log = logging.getLogger("hansom.hosting")
WAIT_S = 0.25


class Engine:
    """Implements `autonomy.policy.host.Host`. Without `start` nothing runs by itself: `catch_up` then does the work in
    the thread of the caller (evaluation, training, proofs faster than time)."""

    def __init__(
        self,
        networks: Mapping[str, Network],
        *,
        limits: HostingLimits | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`networks`: by release."""
        self.limits = limits or HostingLimits()
        self._clock = clock
        self._board = Board(networks, self.limits, clock)
        self._worker = Worker(self._board)
        self._thread: threading.Thread | None = None
        self._hung_in_a_row = 0
        self._answers_then = 0
        self.restarts = 0

    # --- who is hosted

    def assign(self, car_id: str, release: str, *, shadow: str | None = None, deadline_s: float | None = None) -> None:
        """Let a release drive this car from the next picture on, and another one watch it. A car that changes its
        release begins with an empty memory. Raises ValueError for a release that is not there."""
        self._board.assign(car_id, release, shadow=shadow, deadline_s=deadline_s or self.limits.deadline_s)

    def remove(self, car_id: str) -> None:
        """Raises KeyError for a car that is not hosted."""
        self._board.remove(car_id)

    def release_of(self, car_id: str) -> str | None:
        return self._board.release_of(car_id, "drives")

    def shadow_of(self, car_id: str) -> str | None:
        return self._board.release_of(car_id, "shadow")

    def calibration_of(self, car_id: str) -> Mapping[str, float]:
        release = self.release_of(car_id)
        return {} if release is None else self._board.groups[release].network.calibration

    def punctuality(self, car_id: str) -> Punctuality:
        return self._board.punctuality(car_id)

    def reset(self, car_ids: Sequence[str]) -> None:
        self._board.reset(car_ids)

    def explain(self, car_ids: Sequence[str]) -> None:
        self._board.in_words = frozenset(car_ids)

    # --- the loop's side

    def submit(self, observations: Sequence[Observation], shot: Shot | None = None) -> None:
        """Raises KeyError for a car that is not hosted and ValueError for an observation without pictures."""
        self._board.post(observations, shot)

    def collect(self) -> list[Answer]:
        self._watch()
        return self._board.fetch()

    def catch_up(self) -> None:
        if self._thread is None:
            while self._worker.once():
                pass
            return
        until_s = self._clock() + self.limits.hang_s
        while not self._board.idle() and self._clock() < until_s:
            self._watch()
            self._board.answered.wait(0.005)
            self._board.answered.clear()

    def disagreements(self) -> list[Disagreement]:
        return self._board.comparison.drain()

    # --- the thread

    def warm_up(self, batches: Sequence[int] = (1, 4, 16)) -> None:
        """Compilers and caches before the first car waits for them."""
        for group in self._board.groups.values():
            for batch in batches:
                group.network.warm_up(batch)

    def start(self) -> None:
        """Begin to work in a thread of its own."""
        if self._thread is None:
            self._begin()

    def close(self) -> None:
        """End the thread; waits for the batch at hand, but not for one that hangs."""
        self._worker.stop()
        if self._thread is not None:
            self._thread.join(timeout=self.limits.hang_s)
            self._thread = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def count_anew(self) -> None:
        """Begin all metrics again (a new wave, a benchmark after its start)."""
        self._board.count_anew()

    def snapshot(self) -> Snapshot:
        return self._board.snapshot(restarts=self.restarts, alive=self.alive)

    def report(self) -> str:
        return prometheus(self.snapshot())

    @property
    def alive(self) -> bool:
        """Whether answers can come: False after too many threads had to be given up in a row."""
        return self._hung_in_a_row <= self.limits.restarts

    def _begin(self) -> None:
        self._thread = threading.Thread(target=self._worker.forever, args=(WAIT_S,), name="policy", daemon=True)
        self._thread.start()

    def _watch(self) -> None:
        """The watchdog. The loop that needs the answers runs it, so that it lives as long as they matter."""
        if self._thread is None or not self.alive:
            return
        busy_since_s = self._worker.busy_since_s
        hangs = busy_since_s is not None and self._clock() - busy_since_s > self.limits.hang_s
        if not hangs and self._thread.is_alive():
            return
        answers = self._board.answer_count
        self._hung_in_a_row = 1 if answers > self._answers_then else self._hung_in_a_row + 1
        self._answers_then = answers
        self.restarts += 1
        log.error(
            "the policy's thread %s; it is given up (%d in a row)", "hangs" if hangs else "died", self._hung_in_a_row
        )
        self._worker.stop()
        self._board.reset_all()
        if self.alive:
            self._worker = Worker(self._board)
            self._begin()
        else:
            log.error("no more policy threads are begun: the cars stay with the safety monitor")
