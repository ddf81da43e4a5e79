"""Live positions: the newest of each car, from the gateways to whoever draws maps.

Gateways publish batches on the Redis channel `positions`. Each process that shows them has one hub, which merges the
newest position of each car and wakes its readers at their own pace: a slow reader skips, and never holds up others.
Without Redis the hub reads the last known states from the database instead, once a second.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final
from weakref import WeakKeyDictionary

import msgspec
from asgiref.sync import sync_to_async

from fleet.base import doorbell
from fleet.base.clock import unix_ms
from fleet.telemetry.models import VehicleStatus

CHANNEL: Final = "positions"


class Position(msgspec.Struct, array_like=True, frozen=True):
    """[id, lon, lat, heading_deg, speed_mps, soc_pct, seen_ms], as sent to browsers too."""

    vehicle_id: str
    lon: float
    lat: float
    heading_deg: float
    speed_mps: float
    soc_pct: float
    seen_ms: int


_encode: Final = msgspec.msgpack.Encoder().encode
_decode: Final = msgspec.msgpack.Decoder(list[Position]).decode


def pack(positions: Sequence[Position]) -> bytes:
    return _encode(positions)


class Hub:
    """The newest position of each car, for the readers of one event loop. Runs while somebody reads."""

    def __init__(self) -> None:
        self._newest: dict[str, tuple[int, Position]] = {}
        self._tick = 0
        self._readers = 0
        self._task: asyncio.Task[None] | None = None

    async def frames(self, *, every_s: float = 0.5) -> AsyncIterator[list[Position]]:
        """Every `every_s` seconds, what is new since this reader's last frame; the first frame has every known car."""
        self._readers += 1
        if self._task is None:
            await self._load(None)
            self._task = asyncio.create_task(self._run(), name="positions hub")
        seen = 0
        try:
            while True:
                fresh = [position for tick, position in self._newest.values() if tick > seen]
                seen = self._tick
                if fresh:
                    yield fresh
                await asyncio.sleep(every_s)
        finally:
            self._readers -= 1
            if self._readers == 0 and self._task is not None:
                self._task.cancel()
                self._task = None

    def take(self, positions: Sequence[Position]) -> None:
        self._tick += 1
        for position in positions:
            known = self._newest.get(position.vehicle_id)
            if known is None or position.seen_ms >= known[1].seen_ms:
                self._newest[position.vehicle_id] = (self._tick, position)

    async def _run(self) -> None:
        quiet_since = datetime.now(UTC)
        async for rung in doorbell.listen([CHANNEL], every_s=1.0):
            if rung is None:
                # Nobody rang for a second: perhaps nothing moves, perhaps Redis is away.
                before, quiet_since = quiet_since, datetime.now(UTC)
                with contextlib.suppress(Exception):  # the database may be away too; the map then stands still
                    await self._load(before - timedelta(seconds=2))
                continue
            with contextlib.suppress(msgspec.DecodeError):
                self.take(_decode(rung[1]))

    async def _load(self, since: datetime | None) -> None:
        self.take(await sync_to_async(_last_known, thread_sensitive=True)(since))


_hubs: "WeakKeyDictionary[asyncio.AbstractEventLoop, Hub]" = WeakKeyDictionary()


def hub() -> Hub:
    """This event loop's hub."""
    return _hubs.setdefault(asyncio.get_running_loop(), Hub())


def _last_known(since: datetime | None) -> list[Position]:
    rows = VehicleStatus.objects.all() if since is None else VehicleStatus.objects.filter(heard_at__gte=since)
    fields = ("vehicle_id", "lon", "lat", "heading_deg", "speed_mps", "soc_pct", "ts")
    return [
        Position(str(key), lon, lat, heading, speed, soc, unix_ms(ts))
        for key, lon, lat, heading, speed, soc, ts in rows.values_list(*fields)
    ]


class Publisher:
    """Rings `positions` from the gateway's loop. Without Redis it drops, and counts."""

    def __init__(self) -> None:
        self._bell = doorbell.Bell()
        self.dropped = 0

    async def publish(self, positions: Sequence[Position]) -> None:
        if not await self._bell.ring(CHANNEL, pack(positions)):
            self.dropped += len(positions)

    async def close(self) -> None:
        await self._bell.close()
