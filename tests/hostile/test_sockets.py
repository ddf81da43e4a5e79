"""Browsers' sockets on a real server: other origins, no session, wrong roles, others' rides, garbage frames."""

import json
import socket
import time
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from knox.models import AuthToken
from websockets.exceptions import ConnectionClosed, InvalidHandshake
from websockets.sync.client import connect

from dispatch.rides.models import Ride
from fleet.access.domain import Role
from fleet.access.models import User
from fleet.base.ids import new_id
from fleet.ledger import selectors as ledger
from tests.fleet.conftest import committed
from tests.fleet.gateway.conftest import SocketServer, db, module_server

# No such id is ever made. Fixed, because ids of tests must be the same in every worker.
NOBODY = "00000000-0000-7000-8000-000000000000"

__all__ = ["committed", "db", "module_server"]
ORIGIN = "http://127.0.0.1:8000"


@pytest.fixture
def base(module_server: SocketServer, db: None) -> str:
    return f"ws://127.0.0.1:{module_server.port}"


@pytest.fixture
def cookie_of(db: None) -> Any:
    """The session cookie of a new account; accounts are deleted again."""
    made: list[User] = []

    def make(role: Role) -> dict[str, str]:
        user = User.objects.create_user(username=f"{role}-{new_id().hex}", password="x" * 12, role=role)
        made.append(user)
        client = Client()
        client.force_login(user)
        return {"Cookie": f"sessionid={client.cookies['sessionid'].value}"}

    yield make
    for user in made:
        AuthToken.objects.filter(user=user).delete()
        user.delete()


def dial(url: str, *, origin: str | None = ORIGIN, **headers: str) -> Any:
    more = {"Origin": origin} if origin else {}
    return connect(url, additional_headers={**more, **headers}, proxy=None, open_timeout=5)


def turned_away(url: str, **options: Any) -> int | None:
    """The HTTP status of the refused handshake."""
    with pytest.raises(InvalidHandshake) as refused, dial(url, **options):
        pass
    return getattr(getattr(refused.value, "response", None), "status_code", None)


def close_code(wire: Any) -> int | None:
    with pytest.raises(ConnectionClosed) as closed:
        while True:
            wire.recv(timeout=5)
    return closed.value.rcvd.code if closed.value.rcvd else None


@pytest.mark.parametrize("path", ["/ws/console", f"/ws/rides/{NOBODY}"])
@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Cookie": "sessionid=forged"},
        {"Cookie": "sessionid=" + "x" * 4000},
        {"Cookie": "=;;;=é"},
        {"Authorization": "Token forged"},
        {"Authorization": "Token \xff\xfe"},
        {"Authorization": "Token"},
        {"Authorization": "Token " + "a" * 4000},
        {"Authorization": "Basic YTpi"},
    ],
)
def test_without_a_good_session_there_is_no_socket(base: str, path: str, headers: dict[str, str]) -> None:
    assert turned_away(base + path, **headers) == 403


@pytest.mark.parametrize(
    "origin", [None, "null", "http://evil.example", "http://127.0.0.1:8000.evil.example", "http://[::1", "x" * 3000]
)
@pytest.mark.parametrize("path", ["/ws/console", f"/ws/rides/{NOBODY}"])
def test_a_page_of_another_origin_gets_no_socket_even_with_a_good_session(
    base: str, cookie_of: Callable[[Role], dict[str, str]], path: str, origin: str | None
) -> None:
    before = ledger.head()
    assert turned_away(base + path, origin=origin, **cookie_of(Role.OPERATOR)) == 403
    assert ledger.head() == before


def test_a_rider_gets_no_console_and_no_ride_of_others(base: str, cookie_of: Callable[[Role], dict[str, str]]) -> None:
    rider = cookie_of(Role.RIDER)
    assert turned_away(f"{base}/ws/console", **rider) == 403
    assert turned_away(f"{base}/ws/rides/{uuid4()}", **rider) == 403
    assert Ride.objects.count() == 0


@pytest.mark.parametrize(
    "path", ["/ws/rides/x", "/ws/rides/", "/ws/no", "/", "/ws/console/", "/ws/rides/%00", "/ws/%ff"]
)
def test_an_unknown_socket_is_refused(base: str, path: str) -> None:
    assert turned_away(base + path) == 403


@pytest.mark.parametrize(
    "frame",
    [
        b"\x00\x01",
        b"",
        "",
        "{",
        "[" * 4000,
        '{"type":"subscribe","from_seq":1e400}',
        '{"type":"subscribe","from_seq":"0"}',
        '{"type":"subscribe","from_seq":true}',
        '{"type":"subscribe","from_seq":' + "9" * 4000 + "}",
        '{"type":"subscribe","from_seq":9223372036854775807}',
        '{"type":["subscribe"],"from_seq":0}',
        "\u0000" * 10,
        "x" * 60_000,
    ],
)
def test_garbage_on_the_console_closes_it(
    base: str, cookie_of: Callable[[Role], dict[str, str]], frame: str | bytes
) -> None:
    with dial(f"{base}/ws/console", **cookie_of(Role.OPERATOR)) as wire:
        wire.send(frame)
        assert close_code(wire) == 4400


def test_a_frame_of_ten_megabytes_closes_the_console(base: str, cookie_of: Callable[[Role], dict[str, str]]) -> None:
    with dial(f"{base}/ws/console", **cookie_of(Role.OPERATOR)) as wire, pytest.raises(ConnectionClosed):
        wire.send("x" * 10_000_000)
        while True:
            wire.recv(timeout=5)


def test_a_flood_of_frames_closes_the_console_and_others_go_on(
    base: str, cookie_of: Callable[[Role], dict[str, str]]
) -> None:
    cookie = cookie_of(Role.OPERATOR)
    with dial(f"{base}/ws/console", **cookie) as calm, dial(f"{base}/ws/console", **cookie) as wild:
        with pytest.raises(ConnectionClosed):
            for _ in range(20_000):
                wild.send('{"type":"subscribe","from_seq":0}')
            while True:
                wild.recv(timeout=5)
        calm.send(json.dumps({"type": "subscribe", "from_seq": 2**61}))
        assert json.loads(calm.recv(timeout=5)) == {"type": "resync"}


def test_bytes_that_are_no_http_do_not_stop_the_server(base: str, cookie_of: Callable[[Role], dict[str, str]]) -> None:
    port = int(base.rsplit(":", 1)[1])
    for garbage in (
        b"\x16\x03\x01\x02\x00" * 50,
        b"GET / HTTP/9.9\r\n\r\n",
        b"\x00" * 4000,
        b"GET /ws/console HTTP/1.1",
    ):
        with socket.create_connection(("127.0.0.1", port), timeout=5) as line:
            line.sendall(garbage)
            time.sleep(0.02)
    with dial(f"{base}/ws/console", **cookie_of(Role.REGULATOR)) as wire:
        wire.send(json.dumps({"type": "subscribe", "from_seq": 2**61}))
        assert json.loads(wire.recv(timeout=5)) == {"type": "resync"}
