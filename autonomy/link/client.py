"""The car's websocket: connects, stays connected, comes back, and holds back telemetry while there is no link."""

import asyncio
import contextlib
import logging
import time
from collections import deque
from collections.abc import Callable
from random import Random
from typing import Protocol

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidURI
from websockets.typing import Subprotocol

from autonomy.link.codec import BadFrame
from autonomy.link.driver_view import DriverView
from autonomy.link.guard import CommandGuard
from autonomy.link.messages import MAX_FRAME_BYTES, SUBPROTOCOL, CommandAck, SignedCommand, Telemetry
from autonomy.link.session import (
    CarIdentity,
    CarOutput,
    CarReport,
    CarSession,
    CommandArrived,
    CommandRefused,
    Ended,
    EventsStored,
    Opened,
    Outbox,
    Phase,
    SessionLimits,
)

log = logging.getLogger("hansom.link")

TICK_S = 0.25
BUFFERED_SAMPLES = 1200  # ten minutes at 2 Hz
BATCH_SAMPLES = 80  # well under MAX_FRAME_BYTES with the longest ids
CONNECT_TIMEOUT_S = 5.0


class CommandHandler(Protocol):
    """The car behind the link."""

    def report(self) -> CarReport:
        """What the next hello shall say."""
        ...

    def obey(self, command: SignedCommand) -> CommandAck:
        """Acts on a command; its effect and its outcome are durable when this returns."""
        ...


class Backoff:
    """Full jitter: a delay drawn evenly from nothing to a bound that doubles, so that a fleet does not return as one.

    After "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.
    """

    def __init__(self, random: Random, base_s: float = 0.5, cap_s: float = 30.0) -> None:
        self._random = random
        self._base_s = base_s
        self._cap_s = cap_s
        self._failures = 0

    def next_s(self, not_before_s: float = 0.0) -> float:
        """Seconds to wait now, at least `not_before_s` (what the server told)."""
        bound_s = min(self._cap_s, self._base_s * 2**self._failures)
        self._failures = min(self._failures + 1, 30)
        return not_before_s + self._random.uniform(0.0, bound_s)

    def reset(self) -> None:
        self._failures = 0


class LinkClient:
    """One car's link. `run` lives until it is cancelled, or until the platform says never to come back."""

    def __init__(
        self,
        *,
        url: str,
        identity: CarIdentity,
        outbox: Outbox,
        guard: CommandGuard,
        handler: CommandHandler,
        random: Random,
        limits: SessionLimits | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._url = url
        self._identity = identity
        self._outbox = outbox
        self._guard = guard
        self._handler = handler
        self._limits = limits or SessionLimits()
        self._backoff = Backoff(random)
        self._clock = clock
        self._session: CarSession | None = None
        self._samples: deque[Telemetry] = deque(maxlen=BUFFERED_SAMPLES)
        self._shown: tuple[DriverView, float] | None = None
        self._wake = asyncio.Event()
        self._lease_until_s = float("-inf")
        self._name = identity.vehicle_id
        self.refused_for_good = False

    # --- for the car

    def up(self) -> bool:
        """Whether the platform was heard within the lease. A short break keeps the link up."""
        self._note_heard()
        return self._clock() <= self._lease_until_s

    def send_telemetry(self, sample: Telemetry) -> None:
        """Sends it now, or keeps it for when there is a link; the oldest go first when too many wait."""
        self._samples.append(sample)
        self._wake.set()

    def watched(self) -> bool:
        """Whether somebody looks through this car's cameras now; only then is a driver's view worth making."""
        return self._session is not None and self._session.watched(self._clock())

    def show(self, view: DriverView, *, taken_s: float) -> None:
        """Sends what the driver saw at `taken_s` of this client's clock. Never queued: a newer view replaces one that
        is not on its way yet, and without a watcher or a link it is dropped. `view.taken_ms` is filled in here."""
        self._shown = (view, taken_s)
        self._wake.set()

    def pump(self) -> None:
        """There are new events in the outbox."""
        self._wake.set()

    # --- the life of the link

    async def run(self) -> None:
        while not self.refused_for_good:
            ended = await self._one_connection()
            if ended.retry_after_s is None:
                self.refused_for_good = True
                log.error("%s: refused for good: %s (%s)", self._name, ended.code, ended.detail)
                return
            delay_s = self._backoff.next_s(ended.retry_after_s)
            log.warning("%s: link ended: %s (%s); again in %.1f s", self._name, ended.code, ended.detail, delay_s)
            await asyncio.sleep(delay_s)

    async def _one_connection(self) -> Ended:
        try:
            async with asyncio.timeout(CONNECT_TIMEOUT_S):
                socket = await connect(
                    self._url,
                    subprotocols=[Subprotocol(SUBPROTOCOL)],
                    max_size=MAX_FRAME_BYTES,
                    compression=None,
                    ping_interval=None,  # heartbeats of our own tell more: they pass through the platform's code
                    close_timeout=1.0,
                    proxy=None,
                )
        except (OSError, TimeoutError, InvalidHandshake, InvalidURI, EOFError) as error:
            return Ended("no_connection", f"{type(error).__name__}: {error}")
        try:
            return await self._serve(socket)
        finally:
            self._note_heard()
            self._session = None
            with contextlib.suppress(Exception):
                await socket.close()

    async def _serve(self, socket: ClientConnection) -> Ended:
        """Reads and writes until the session ends; raises nothing but CancelledError."""
        self._session = session = CarSession(
            identity=self._identity,
            report=self._handler.report(),
            outbox=self._outbox,
            guard=self._guard,
            now_s=self._clock(),
            limits=self._limits,
        )
        reader = asyncio.ensure_future(self._read(socket, session))
        writer = asyncio.ensure_future(self._write(socket, session))
        try:
            done, _ = await asyncio.wait({reader, writer}, return_when=asyncio.FIRST_COMPLETED)
            return next(iter(done)).result()
        finally:
            for task in (reader, writer):
                task.cancel()
            await asyncio.gather(reader, writer, return_exceptions=True)

    async def _read(self, socket: ClientConnection, session: CarSession) -> Ended:
        try:
            async for message in socket:
                ended = self._handle(session.receive(message, now_s=self._clock()), session)
                self._wake.set()
                if ended:
                    return ended
        except (ConnectionClosed, OSError) as error:
            return Ended("connection_lost", f"{type(error).__name__}: {error}")
        return Ended("connection_closed", f"by the platform: {socket.close_code} {socket.close_reason or ''}")

    async def _write(self, socket: ClientConnection, session: CarSession) -> Ended:
        while True:
            # Not asyncio.wait_for: in Python 3.11 it can swallow a cancellation when the event is set at that moment.
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(TICK_S):
                    await self._wake.wait()
            self._wake.clear()
            ended = self._handle(session.tick(now_s=self._clock(), now_ms=time.time_ns() // 1_000_000), session)
            if ended:
                return ended
            try:
                self._take_telemetry(session)
                self._take_view(session)
                async with asyncio.timeout(self._limits.lease_s):
                    for text in session.outgoing():
                        await socket.send(text)
            except (ConnectionClosed, OSError, TimeoutError) as error:
                return Ended("connection_lost", f"{type(error).__name__}: {error}")
            except BadFrame as error:
                return Ended("unsendable", error.detail)

    def _take_telemetry(self, session: CarSession) -> None:
        if session.phase is not Phase.OPEN or not self._samples:
            return
        samples = [self._samples.popleft() for _ in range(min(BATCH_SAMPLES, len(self._samples)))]
        session.telemetry(samples, now_s=self._clock())
        if self._samples:
            self._wake.set()

    def _take_view(self, session: CarSession) -> None:
        """Last, behind everything that matters; one that can't be sent is dropped and the link goes on."""
        shown, self._shown = self._shown, None
        if shown is None:
            return
        try:
            session.show(shown[0], taken_s=shown[1], now_s=self._clock())
        except BadFrame as error:
            log.warning("%s: driver's view not sent: %s", self._name, error.detail)

    def _handle(self, outputs: list[CarOutput], session: CarSession) -> Ended | None:
        for output in outputs:
            match output:
                case Ended():
                    return output
                case Opened(epoch=epoch, lease_s=lease_s):
                    self._backoff.reset()
                    log.info("%s: link open, epoch %d, lease %.0f s", self._name, epoch, lease_s)
                    self._limits = SessionLimits(lease_s=lease_s)
                case CommandArrived(command=command):
                    ack = self._handler.obey(command)
                    session.answer(ack, now_s=self._clock())
                    session.pump(self._clock())
                case CommandRefused(code=code, detail=detail, seq=seq):
                    log.warning("%s: command %s not obeyed: %s (%s)", self._name, seq, code, detail)
                case EventsStored():
                    pass
        return None

    def _note_heard(self) -> None:
        if self._session is not None and self._session.epoch:
            self._lease_until_s = max(self._lease_until_s, self._session.heard_s + self._limits.lease_s)
