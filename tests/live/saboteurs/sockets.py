"""A socket server that dies between storing a car's event and acknowledging it.

`SABOTAGE=ack-first` makes it the broken variant: it acknowledges first and dies before it stores.
"""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fleet.settings")

import time

from autonomy.link.messages import Event, StopArrived
from fleet.asgi import application
from fleet.gateway.connection import CarConnection
from tests.live.saboteurs.once import die_once

_effect = CarConnection._effect


async def dying_effect(self: CarConnection, event: Event) -> int:
    if not isinstance(event.body, StopArrived):
        return await _effect(self, event)
    if os.environ.get("SABOTAGE") == "ack-first":
        self._session.stored(event.seq, now_s=time.monotonic())
        await self._flush()
        die_once("sockets")
    stored = await _effect(self, event)
    die_once("sockets")
    return stored


CarConnection._effect = dying_effect  # type: ignore[method-assign]  # the sabotage

__all__ = ["application"]
