"""The console's websocket: from a number on, without gaps; cars as they move; and nobody who may not watch."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from asgiref.testing import ApplicationCommunicator
from django.db import connections, transaction
from django.test import Client

from fleet.access.domain import Role
from fleet.access.models import User
from fleet.base import doorbell
from fleet.base.sockets import socket_application
from fleet.console import consumers
from fleet.ledger import selectors as ledger
from fleet.ledger import services as writer
from fleet.telemetry.live import Position, pack

ORIGIN = "http://127.0.0.1:8000"
pytestmark = pytest.mark.usefixtures("committed")


class Line:
    """A browser's end of the socket."""

    def __init__(self, headers: list[tuple[bytes, bytes]]) -> None:
        scope = {
            "type": "websocket",
            "path": "/ws/console",
            "query_string": b"",
            "headers": headers,
            "subprotocols": [],
        }
        communicator: Any = ApplicationCommunicator  # asgiref types none of it
        self._app = communicator(socket_application(), scope)

    async def connect(self) -> tuple[bool, int | None]:
        """(accepted, code with which it was closed)."""
        await self._app.send_input({"type": "websocket.connect"})
        answer = await self._app.receive_output(5)
        return answer["type"] == "websocket.accept", answer.get("code")

    async def send(self, text: str) -> None:
        await self._app.send_input({"type": "websocket.receive", "text": text})

    async def send_json_to(self, message: dict[str, Any]) -> None:
        await self.send(json.dumps(message))

    async def receive_output(self) -> dict[str, Any]:
        return dict(await self._app.receive_output(5))

    async def receive_from(self) -> str:
        output = await self.receive_output()
        assert output["type"] == "websocket.send", output
        return str(output["text"])

    async def disconnect(self) -> None:
        await self._app.send_input({"type": "websocket.disconnect", "code": 1000})
        await self._app.wait(5)


def cookie_of(user: User) -> bytes:
    client = Client()
    client.force_login(user)
    return f"sessionid={client.cookies['sessionid'].value}".encode()


def account(role: Role) -> User:
    return User.objects.create_user(username=role.value, password="x" * 12, role=role)


async def dial(role: Role | None, *, origin: str | None = ORIGIN) -> Line:
    headers = [(b"origin", origin.encode())] if origin else []
    if role:
        headers.append((b"cookie", await sync_to_async(lambda: cookie_of(account(role)))()))
    return Line(headers)


@pytest.fixture(autouse=True)
async def no_connection_stays() -> AsyncIterator[None]:
    """Threads of the test's own loop keep a connection, which would be in the way of dropping the database."""
    yield
    await sync_to_async(connections.close_all)()


@pytest.fixture(autouse=True)
def our_origin(settings: Any) -> None:
    settings.HANSOM_ORIGINS = [ORIGIN]


def write(count: int) -> None:
    for n in range(count):
        with transaction.atomic():
            writer.record(kind="test.event", subject_type="test", subject_id=n, actor="test", data={"n": n})


async def next_events(line: Line) -> list[dict[str, Any]]:
    while True:
        message = json.loads(await line.receive_from())
        if message["type"] == "events":
            return list(message["events"])
        assert message["type"] in ("positions", "pulse")


async def collect(line: Line, count: int) -> list[int]:
    seen: list[int] = []
    while len(seen) < count:
        seen += [event["seq"] for event in await next_events(line)]
    return seen


async def test_events_come_from_the_number_asked_for_without_a_gap() -> None:
    await sync_to_async(write)(5)
    line = await dial(Role.OPERATOR)
    assert (await line.connect())[0]
    await line.send_json_to({"type": "subscribe", "from_seq": 2})
    assert await collect(line, 3) == [3, 4, 5]
    await sync_to_async(write)(4)
    assert await collect(line, 4) == [6, 7, 8, 9]
    await line.disconnect()


async def test_a_second_console_that_comes_later_gets_what_the_hub_has_already_seen() -> None:
    first = await dial(Role.OPERATOR)
    await first.connect()
    await first.send_json_to({"type": "subscribe", "from_seq": 0})
    await sync_to_async(write)(3)
    assert await collect(first, 3) == [1, 2, 3]
    second = await dial(Role.SUPERVISOR)
    await second.connect()
    await second.send_json_to({"type": "subscribe", "from_seq": 1})
    assert await collect(second, 2) == [2, 3]
    await first.disconnect()
    await second.disconnect()


async def test_who_is_too_far_behind_is_told_to_take_a_snapshot(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(consumers, "MAX_BEHIND", 2)
    await sync_to_async(write)(4)
    line = await dial(Role.OPERATOR)
    await line.connect()
    await line.send_json_to({"type": "subscribe", "from_seq": 0})
    assert json.loads(await line.receive_from()) == {"type": "resync"}
    await line.disconnect()


async def test_a_number_of_the_future_means_another_ledger() -> None:
    line = await dial(Role.OPERATOR)
    await line.connect()
    await line.send_json_to({"type": "subscribe", "from_seq": 99})
    assert json.loads(await line.receive_from()) == {"type": "resync"}
    await line.disconnect()


async def test_cars_come_as_they_move_and_an_older_place_is_not_shown() -> None:
    line = await dial(Role.OPERATOR)
    await line.connect()
    await line.send_json_to({"type": "subscribe", "from_seq": await sync_to_async(ledger.head)()})
    places = [Position("a", 7.4, 43.7, 90.0, 5.0, 80.0, 2000), Position("a", 7.5, 43.7, 90.0, 5.0, 80.0, 1000)]
    ringing = asyncio.create_task(ring_for_ever(pack(places)))
    seen = json.loads(await line.receive_from())
    ringing.cancel()
    assert seen["type"] == "positions"
    assert seen["cars"] == [["a", 7.4, 43.7, 90.0, 5.0, 80.0, 2000]]
    await line.disconnect()


async def ring_for_ever(message: bytes) -> None:
    """The hub subscribes at some moment of its own."""
    while True:
        doorbell.ring_now("positions", message)
        await asyncio.sleep(0.1)


@pytest.mark.parametrize("role", [Role.RIDER, None])
async def test_who_may_not_watch_is_turned_away(role: Role | None) -> None:
    line = await dial(role)
    connected, code = await line.connect()
    assert (connected, code) == (False, consumers.CLOSE_FORBIDDEN)


@pytest.mark.parametrize(
    "origin",
    [
        "http://evil.example",
        "null",
        "http://127.0.0.1:8000.evil.example",
        "https://127.0.0.1:8000",
        "http://127.0.0.1:8001",
    ],
)
async def test_a_page_of_another_origin_gets_no_socket_even_with_the_cookie(origin: str) -> None:
    line = await dial(Role.OPERATOR, origin=origin)
    assert (await line.connect())[0] is False


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "1", '{"type":"x"}', '{"type":"subscribe"}', '{"type":"subscribe","from_seq":-1}', "[" * 4000],
)
async def test_what_is_no_subscription_closes_the_line(text: str) -> None:
    line = await dial(Role.OPERATOR)
    await line.connect()
    await line.send(text)
    assert (await line.receive_output())["code"] == consumers.CLOSE_PROTOCOL


async def test_who_signs_out_stops_watching(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(consumers, "RECHECK_S", 0.0)
    line = await dial(Role.OPERATOR)
    await line.connect()
    await line.send_json_to({"type": "subscribe", "from_seq": 0})
    await sync_to_async(write)(1)
    assert await collect(line, 1) == [1]
    await sync_to_async(User.objects.filter(username="operator").update)(is_active=False)
    await sync_to_async(write)(1)
    while (output := await line.receive_output())["type"] == "websocket.send":
        pass
    assert output["code"] == consumers.CLOSE_FORBIDDEN
