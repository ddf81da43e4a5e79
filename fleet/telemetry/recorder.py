"""From the sockets to the map and to the database, on two separate tasks: a database that stalls does not stop the map.

What waits for the database is bounded; beyond the bound the oldest reports are dropped and counted.
"""

import asyncio
import logging
import struct
import time
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Final, Protocol, TypeVar
from uuid import UUID

from django.db import DataError, Error, IntegrityError

from fleet.base import clock
from fleet.base.clock import unix_ms
from fleet.telemetry import partitions
from fleet.telemetry.domain import Sample, disbelief
from fleet.telemetry.live import Position, Publisher
from fleet.telemetry.writer import write

log = logging.getLogger(__name__)
BEAT_S: Final = 0.5
MAX_WAITING: Final = 200_000  # reports; some 100 MB
MAX_BATCH: Final = 20_000
T = TypeVar("T")
Heard = Mapping[UUID, tuple[int, datetime]]


class InThread(Protocol):
    """Runs a function in a thread that has a database connection."""

    def __call__(self, function: Callable[[], T], /) -> Awaitable[T]: ...


class Recorder:
    """One for each gateway process. `counts`: stored, fenced, dropped, and one for each reason of disbelief."""

    def __init__(self, in_thread: InThread, publisher: Publisher) -> None:
        self._in_thread = in_thread
        self._publisher = publisher
        self._waiting: deque[Sample] = deque()
        self._moved: dict[UUID, Sample] = {}
        self._believed: dict[UUID, Sample] = {}
        self._heard: dict[UUID, tuple[int, datetime]] = {}
        self._refused = 0
        self._writing = False
        self.counts: Counter[str] = Counter()

    def take(self, samples: Sequence[Sample]) -> None:
        """Called on the event loop for every report; does no input or output."""
        for sample in samples:
            reason = disbelief(sample, self._believed.get(sample.vehicle_id))
            if reason is not None:
                self.counts[reason] += 1
                continue
            if len(self._waiting) >= MAX_WAITING:
                self._waiting.popleft()
                self.counts["dropped"] += 1
            self._waiting.append(sample)
            newest = self._believed.get(sample.vehicle_id)
            if newest is None or sample.ts >= newest.ts:
                self._believed[sample.vehicle_id] = sample
                if sample.live:
                    self._moved[sample.vehicle_id] = sample

    def heard(self, vehicle_id: UUID, epoch: int, at: datetime) -> None:
        self._heard[vehicle_id] = (epoch, at)

    def forget(self, vehicle_id: UUID) -> None:
        """The car's session is over: the next one may begin anywhere."""
        self._believed.pop(vehicle_id, None)

    @property
    def at_rest(self) -> bool:
        return not (self._waiting or self._heard or self._writing)

    async def publish_forever(self) -> None:
        while True:
            await asyncio.sleep(BEAT_S)
            moved, self._moved = self._moved, {}
            if moved:
                await self._publisher.publish([_position(sample) for sample in moved.values()])

    async def persist_forever(self) -> None:
        while True:
            began = time.monotonic()
            await self.persist()
            await asyncio.sleep(max(0.0, BEAT_S - (time.monotonic() - began)))

    async def persist(self) -> None:
        """Write what waits; what the database does not take now waits on."""
        self._writing = True
        try:
            await self._write_all()
        finally:
            self._writing = False

    async def _write_all(self) -> None:
        heard, self._heard = self._heard, {}
        while self._waiting or heard:
            batch = [self._waiting.popleft() for _ in range(min(MAX_BATCH, len(self._waiting)))]
            try:
                written = await self._in_thread(partial(write, batch, heard))
            except (IntegrityError, DataError, ValueError, struct.error) as error:
                # Not the database's state but ours: a day without a partition, or a value that no check foresaw.
                await self._mend(batch, error)
                return
            except Error as error:
                log.warning("telemetry not written, %d reports wait: %s", len(batch) + len(self._waiting), error)
                self._put_back(batch, heard)
                return
            self._refused = 0
            self.counts["stored"] += written.stored
            self.counts["fenced"] += written.fenced
            heard = {}

    async def _mend(self, batch: list[Sample], error: Exception) -> None:
        self._refused += 1
        if self._refused > 1:
            log.error("%d reports given up: %s", len(batch), error)
            self.counts["given_up"] += len(batch)
            self._refused = 0
            return
        self._put_back(batch, {})
        try:
            await self._in_thread(lambda: partitions.ensure(clock.now().date()))
        except Error as again:
            log.warning("no partitions made: %s", again)

    def _put_back(self, batch: list[Sample], heard: Heard) -> None:
        room = MAX_WAITING - len(self._waiting)
        self.counts["dropped"] += max(0, len(batch) - room)
        self._waiting.extendleft(reversed(batch[max(0, len(batch) - room) :]))
        self._heard = {**heard, **self._heard}


def _position(sample: Sample) -> Position:
    return Position(
        str(sample.vehicle_id),
        sample.lon,
        sample.lat,
        sample.heading_deg,
        sample.speed_mps,
        sample.soc_pct,
        unix_ms(sample.ts),
    )
