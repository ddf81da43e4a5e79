"""The rider's websocket: a snapshot, then what changes; closed to others and after the end."""

import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
from asgiref.sync import sync_to_async
from asgiref.testing import ApplicationCommunicator
from django.conf import settings
from django.db import connections
from knox.models import AuthToken

from dispatch.rides.models import Ride
from fleet.base.sockets import socket_application
from geofence.roads.domain.network import Network
from geofence.stops.selectors import StopChoice
from tests.dispatch.actors import Booker

pytestmark = pytest.mark.django_db(transaction=True)


class Link:
    """One websocket to the real application, without a server between."""

    def __init__(self, ride_id: UUID, token: str | None, origin: str | None = None) -> None:
        headers = [(b"origin", (origin or settings.HANSOM_ORIGINS[0]).encode())]
        if token is not None:
            headers.append((b"authorization", f"Token {token}".encode()))
        path = f"/ws/rides/{ride_id}"
        scope = {"type": "websocket", "path": path, "query_string": b"", "headers": headers, "subprotocols": []}
        communicator: Any = ApplicationCommunicator  # asgiref types none of it
        self._app = communicator(socket_application(), scope)

    async def connect(self) -> dict[str, Any]:
        """The server's answer: accept or close."""
        await self._app.send_input({"type": "websocket.connect"})
        return dict(await self._app.receive_output(timeout=5))

    async def say(self, text: str) -> None:
        await self._app.send_input({"type": "websocket.receive", "text": text})

    async def hear(self, kind: str) -> Any:
        """The next message of a kind."""
        while True:
            frame = await self._app.receive_output(timeout=5)
            assert frame["type"] == "websocket.send", frame
            message = json.loads(frame["text"])
            if message["type"] == kind:
                return message

    async def closed(self) -> int:
        """The code with which the server ends the socket."""
        while (frame := await self._app.receive_output(timeout=5))["type"] != "websocket.close":
            pass
        await self.leave()
        return int(frame["code"])

    async def leave(self) -> None:
        """What the server tells the application when the connection has gone."""
        await self._app.send_input({"type": "websocket.disconnect", "code": 1000})
        await self._app.wait(timeout=5)


@pytest.fixture(autouse=True)
async def no_connection_left() -> AsyncIterator[None]:
    """The thread of the application keeps a database connection, which would hinder the clean-up."""
    yield
    await sync_to_async(connections.close_all)()


@dataclass(frozen=True)
class Booked:
    ride_id: UUID
    token: str
    stranger: str


@pytest.fixture
def booked(city: Network, booker: Booker, new_booker: Callable[[], Booker], places: list[StopChoice]) -> Booked:
    """A booked ride with its rider's token and somebody else's."""
    tokens = [AuthToken.objects.create(who.user)[1] for who in (booker, new_booker())]
    return Booked(booker.book(places[5], places[-5]), *tokens)


async def test_the_rider_sees_the_ride_change_until_it_is_over(booked: Booked, booker: Booker) -> None:
    link = Link(booked.ride_id, booked.token)
    assert (await link.connect())["type"] == "websocket.accept"
    first = await link.hear("snapshot")
    assert (first["ride"]["id"], first["ride"]["state"]) == (str(booked.ride_id), "requested")
    assert first["tracking"]["car"] is None
    await sync_to_async(booker.order)(booked.ride_id, "cancel", {"reason": "changed_plans"})
    changed = await link.hear("ride")
    assert (changed["ride"]["state"], changed["ride"]["end_reason"]) == ("cancelled", "changed_plans")
    assert await link.closed() == 1000


async def test_strangers_bad_tokens_and_other_origins_stay_outside(booked: Booked) -> None:
    cases = [
        (Link(booked.ride_id, booked.stranger), 4404),
        (Link(booked.ride_id, "forged"), 4403),
        (Link(booked.ride_id, None), 4403),
        (Link(booked.ride_id, booked.token, origin="https://elsewhere.example"), None),
    ]
    for link, code in cases:
        answer = await link.connect()
        assert answer["type"] == "websocket.close"
        assert code is None or answer["code"] == code
        await link.leave()


async def test_a_message_from_the_client_ends_the_socket(booked: Booked) -> None:
    link = Link(booked.ride_id, booked.token)
    assert (await link.connect())["type"] == "websocket.accept"
    await link.hear("snapshot")
    await link.say('{"state": "completed"}')
    assert await link.closed() == 4400
    assert (await sync_to_async(Ride.objects.get)(pk=booked.ride_id)).state == "requested"
