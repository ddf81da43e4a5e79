"""The console's websocket: it subscribes once, then gets events by number and cars as they move."""

import asyncio
import json

from asgiref.sync import sync_to_async
from channels.auth import get_user
from channels.generic.websocket import AsyncWebsocketConsumer

from fleet.access.domain import WATCHERS
from fleet.access.permissions import allow
from fleet.access.sessions import forget_cached
from fleet.console import hub as hubs
from fleet.console import snapshot
from fleet.console.hub import Hub
from fleet.ledger import selectors as ledger

MAX_BEHIND = 5000
MAX_MESSAGE_BYTES = 4096
RECHECK_S = 30.0
PING_S = 15.0
CLOSE_FORBIDDEN, CLOSE_PROTOCOL = 4403, 4400


class ConsoleConsumer(AsyncWebsocketConsumer):  # type: ignore[misc]  # channels publishes no types
    """Client: {"type": "subscribe", "from_seq": n}. Server: events, positions, resync; pulse when nothing is new."""

    access = allow(*WATCHERS)
    _pump: asyncio.Task[None] | None = None

    async def connect(self) -> None:
        if not self.access.admits(self.scope["user"]):
            await self.close(CLOSE_FORBIDDEN)
            return
        await self.accept()

    async def disconnect(self, code: int) -> None:
        if self._pump:
            self._pump.cancel()

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        seq = _subscription(text_data)
        if seq is None or self._pump:
            await self.close(CLOSE_PROTOCOL)
            return
        self._pump = asyncio.create_task(self._run(seq))

    async def _run(self, seq: int) -> None:
        async with hubs.hub().attached() as hub:
            caught_up = await self._catch_up(hub, seq)
            if caught_up is None:
                await self.send(text_data='{"type":"resync"}')
                return
            await self._stream(hub, caught_up)

    async def _catch_up(self, hub: Hub, seq: int) -> int | None:
        """Send from the database what the hub no longer has; None when the client is better off with a snapshot."""
        oldest = hub.oldest()
        if seq >= oldest:
            return seq if seq <= hub.head else None
        if oldest - seq > MAX_BEHIND:
            return None
        events = await sync_to_async(ledger.after)(seq, oldest - seq)
        encoded = [hubs.encoder.encode(event) for event in snapshot.wire_events(events)]
        await self.send(text_data=hubs.events_frame(encoded).decode())
        return oldest

    async def _stream(self, hub: Hub, seq: int) -> None:
        tick, checked = 0, asyncio.get_running_loop().time()
        while True:
            news = hub.news
            if seq < hub.oldest():  # the ring overran a very slow reader
                await self.send(text_data='{"type":"resync"}')
                return
            seq, events = hub.events_after(seq)
            tick, cars = hub.cars.frame_after(tick)
            for frame in (events, cars):
                if frame:
                    await self.send(text_data=frame.decode())
            try:
                await asyncio.wait_for(news.wait(), PING_S)
            except TimeoutError:
                await self.send(text_data='{"type":"pulse"}')
            now = asyncio.get_running_loop().time()
            if now - checked > RECHECK_S:
                checked = now
                if not await self._still_admitted():
                    await self.close(CLOSE_FORBIDDEN)
                    return

    async def _still_admitted(self) -> bool:
        """Whoever signed out, was blocked or lost the role must not go on watching."""
        session = self.scope["session"]
        await sync_to_async(forget_cached)(session)
        user = await get_user(self.scope)
        return bool(self.access.admits(user))


def _subscription(text: str | None) -> int | None:
    """The sequence number asked for; None for anything that is not a subscription."""
    if text is None or len(text) > MAX_MESSAGE_BYTES:
        return None
    try:
        message = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(message, dict) or message.get("type") != "subscribe":
        return None
    seq = message.get("from_seq")
    return seq if isinstance(seq, int) and not isinstance(seq, bool) and 0 <= seq < 2**62 else None
