"""One car's connection: a reader, a worker and a pulse, which live and die together.

The reader decodes and hands on; telemetry goes straight to the recorder. Everything that touches the database goes
through the worker, one thing after another, so that a car's events, answers and commands keep their order; it runs in
threads, so that no car waits for another one's transaction.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, Protocol, TypeVar
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.db import InterfaceError, OperationalError
from msgspec import Raw

from autonomy.link.messages import CommandAck, Event, Hello
from autonomy.link.session import (
    AckArrived,
    DriverReportArrived,
    Ended,
    EventArrived,
    HelloArrived,
    Phase,
    PlatformOutput,
    PlatformSession,
    SessionLimits,
    TelemetryArrived,
)
from fleet.base import clock
from fleet.gateway import services
from fleet.gateway.pace import TokenBucket
from fleet.gateway.relay import Relay
from fleet.gateway.reports import sample_of
from fleet.gateway.threads import DatabaseThreads
from fleet.telemetry.recorder import Recorder

log = logging.getLogger(__name__)
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
T = TypeVar("T")

PULSE_S: Final = 1.0
MAX_QUEUED: Final = 256
MAX_FRAMES_PER_S: Final = 100.0
EFFECT_TRIES: Final = 3
CLOSE_CODES: Final = {
    "frame_too_large": 4413,
    "bad_signature": 4401,
    "unknown_vehicle": 4401,
    "decommissioned": 4403,
    "unsupported_protocol": 4426,
    "handshake_timeout": 4408,
    "silent": 4408,
    "superseded": 4409,
    "too_many_frames": 4429,
}
BAD_REQUEST: Final = 4400


class Registry(Protocol):
    """Who keeps the open sessions of this process."""

    def opened(self, connection: "CarConnection") -> None: ...

    def gone(self, connection: "CarConnection") -> None: ...


@dataclass(frozen=True)
class _Wake:
    """There may be commands to send."""


@dataclass(frozen=True)
class _Watched:
    """Somebody looks through this car's cameras until then, in Unix ms."""

    until_ms: int


@dataclass(frozen=True)
class _Hangup:
    """The socket is closed; what had come in before is still worked off."""


class _Over(Exception):
    """Ends the task group."""


class CarConnection:
    def __init__(
        self,
        *,
        send: Send,
        signer: Ed25519PrivateKey,
        limits: SessionLimits,
        threads: DatabaseThreads,
        recorder: Recorder,
        relay: Relay,
        registry: Registry,
    ) -> None:
        self._send = send
        self._threads = threads
        self._recorder = recorder
        self._relay = relay
        self._registry = registry
        self._session = PlatformSession(
            signer=signer, now_s=time.monotonic(), now_ms=clock.unix_ms(clock.now()), limits=limits
        )
        self._work: asyncio.Queue[Hello | Event | CommandAck | _Wake | _Watched | _Hangup] = asyncio.Queue(MAX_QUEUED)
        self._wake_queued = self._watch_queued = False
        self._writing = asyncio.Lock()
        self._bucket = TokenBucket(MAX_FRAMES_PER_S, time.monotonic())
        self._hello: Hello | None = None
        self._to_reconcile = False
        self._ended: Ended | None = None
        self._gone = False
        self._heard_s = time.monotonic()
        self.vehicle_id: UUID | None = None
        self.epoch = 0
        self.boot_id = ""

    # --- for the gateway

    def wake(self) -> None:
        """There may be commands for this car."""
        if self._session.phase is Phase.OPEN and not self._wake_queued and not self._work.full():
            self._wake_queued = True
            self._work.put_nowait(_Wake())

    def watched(self, until_ms: int) -> bool:
        """Ask the car for views until then; False when its software has none to show."""
        if self._session.phase is not Phase.OPEN or self._hello is None:
            return True
        if self._hello.driver_view and not self._watch_queued and not self._work.full():
            self._watch_queued = True
            self._work.put_nowait(_Watched(until_ms))
        return self._hello.driver_view

    def fence(self, boot_id: str) -> None:
        """A newer session of this car is open. The same process may come back at once; another one may be a clone."""
        retry_s = 1.0 if boot_id == self.boot_id else 60.0
        self._end(self._session.reject("superseded", "a newer session of this vehicle is open", retry_after_s=retry_s))
        if not self._work.full():
            self._work.put_nowait(_Wake())  # so that the worker closes the socket now and not at the next pulse

    def heard_within(self, seconds: float) -> bool:
        return time.monotonic() - self._heard_s <= seconds

    # --- its life

    async def run(self, receive: Receive) -> None:
        """Lives until either side ends it; what the car had sent by then is worked off. Never raises.

        A line so bad that it breaks after every few frames thus still gets its events through.
        """
        try:
            await self._flush()
            async with asyncio.TaskGroup() as group:
                group.create_task(self._read(receive))
                group.create_task(self._work_off())
                group.create_task(self._beat())
        except* _Over:
            pass
        except* (OSError, RuntimeError) as errors:  # the socket is gone while we write
            log.info("connection of %s lost: %s", self.vehicle_id, errors.exceptions[0])
        finally:
            await asyncio.shield(self._leave())

    async def _read(self, receive: Receive) -> None:
        while True:
            message = await receive()
            if message["type"] == "websocket.disconnect":
                self._end(Ended("disconnected", f"code {message.get('code')}"))
                self._gone = True
                await self._work.put(_Hangup())
                return
            data = message.get("text") if message.get("text") is not None else message.get("bytes")
            now_s = time.monotonic()
            if not self._bucket.take(now_s):
                self._end(self._session.reject("too_many_frames", "slower, please", retry_after_s=30.0))
            else:
                await self._handle(self._session.receive(data or "", now_s=now_s), now_s)
            await self._check_end()

    async def _handle(self, outputs: list[PlatformOutput], now_s: float) -> None:
        if self._session.phase is Phase.OPEN and self.vehicle_id:
            self._heard_s = now_s
            self._recorder.heard(self.vehicle_id, self.epoch, clock.now())
        for output in outputs:
            match output:
                case TelemetryArrived(samples=samples):
                    self._take_telemetry(samples)
                case EventArrived(event=event):
                    await self._work.put(event)
                case AckArrived(ack=ack):
                    await self._work.put(ack)
                case DriverReportArrived(view=view):
                    self._take_view(view)
                case HelloArrived(hello=hello):
                    await self._work.put(hello)
                case Ended():
                    self._end(output)
        await self._flush()

    def _take_view(self, view: Raw) -> None:
        assert self.vehicle_id is not None
        self._relay.take(self.vehicle_id, view)

    def _take_telemetry(self, samples: tuple[Any, ...]) -> None:
        assert self.vehicle_id is not None
        now = clock.now()
        taken = [
            sample_of(frame, vehicle_id=self.vehicle_id, epoch=self.epoch, now=now, live=len(samples) == 1)
            for frame in samples
        ]
        good = [sample for sample in taken if sample is not None]
        self._recorder.counts["bad_time"] += len(taken) - len(good)
        self._recorder.take(good)

    async def _beat(self) -> None:
        while not self._gone:
            await asyncio.sleep(PULSE_S)
            await self._check_end()
            for output in self._session.tick(now_s=time.monotonic(), now_ms=clock.unix_ms(clock.now())):
                if isinstance(output, Ended):
                    self._end(output)
            await self._flush()
            await self._check_end()

    async def _work_off(self) -> None:
        while True:
            item = await self._work.get()
            try:
                match item:
                    case _Hangup():
                        raise _Over
                    case Hello():
                        await self._open(item)
                    case Event():
                        await self._store(item)
                    case CommandAck():
                        await self._patiently(partial(self._in_session, services.store_ack, ack=item))
                        await self._send_commands()
                    case _Wake():
                        self._wake_queued = False
                        await self._send_commands()
                    case _Watched(until_ms=until_ms):
                        self._watch_queued = False
                        self._session.watch(until_ms=until_ms, now_s=time.monotonic())
            except services.Fenced as fenced:
                if self._gone:
                    raise _Over from fenced
                self.fence(fenced.boot_id)
            await self._flush()
            await self._check_end()

    # --- the opening

    async def _open(self, hello: Hello) -> None:
        known = await self._patiently(partial(services.look_up, hello.vehicle_id))
        if known is None:
            self._end(self._session.reject("unknown_vehicle", "no such vehicle in this fleet", retry_after_s=300.0))
            return
        refused = self._session.authenticate(known.public_key)
        if refused is None and known.decommissioned:
            refused = self._session.reject("decommissioned", "this vehicle has left the fleet", retry_after_s=None)
        if refused is not None:
            log.warning("hello of %s refused: %s", known.vehicle_id, refused.code)
            self._end(refused)
            return
        opened = await self._patiently(partial(services.open_session, vehicle_id=known.vehicle_id, hello=hello))
        if self._session.phase is not Phase.PROVING:
            return  # it took too long, and the pulse has ended the session
        self.vehicle_id, self.epoch, self.boot_id = known.vehicle_id, opened.epoch, hello.boot_id
        self._hello, self._to_reconcile = hello, True
        self._session.open(
            epoch=opened.epoch,
            uplink_seq=opened.uplink_seq,
            now_s=time.monotonic(),
            now_ms=clock.unix_ms(clock.now()),
        )
        self._heard_s = time.monotonic()
        self._registry.opened(self)
        await self._flush()
        await self._reconcile_at(opened.uplink_seq)
        await self._send_commands()

    async def _reconcile_at(self, stored_seq: int) -> None:
        """Missions are compared once the platform has every event that the hello had seen."""
        if self._to_reconcile and self._hello is not None and stored_seq >= self._hello.uplink_seq:
            self._to_reconcile = False
            await self._patiently(partial(self._in_session, services.reconcile, hello=self._hello))

    # --- the session

    async def _store(self, event: Event) -> None:
        stored = await self._effect(event)
        self._session.stored(stored, now_s=time.monotonic())
        await self._flush()
        await self._reconcile_at(stored)
        await self._send_commands()

    async def _effect(self, event: Event) -> int:
        """Store the event; one whose effect fails for no reason that we know is noted and passed over in the end."""
        for tries_left in reversed(range(EFFECT_TRIES)):
            try:
                return await self._patiently(partial(self._in_session, services.store_event, event=event))
            except (services.Fenced, _Over):
                raise
            except Exception as error:
                log.exception("event %s of %s failed", event.seq, self.vehicle_id)
                reason = f"{type(error).__name__}: {error}"
                if tries_left:
                    await asyncio.sleep(0.2)
        return await self._patiently(partial(self._in_session, services.store_event, event=event, skip_effect=reason))

    async def _send_commands(self) -> None:
        if self._session.phase is not Phase.OPEN or self._hello is None or self._gone:
            return
        taken = await self._patiently(
            partial(self._in_session, services.take_commands, car_downlink_seq=self._hello.downlink_seq)
        )
        for command in taken:
            if self._session.phase is not Phase.OPEN:
                return
            self._session.command(
                seq=command.seq,
                issued_at_ms=command.issued_at_ms,
                ttl_ms=command.ttl_ms,
                issuer=command.issuer,
                reason=command.reason,
                body=command.body,
                now_s=time.monotonic(),
            )
        await self._flush()

    def _in_session(self, function: Callable[..., T], **arguments: Any) -> T:
        return function(vehicle_id=self.vehicle_id, epoch=self.epoch, **arguments)

    async def _patiently(self, function: Callable[[], T]) -> T:
        """In a thread; again while the database is away or two transactions stood in one another's way."""
        pause_s = 0.05
        while True:
            try:
                return await self._threads.run(function)
            except (OperationalError, InterfaceError) as error:
                if self._gone:
                    raise _Over from error
                log.warning("%s waits for the database: %s", self.vehicle_id, str(error).strip())
                await asyncio.sleep(pause_s)
                pause_s = min(2.0, pause_s * 2)

    # --- the socket

    async def _flush(self) -> None:
        texts = self._session.outgoing()
        if not texts:
            return
        async with self._writing:  # first come, first served: frames keep the order in which they were taken
            for text in texts:
                if self._gone:
                    return
                await self._send({"type": "websocket.send", "text": text})

    def _end(self, ended: Ended) -> None:
        self._ended = self._ended or ended

    async def _check_end(self) -> None:
        if self._ended is None or self._gone:
            return
        await self._flush()
        code = CLOSE_CODES.get(self._ended.code, BAD_REQUEST)
        await self._send({"type": "websocket.close", "code": code, "reason": self._ended.code})
        raise _Over

    async def _leave(self) -> None:
        if self.vehicle_id is None:
            return
        self._registry.gone(self)
        reason = self._ended.code if self._ended else "disconnected"
        close = partial(self._in_session, services.close_session, reason=reason)
        try:
            await self._threads.run(close)
        except Exception as error:  # the watchdog will find the car silent
            log.warning("end of the session of %s not recorded: %s", self.vehicle_id, error)
