"""The websocket of one look through one car's cameras: opening it is the request, closing it ends the look."""

import asyncio
import contextlib
import logging
import time
from typing import Any
from uuid import UUID

from asgiref.sync import sync_to_async
from channels.auth import get_user
from channels.generic.websocket import AsyncWebsocketConsumer

from fleet.access.domain import STAFF, actor_of
from fleet.access.permissions import allow
from fleet.access.sessions import forget_cached
from fleet.driverview import services
from fleet.driverview.hub import Sight, looking
from geofence.base.errors import NotFound

log = logging.getLogger(__name__)
RECHECK_S = 30.0
PULSE_S = 2.0
MAX_LOOK_S = 900.0  # a forgotten page must not film a street all day
CLOSE_PROTOCOL, CLOSE_FORBIDDEN, CLOSE_UNKNOWN, CLOSE_LONG, CLOSE_FAILED = 4400, 4403, 4404, 4408, 4500


class DriverViewConsumer(AsyncWebsocketConsumer):  # type: ignore[misc]  # channels publishes no types
    """`/ws/console/driver/<vehicle>`. Server: {"type": "view", …}, {"type": "unable"}, {"type": "pulse"}; the client
    says nothing. Regulators read the record of the looks, and do not look themselves."""

    access = allow(*STAFF)
    _pump: asyncio.Task[None] | None = None

    async def connect(self) -> None:
        user = self.scope["user"]
        if not self.access.admits(user):
            await self.close(CLOSE_FORBIDDEN)
            return
        self.vehicle_id: UUID = self.scope["url_route"]["kwargs"]["vehicle_id"]
        self.actor = actor_of(user)
        try:
            await sync_to_async(services.opened)(vehicle_id=self.vehicle_id, actor=self.actor)
        except NotFound:
            await self.close(CLOSE_UNKNOWN)
            return
        except Exception:
            log.exception("a look through %s is not recorded and not given", self.vehicle_id)
            await self.close(CLOSE_FAILED)
            return
        self._since, self._shown = time.monotonic(), 0
        await self.accept()
        self._pump = asyncio.create_task(self._run(), name="driver view")

    async def disconnect(self, code: int) -> None:
        if self._pump is None:
            return
        self._pump.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._pump
        seconds = time.monotonic() - self._since
        await sync_to_async(services.closed)(
            vehicle_id=self.vehicle_id, actor=self.actor, seconds=seconds, pictures=self._shown
        )

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        await self.close(CLOSE_PROTOCOL)

    async def _run(self) -> None:
        async with looking(self.vehicle_id) as sight:
            code = await self._show(sight)
        await self.close(code)

    async def _show(self, sight: Sight) -> int:
        """Show until the look must end; returns the reason as a close code."""
        count, checked = sight.count, time.monotonic()
        while time.monotonic() - self._since < MAX_LOOK_S:
            try:
                async with asyncio.timeout(PULSE_S):
                    count, frame = await sight.newer_than(count)
            except TimeoutError:
                await self.send(text_data='{"type":"pulse"}')
            else:
                self._shown += 1
                await self.send(text_data=frame.decode())
            if time.monotonic() - checked > RECHECK_S:
                checked = time.monotonic()
                if not await self._still_admitted():
                    return CLOSE_FORBIDDEN
        return CLOSE_LONG

    async def _still_admitted(self) -> bool:
        session: Any = self.scope["session"]
        await sync_to_async(forget_cached)(session)
        return bool(self.access.admits(await get_user(self.scope)))
