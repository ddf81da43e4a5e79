"""A small platform on a real websocket: the session of the product over a dictionary instead of a database."""

import asyncio
import contextlib
import time
from collections.abc import Callable

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from autonomy.link import messages as m
from autonomy.link.driver_view import DriverView, decode_view
from autonomy.link.session import (
    AckArrived,
    DriverReportArrived,
    Ended,
    EventArrived,
    HelloArrived,
    PlatformSession,
    SessionLimits,
    TelemetryArrived,
)
from tests.autonomy.link.keys import FLEET_KEY


class Platform:
    """Remembers everything that cars said. `stop` and `start` again on the same port is a restart of the server."""

    def __init__(self, keys: dict[str, str], limits: SessionLimits | None = None) -> None:
        self.keys = keys
        self.limits = limits or SessionLimits(heartbeat_s=0.2, lease_s=1.0)
        self.events: dict[str, list[m.Event]] = {vehicle: [] for vehicle in keys}
        self.samples: dict[str, list[m.Telemetry]] = {vehicle: [] for vehicle in keys}
        self.hellos: list[m.Hello] = []
        self.acks: dict[str, dict[int, m.CommandAck]] = {vehicle: {} for vehicle in keys}
        self.sessions: dict[str, PlatformSession] = {}
        self.commands: dict[str, list[m.CommandBody]] = {vehicle: [] for vehicle in keys}
        self.views: dict[str, list[DriverView]] = {vehicle: [] for vehicle in keys}
        self.epoch = 0
        self.port = 0
        self._server: Server | None = None

    @property
    def url(self) -> str:
        return f"ws://127.0.0.1:{self.port}/ws/vehicle"

    async def start(self) -> None:
        self._server = await serve(
            self._connection, "127.0.0.1", self.port, max_size=m.MAX_FRAME_BYTES, ping_interval=None
        )
        self.port = next(iter(self._server.sockets)).getsockname()[1]

    async def stop(self) -> None:
        assert self._server is not None
        for connection in list(self._server.connections):
            connection.transport.abort()
        self._server.close()
        await self._server.wait_closed()

    def command(self, vehicle: str, body: m.CommandBody) -> int:
        """Sent now if the car is there, and after each reconnect until the car has decided. Returns its number."""
        self.commands[vehicle].append(body)
        seq = len(self.commands[vehicle])
        session = self.sessions.get(vehicle)
        if session is not None and session.phase.value == "open":
            self._send(session, seq, body)
        return seq

    def watch(self, vehicle: str, seconds: float) -> None:
        """Look through the car's cameras."""
        until_ms = time.time_ns() // 1_000_000 + round(1000 * seconds)
        self.sessions[vehicle].watch(until_ms=until_ms, now_s=time.monotonic())

    def bodies(self, vehicle: str) -> list[m.EventBody]:
        return [event.body for event in self.events[vehicle]]

    async def until(self, condition: Callable[[], object], timeout_s: float = 10.0) -> None:
        async with asyncio.timeout(timeout_s):
            while not condition():  # noqa: ASYNC110 - any condition, also of things that know no event
                await asyncio.sleep(0.01)

    def _send(self, session: PlatformSession, seq: int, body: m.CommandBody) -> None:
        now_ms = time.time_ns() // 1_000_000
        session.command(
            seq=seq, issued_at_ms=now_ms, ttl_ms=5000, issuer="user:1", reason="", body=body, now_s=time.monotonic()
        )

    async def _connection(self, socket: ServerConnection) -> None:
        session = PlatformSession(
            signer=FLEET_KEY, now_s=time.monotonic(), now_ms=time.time_ns() // 1_000_000, limits=self.limits
        )
        writer = asyncio.create_task(self._write(socket, session))
        try:
            async for data in socket:
                for output in session.receive(data, now_s=time.monotonic()):
                    self._handle(session, output)
        except ConnectionClosed:
            pass
        finally:
            writer.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await writer

    async def _write(self, socket: ServerConnection, session: PlatformSession) -> None:
        with contextlib.suppress(ConnectionClosed):
            while True:
                session.tick(now_s=time.monotonic(), now_ms=time.time_ns() // 1_000_000)
                for text in session.outgoing():
                    await socket.send(text)
                if session.phase.value == "ended":
                    await socket.close()
                    return
                await asyncio.sleep(0.01)

    def _handle(self, session: PlatformSession, output: object) -> None:
        vehicle = session.vehicle_id or ""
        match output:
            case HelloArrived(hello=hello):
                self._welcome(session, hello)
            case EventArrived(event=event):
                self.events[vehicle].append(event)
                session.stored(event.seq, now_s=time.monotonic())
            case TelemetryArrived(samples=samples):
                self.samples[vehicle].extend(samples)
            case AckArrived(ack=ack):
                self.acks[vehicle][ack.seq] = ack
            case DriverReportArrived(view=view):
                self.views[vehicle].append(decode_view(view))
            case Ended():
                pass

    def _welcome(self, session: PlatformSession, hello: m.Hello) -> None:
        self.hellos.append(hello)
        vehicle = hello.vehicle_id
        if vehicle not in self.keys:
            session.reject("unknown_vehicle", "no such vehicle", retry_after_s=None)
            return
        if session.authenticate(self.keys[vehicle]) is not None:
            return
        self.epoch += 1
        stored = self.events[vehicle][-1].seq if self.events[vehicle] else 0
        now_s, now_ms = time.monotonic(), time.time_ns() // 1_000_000
        session.open(epoch=self.epoch, uplink_seq=stored, now_s=now_s, now_ms=now_ms)
        self.sessions[vehicle] = session
        for seq, body in enumerate(self.commands[vehicle], start=1):
            if seq not in self.acks[vehicle]:
                self._send(session, seq, body)
