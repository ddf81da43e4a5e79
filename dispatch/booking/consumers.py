"""A rider follows a ride: the ride first, then what changes, then the car about once a second."""

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any, cast
from uuid import UUID

from asgiref.sync import sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer
from rest_framework.exceptions import AuthenticationFailed

from dispatch.booking import shapes
from dispatch.rides import selectors as rides
from dispatch.rides.services import channel_of
from fleet.access.authentication import TokenAuthentication
from fleet.access.domain import WATCHERS, Role
from fleet.access.permissions import allow
from fleet.base import doorbell
from geofence.base.errors import NotFound

CLOSE_UNKNOWN, CLOSE_FORBIDDEN, CLOSE_ENDED, CLOSE_PROTOCOL = 4404, 4403, 1000, 4400
EVERY_S = 1.0


class RideConsumer(AsyncWebsocketConsumer):  # type: ignore[misc]  # channels publishes no types
    """Server: {"type": "snapshot", "ride", "tracking"}, {"type": "ride", "ride"}, {"type": "tracking", "tracking"}.

    The rider and staff may listen; apps send `Authorization: Token …` with the handshake, browsers their session.
    The socket is closed with 1000 after the ride's end. It hears nothing: any message closes it.
    """

    access = allow(Role.RIDER, *WATCHERS)
    _pump: asyncio.Task[None] | None = None

    async def connect(self) -> None:
        user = await sync_to_async(_user_of)(self.scope)
        if not self.access.admits(user):
            await self.close(CLOSE_FORBIDDEN)
            return
        self._user, self._ride_id = user, UUID(str(self.scope["url_route"]["kwargs"]["ride_id"]))
        try:
            first = await sync_to_async(self._look)()
        except NotFound:
            await self.close(CLOSE_UNKNOWN)
            return
        await self.accept()
        await self._send({"type": "snapshot", **first})
        self._pump = asyncio.create_task(self._follow(first))

    async def disconnect(self, code: int) -> None:
        if self._pump:
            self._pump.cancel()

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        await self.close(CLOSE_PROTOCOL)

    def _look(self) -> dict[str, Any]:
        # Asked anew each time: who has lost the right to see the ride gets NotFound.
        ride = rides.visible_ride(self._user, self._ride_id)
        return {"ride": shapes.ride_body(ride), "tracking": shapes.tracking_body(ride)}

    async def _follow(self, seen: dict[str, Any]) -> None:
        """Look after every ring and at least once a second; Redis may be gone, the ride is in the database."""
        rings = cast("AsyncGenerator[object, None]", doorbell.listen([channel_of(self._ride_id)], every_s=EVERY_S))
        # Closed by hand: a generator left to the collector keeps its Redis connection until then.
        async with aclosing(rings):
            async for _ in rings:
                seen = await self._tell(seen)
                if not seen or seen["ride"]["ended"]:
                    await self.close(CLOSE_ENDED if seen else CLOSE_FORBIDDEN)
                    return

    async def _tell(self, seen: dict[str, Any]) -> dict[str, Any]:
        """Send what has changed since; empty when the ride may no longer be seen."""
        try:
            now = await sync_to_async(self._look)()
        except NotFound:
            return {}
        for name in ("ride", "tracking"):
            if now[name] != seen[name]:
                await self._send({"type": name, name: now[name]})
        return now

    async def _send(self, message: dict[str, Any]) -> None:
        await self.send(text_data=json.dumps(message, default=str, separators=(",", ":")))


def _user_of(scope: dict[str, Any]) -> Any:
    """The session's user, or the one of the token in the handshake's headers; None for a token that is no good."""
    user = scope.get("user")
    if user is not None and user.is_authenticated:
        return user
    header = dict(scope["headers"]).get(b"authorization", b"")
    scheme, _, token = header.partition(b" ")
    if scheme.lower() != b"token" or not token:
        return None
    try:
        found, _ = TokenAuthentication().authenticate_credentials(token.strip())
    except AuthenticationFailed:
        return None
    return found
