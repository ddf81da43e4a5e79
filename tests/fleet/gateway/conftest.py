"""A real socket server, and cars that speak to it frame by frame."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from typing import Any

import msgspec
import pytest
import uvicorn
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

from autonomy.link.codec import decode_down, encode
from autonomy.link.messages import (
    PROTOCOL,
    SUBPROTOCOL,
    Challenge,
    Command,
    CommandAck,
    Event,
    EventAck,
    EventBody,
    Frame,
    Heartbeat,
    Hello,
    SignedCommand,
    Telemetry,
    Welcome,
)
from autonomy.link.signing import hello_bytes, new_nonce, parse_public, sign, verify_command
from fleet.base import clock
from fleet.gateway.keys import command_public_key
from fleet.gateway.plane import planes


class SocketServer:
    """uvicorn with the project's ASGI application on a free port, in a thread of its own."""

    def __init__(self) -> None:
        from fleet.base.sockets import socket_application

        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self.url = f"ws://127.0.0.1:{self.port}/ws/vehicle"
        config = uvicorn.Config(
            socket_application(), ws="websockets-sansio", ws_max_size=65_536, log_level="warning", lifespan="on"
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, kwargs={"sockets": [self._listener]}, daemon=True)

    def start(self) -> "SocketServer":
        self._thread.start()
        deadline = time.monotonic() + 20
        while not self._server.started:
            assert time.monotonic() < deadline, "the socket server did not start"
            time.sleep(0.01)
        return self

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join(timeout=20)
        assert not self._thread.is_alive()


@pytest.fixture(scope="module")
def module_server(django_db_setup: None, django_db_blocker: Any) -> Iterator[SocketServer]:
    """One server for a module's tests: between them it has no sessions, and nothing to write."""
    with django_db_blocker.unblock():
        running = SocketServer().start()
        yield running
        running.stop()


@pytest.fixture
def db(committed: None) -> None:
    """What other fixtures ask for: here it is the committing database."""


def settle_down() -> None:
    """Wait until the last transaction of the gateways is over: the database is emptied next."""
    deadline = time.monotonic() + 15
    while not all(plane.at_rest for plane in planes()):
        assert time.monotonic() < deadline, "a gateway did not come to rest"
        time.sleep(0.02)


@pytest.fixture
def server(module_server: SocketServer, committed: None) -> Iterator[SocketServer]:
    yield module_server
    settle_down()


@pytest.fixture
def start_server(committed: None) -> Iterator[Callable[[], SocketServer]]:
    """For tests with several servers: each call starts one more."""
    started: list[SocketServer] = []

    def start() -> SocketServer:
        started.append(SocketServer().start())
        return started[-1]

    yield start
    settle_down()
    for one in started:
        one.stop()


@dataclass
class Wire:
    """One open connection of a car, spoken frame by frame."""

    socket: ClientConnection
    vehicle_id: str
    fleet_key: str
    epoch: int = 0
    aside: list[Frame] = field(default_factory=list)

    def send(self, frame: Frame) -> None:
        self.socket.send(encode(frame))

    def next(self, kind: type[Any], timeout: float = 5.0) -> Any:
        """The next frame of a kind; heartbeats and other frames are put aside."""
        for index, frame in enumerate(self.aside):
            if isinstance(frame, kind):
                return self.aside.pop(index)
        deadline = time.monotonic() + timeout
        while True:
            frame = decode_down(self.socket.recv(timeout=max(0.001, deadline - time.monotonic())))
            if isinstance(frame, kind):
                return frame
            if not isinstance(frame, Heartbeat):
                self.aside.append(frame)

    def command(self, timeout: float = 5.0) -> SignedCommand:
        """The next command, its signature checked."""
        frame: Command = self.next(Command, timeout)
        return verify_command(parse_public(self.fleet_key), frame)

    def no_command(self, seconds: float) -> None:
        with pytest.raises(TimeoutError):
            self.command(seconds)

    def ack(self, seq: int, outcome: Any = "accepted", code: str = "") -> None:
        self.send(CommandAck(seq=seq, outcome=outcome, code=code))

    def event(self, seq: int, body: EventBody) -> None:
        self.send(Event(seq=seq, at_ms=clock.unix_ms(clock.now()), body=body))

    def stored(self, seq: int, timeout: float = 5.0) -> None:
        """Wait until the platform has every event up to `seq`."""
        while True:
            ack: EventAck = self.next(EventAck, timeout)
            if ack.seq >= seq:
                assert ack.seq == seq
                return

    def telemetry(self, lon: float = 7.42, lat: float = 43.73, **more: Any) -> None:
        sample: dict[str, Any] = {"ts_ms": clock.unix_ms(clock.now()), "heading_deg": 90.0, "speed_mps": 5.0}
        self.send(Telemetry(lon=lon, lat=lat, **{**sample, "soc_pct": 80.0, "odd_status": "inside", **more}))


@dataclass
class Car:
    """A car with its key; `plug` opens a connection, `connect` also says hello."""

    key: Ed25519PrivateKey
    vehicle_id: str
    url: str
    boot_id: str = "boot-1"

    @contextmanager
    def plug(self, **options: Any) -> Iterator[Wire]:
        with connect(
            self.url, subprotocols=[Subprotocol(SUBPROTOCOL)], compression=None, proxy=None, **options
        ) as opened:
            yield Wire(opened, self.vehicle_id, command_public_key())

    def hello(self, nonce: str, **fields: Any) -> Hello:
        about: dict[str, Any] = {
            "protocol": PROTOCOL,
            "vehicle_id": self.vehicle_id,
            "signature": "",
            "car_nonce": new_nonce(),
            "boot_id": self.boot_id,
            "uplink_seq": 0,
            "downlink_seq": 0,
            "reported_state": "available.idle",
            "software": "rules-1",
        }
        hello = Hello(**{**about, **fields})
        return msgspec.structs.replace(hello, signature=sign(self.key, hello_bytes(hello, nonce)))

    @contextmanager
    def connect(self, **fields: Any) -> Iterator[Wire]:
        with self.plug() as wire:
            challenge: Challenge = wire.next(Challenge)
            wire.send(self.hello(challenge.nonce, **fields))
            wire.epoch = wire.next(Welcome).epoch
            yield wire


MakeCar = Callable[..., Car]


@pytest.fixture
def make_car(server: SocketServer, make_vehicle: Callable[..., Any]) -> MakeCar:
    def make(**columns: Any) -> Car:
        key = Ed25519PrivateKey.generate()
        vehicle = make_vehicle(key, **columns)
        return Car(key, str(vehicle.pk), server.url)

    return make


@pytest.fixture
def car_at(make_vehicle: Callable[..., Any]) -> Callable[[str], Car]:
    """A new car that speaks to the gateway at this address."""

    def make(url: str) -> Car:
        key = Ed25519PrivateKey.generate()
        return Car(key, str(make_vehicle(key).pk), url)

    return make


@pytest.fixture
def car(make_car: MakeCar) -> Car:
    return make_car()


def wait_until(condition: Callable[[], bool], seconds: float = 5.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


@pytest.fixture
def until() -> Callable[..., None]:
    """until(condition, seconds=5)"""
    return wait_until


Plug = AbstractContextManager[Wire]
