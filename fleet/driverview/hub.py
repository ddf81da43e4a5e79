"""What is looked at in this process: one listener for each car, however many look, and only its newest view.

A looker is never pushed at. It waits for something newer than it has seen and gets the newest, so a slow line skips
views and never falls behind.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from uuid import UUID
from weakref import WeakKeyDictionary

from fleet.base import doorbell
from fleet.driverview.channels import RENEW_S, WATCH, views_of


class Sight:
    """The newest view of one car."""

    def __init__(self, vehicle_id: UUID) -> None:
        self.vehicle_id = vehicle_id
        self.lookers = 0
        self.count = 0
        self._frame = b""
        self._news = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    async def newer_than(self, count: int) -> tuple[int, bytes]:
        """(number, frame) of the newest view after number `count`; waits for one."""
        while self.count <= count:
            await self._news.wait()
        return self.count, self._frame

    def take(self, frame: bytes) -> None:
        self.count, self._frame = self.count + 1, frame
        news, self._news = self._news, asyncio.Event()
        news.set()

    def open(self) -> None:
        self._tasks = [
            asyncio.create_task(self._listen(), name=f"views of {self.vehicle_id}"),
            asyncio.create_task(self._ask(), name=f"watch of {self.vehicle_id}"),
        ]

    def close(self) -> None:
        for task in self._tasks:
            task.cancel()

    async def _listen(self) -> None:
        async for rung in doorbell.listen([views_of(self.vehicle_id)]):
            if rung is not None:
                self.take(rung[1])

    async def _ask(self) -> None:
        """Say again and again that somebody looks; whoever has the car's line asks it for views."""
        async with doorbell.Bell() as bell:
            while True:
                await bell.ring(WATCH, str(self.vehicle_id))
                await asyncio.sleep(RENEW_S)


_sights: "WeakKeyDictionary[asyncio.AbstractEventLoop, dict[UUID, Sight]]" = WeakKeyDictionary()


@contextlib.asynccontextmanager
async def looking(vehicle_id: UUID) -> AsyncIterator[Sight]:
    """Look through a car's cameras while the block runs; the last one to leave ends the car's sending."""
    sights = _sights.setdefault(asyncio.get_running_loop(), {})
    sight = sights.get(vehicle_id)
    if sight is None:
        sight = sights[vehicle_id] = Sight(vehicle_id)
        sight.open()
    sight.lookers += 1
    try:
        yield sight
    finally:
        sight.lookers -= 1
        if sight.lookers == 0:
            sights.pop(vehicle_id, None)
            sight.close()
