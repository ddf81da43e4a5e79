"""One hub per socket process: it follows the ledger and the cars once, for all consoles that hang on it.

A console is never pushed at. It asks what it has not seen yet and gets it in one frame, so a slow one gets fewer and
larger frames and costs nobody else anything.
"""

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from weakref import WeakKeyDictionary

import msgspec
from asgiref.sync import sync_to_async
from django.db import close_old_connections

from fleet.console import snapshot
from fleet.console.cars import CarBoard
from fleet.ledger import selectors as ledger
from fleet.ledger import tail
from fleet.ledger.domain import LedgerEvent
from fleet.telemetry import live

log = logging.getLogger(__name__)
RING = 5000
encoder = msgspec.json.Encoder()


class Hub:
    """Recent events, already encoded, and the newest position of every car."""

    def __init__(self) -> None:
        self.cars = CarBoard()
        self.head = 0
        self._ring: deque[tuple[int, bytes]] = deque(maxlen=RING)
        self._news = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._guests = 0
        self._opening = asyncio.Lock()

    @contextlib.asynccontextmanager
    async def attached(self) -> AsyncIterator["Hub"]:
        """Follow while at least one console is attached."""
        async with self._opening:
            self._guests += 1
            if self._guests == 1:
                await self._open()
        try:
            yield self
        finally:
            self._guests -= 1
            if self._guests == 0:
                self._close()

    async def _open(self) -> None:
        self._ring.clear()
        self.head = await sync_to_async(ledger.head)()
        self._tasks = [
            asyncio.create_task(_for_ever(self._follow_ledger)),
            asyncio.create_task(_for_ever(self._follow_cars)),
        ]

    def _close(self) -> None:
        for task in self._tasks:
            task.cancel()
        self._tasks = []

    async def _follow_ledger(self) -> None:
        async for batch in tail.follow(self.head):
            self._take(batch)

    async def _follow_cars(self) -> None:
        async for cars in live.hub().frames():
            if self.cars.update(cars):
                self._ring_bell()

    def _take(self, batch: list[LedgerEvent]) -> None:
        for event in snapshot.wire_events(batch):
            self._ring.append((event["seq"], encoder.encode(event)))
            self.head = event["seq"]
        self._ring_bell()

    def _ring_bell(self) -> None:
        news, self._news = self._news, asyncio.Event()
        news.set()

    @property
    def news(self) -> asyncio.Event:
        """Set when there is something newer than now; take it before looking, wait for it after."""
        return self._news

    def oldest(self) -> int:
        """The lowest sequence number after which everything is still in memory."""
        return self._ring[0][0] - 1 if self._ring else self.head

    def events_after(self, seq: int) -> tuple[int, bytes]:
        """(newest number, JSON frame) of all events after `seq`, which must not lie before `oldest()`; b"" if none."""
        if seq >= self.head:
            return seq, b""
        newer = [body for number, body in self._ring if number > seq]
        return self.head, events_frame(newer)


def events_frame(encoded: list[bytes]) -> bytes:
    return b'{"type":"events","events":[' + b",".join(encoded) + b"]}"


async def _for_ever(follow: Callable[[], Awaitable[None]]) -> None:
    """Start again after a failure of the database or of Redis; a console must outlive both."""
    while True:
        try:
            await follow()
        except Exception:
            log.exception("console hub interrupted, goes on in a second")
            await sync_to_async(close_old_connections)()
        await asyncio.sleep(1)


_hubs: WeakKeyDictionary[asyncio.AbstractEventLoop, Hub] = WeakKeyDictionary()


def hub() -> Hub:
    """The hub of this process (of this event loop, to be exact)."""
    return _hubs.setdefault(asyncio.get_running_loop(), Hub())
