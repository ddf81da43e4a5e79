"""Drivers' views from the cars' sockets to the people who look, and to nobody else.

Latest wins: of each car only the newest view waits, and it is read only when it goes out. A car that nobody looks
through, or one that sends faster than a person can see, costs a dictionary entry. What can't be read is counted and
left out; the car's session goes on.
"""

import asyncio
import logging
import time
from collections import Counter
from typing import Any, Final
from uuid import UUID

import msgspec
from msgspec import Raw

from autonomy.link.codec import BadFrame
from autonomy.link.driver_view import DriverView, decode_view
from fleet.base import clock, doorbell
from fleet.driverview.channels import LEASE_S, views_of
from fleet.gateway.pictures import BadPicture, jpeg_size

log = logging.getLogger(__name__)
BEAT_S: Final = 0.1  # at most ten views a second of each car
UNABLE: Final = b'{"type":"unable"}'
_encode: Final = msgspec.json.Encoder().encode


def frame_of(body: Raw, *, received_ms: int) -> bytes:
    """The browser's frame of a view. Raises `BadFrame` and `BadPicture`.

    Everything in it has been read and is written anew: nothing that a car says reaches a browser unread.
    A time of the future counts as now: an age is never negative.
    """
    view: DriverView = decode_view(body)
    for picture in view.pictures:
        jpeg_size(picture.jpeg)
    plain: dict[str, Any] = msgspec.structs.asdict(view)
    plain["taken_ms"] = min(view.taken_ms, received_ms)
    return _encode({"type": "view", "at": received_ms, "view": plain})


class Relay:
    """One for each gateway process. `counts`: sent, unwatched, bad, not_taken (Redis was away)."""

    def __init__(self) -> None:
        self._bell = doorbell.Bell()
        self._watched_until_s: dict[UUID, float] = {}
        self._newest: dict[UUID, tuple[Raw, int]] = {}
        self._news = asyncio.Event()
        self.counts: Counter[str] = Counter()

    def watch(self, vehicle_id: UUID) -> int:
        """Somebody looks through this car; returns until when, in Unix ms."""
        self._watched_until_s[vehicle_id] = time.monotonic() + LEASE_S
        return clock.unix_ms(clock.now()) + round(LEASE_S * 1000)

    def watched(self, vehicle_id: UUID) -> bool:
        return self._watched_until_s.get(vehicle_id, float("-inf")) > time.monotonic()

    def take(self, vehicle_id: UUID, body: Raw) -> None:
        """Called on the event loop for every view; does no input or output."""
        if not self.watched(vehicle_id):
            self._watched_until_s.pop(vehicle_id, None)
            self.counts["unwatched"] += 1
            return
        self._newest[vehicle_id] = (body, clock.unix_ms(clock.now()))
        self._news.set()

    def forget(self, vehicle_id: UUID) -> None:
        self._newest.pop(vehicle_id, None)

    async def unable(self, vehicle_id: UUID) -> None:
        """This car's software shows nothing: tell whoever looks."""
        await self._bell.ring(views_of(vehicle_id), UNABLE)

    async def publish_forever(self) -> None:
        while True:
            await self._news.wait()
            self._news.clear()
            newest, self._newest = self._newest, {}
            for vehicle_id, (body, received_ms) in newest.items():
                await self._publish(vehicle_id, body, received_ms)
            await asyncio.sleep(BEAT_S)

    async def _publish(self, vehicle_id: UUID, body: Raw, received_ms: int) -> None:
        try:
            frame = frame_of(body, received_ms=received_ms)
        except (BadFrame, BadPicture) as error:
            if not self.counts["bad"]:
                log.warning("view of %s can't be shown: %s", vehicle_id, error)
            self.counts["bad"] += 1
            return
        self.counts["sent" if await self._bell.ring(views_of(vehicle_id), frame) else "not_taken"] += 1

    async def close(self) -> None:
        await self._bell.close()
