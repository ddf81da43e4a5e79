"""What the cars' connections of one process share: the sessions, the recorder, the doorbell and the regular check."""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial
from typing import Final
from uuid import UUID
from weakref import WeakKeyDictionary

from django.conf import settings
from django.db import Error

from autonomy.link.session import SessionLimits
from fleet.base import clock, doorbell
from fleet.driverview.channels import WATCH
from fleet.gateway import services
from fleet.gateway.connection import CarConnection, Receive, Send
from fleet.gateway.keys import command_key
from fleet.gateway.relay import Relay
from fleet.gateway.threads import DatabaseThreads
from fleet.missions.commands import CHANNEL
from fleet.telemetry import partitions
from fleet.telemetry.live import Publisher
from fleet.telemetry.recorder import Recorder

log = logging.getLogger(__name__)
THREADS: Final = 4
CHECK_S: Final = 1.0
DAY_S: Final = 86_400.0


class Plane:
    """Starts with the first connection of an event loop and ends with the loop."""

    def __init__(self) -> None:
        self._threads = DatabaseThreads(THREADS, "gateway")
        self._writer = DatabaseThreads(1, "telemetry")
        self._publisher = Publisher()
        self.recorder = Recorder(self._writer.run, self._publisher)
        self.relay = Relay()
        self._signer = command_key()
        self._limits = SessionLimits(
            heartbeat_s=settings.HANSOM_TIMING["heartbeat_s"], lease_s=settings.HANSOM_TIMING["silent_s"]
        )
        self._sessions: dict[UUID, CarConnection] = {}
        self._connections = 0
        self._task = asyncio.create_task(self._run(), name="gateway")

    async def serve(self, receive: Receive, send: Send) -> None:
        connection = CarConnection(
            send=send,
            signer=self._signer,
            limits=self._limits,
            threads=self._threads,
            recorder=self.recorder,
            relay=self.relay,
            registry=self,
        )
        self._connections += 1
        try:
            await connection.run(receive)
        finally:
            self._connections -= 1

    @property
    def at_rest(self) -> bool:
        """No car is connected, and nothing waits to be written."""
        return self._connections == 0 and self.recorder.at_rest

    async def stop(self) -> None:
        """Write what waits and close the connections to the database."""
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task

    # --- the sessions of this process

    def opened(self, connection: CarConnection) -> None:
        assert connection.vehicle_id is not None
        older = self._sessions.get(connection.vehicle_id)
        if older is not None and older is not connection and older.epoch < connection.epoch:
            older.fence(connection.boot_id)
        if older is None or older.epoch < connection.epoch:
            self._sessions[connection.vehicle_id] = connection

    def gone(self, connection: CarConnection) -> None:
        if connection.vehicle_id and self._sessions.get(connection.vehicle_id) is connection:
            del self._sessions[connection.vehicle_id]
            self.recorder.forget(connection.vehicle_id)
            self.relay.forget(connection.vehicle_id)

    # --- the loops

    async def _run(self) -> None:
        try:
            async with asyncio.TaskGroup() as group:
                for loop in (
                    self.recorder.publish_forever,
                    self.recorder.persist_forever,
                    self.relay.publish_forever,
                    self._listen,
                    self._check_forever,
                    self._make_days,
                ):
                    group.create_task(_keep_alive(loop))
        finally:
            await self._finish()

    async def _finish(self) -> None:
        _planes.pop(asyncio.get_running_loop(), None)
        with contextlib.suppress(Error):
            await self.recorder.persist()
        await self._publisher.close()
        await self.relay.close()
        await asyncio.to_thread(self._writer.close)
        await asyncio.to_thread(self._threads.close)

    async def _listen(self) -> None:
        """The doorbell: somebody wrote a command for a car, a car has opened a session elsewhere, or somebody looks."""
        async for rung in doorbell.listen([CHANNEL, WATCH], every_s=CHECK_S):
            if rung is None:
                continue
            with contextlib.suppress(ValueError):
                connection = self._sessions.get(UUID(rung[1].decode("ascii", "replace")))
                if connection is None:
                    continue
                if rung[0] == CHANNEL:
                    connection.wake()
                else:
                    await self._watch(connection)

    async def _watch(self, connection: CarConnection) -> None:
        assert connection.vehicle_id is not None
        if not connection.watched(self.relay.watch(connection.vehicle_id)):
            await self.relay.unable(connection.vehicle_id)

    async def _check_forever(self) -> None:
        """What the doorbell may have missed: commands that wait, sessions that a newer one has ended."""
        while True:
            await asyncio.sleep(CHECK_S)
            sessions = {key: connection.epoch for key, connection in self._sessions.items()}
            if not sessions:
                continue
            try:
                standing = await self._threads.run(partial(services.standing, sessions))
                await self._act_on(standing, sessions)
            except Error as error:
                log.warning("sessions not checked: %s", str(error).strip())

    async def _act_on(self, standing: services.Standing, sessions: dict[UUID, int]) -> None:
        for key, boot_id in standing.fenced.items():
            connection = self._sessions.get(key)
            if connection is not None and connection.epoch == sessions[key]:
                connection.fence(boot_id)
        for key in standing.waiting:
            if (connection := self._sessions.get(key)) is not None:
                connection.wake()
        for key in standing.silent:
            connection = self._sessions.get(key)
            if connection is not None and connection.heard_within(self._limits.lease_s / 2):
                await self._threads.run(partial(services.speaks_again, vehicle_id=key, epoch=connection.epoch))

    async def _make_days(self) -> None:
        """Partitions for the days ahead, should the background workers be away for long."""
        while True:
            try:
                await self._writer.run(lambda: partitions.ensure((clock.now() + timedelta(hours=1)).date()))
            except Error as error:
                log.warning("no partitions made: %s", str(error).strip())
            await asyncio.sleep(DAY_S / 4)


async def _keep_alive(loop: Callable[[], Awaitable[None]]) -> None:
    """One loop's bug must not end the others, nor the cars' sessions."""
    while True:
        try:
            await loop()
        except Exception:
            log.exception("%s failed and starts again", loop.__name__)
            await asyncio.sleep(CHECK_S)


_planes: "WeakKeyDictionary[asyncio.AbstractEventLoop, Plane]" = WeakKeyDictionary()


def planes() -> list[Plane]:
    """Those of all event loops of this process."""
    return list(_planes.values())


def plane() -> Plane:
    """This event loop's plane."""
    loop = asyncio.get_running_loop()
    if loop not in _planes:
        _planes[loop] = Plane()
    return _planes[loop]
