"""The gateway while something around it is broken: the network, Redis, the database, another gateway."""

import asyncio
import contextlib
import random
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings as django_settings
from django.db import connection
from websockets.exceptions import ConnectionClosed

from autonomy.link.client import LinkClient
from autonomy.link.guard import CommandGuard
from autonomy.link.journal import Journal
from autonomy.link.messages import CommandAck, Fault, Hold, Reject, SignedCommand
from autonomy.link.session import CarIdentity, CarReport
from autonomy.link.signing import parse_public
from fleet.base import doorbell
from fleet.gateway.keys import command_public_key
from fleet.ledger import selectors as ledger
from fleet.missions import verbs
from fleet.missions.models import Command
from fleet.telemetry.models import TelemetrySample
from fleet.vehicles.models import Vehicle

Car = Any
Until = Callable[..., None]


class Obedient:
    """A car that does what it is told and remembers it."""

    def __init__(self) -> None:
        self.obeyed: list[int] = []

    def report(self) -> CarReport:
        return CarReport(reported_state="available.idle")

    def obey(self, command: SignedCommand) -> CommandAck:
        self.obeyed.append(command.seq)
        return CommandAck(seq=command.seq, outcome="accepted")


async def cutting_proxy(target_port: int, rng: random.Random) -> tuple[asyncio.Server, int]:
    """A TCP proxy whose every connection dies after some random number of bytes from the car."""

    async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, limit: int) -> None:
        left = limit
        with contextlib.suppress(OSError):
            while left > 0 and (data := await reader.read(min(left, 600))):
                writer.write(data)
                await writer.drain()
                left -= len(data)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        up_reader, up_writer = await asyncio.open_connection("127.0.0.1", target_port)
        limit = rng.randint(900, 5000)
        pumps = [
            asyncio.create_task(pump(reader, up_writer, limit)),
            asyncio.create_task(pump(up_reader, writer, 10**9)),
        ]
        try:
            await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
        finally:  # also when the test ends: else the gateway holds the line until the car counts as silent
            for task in pumps:
                task.cancel()
            writer.transport.abort()
            up_writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    return server, server.sockets[0].getsockname()[1]


def test_a_line_that_breaks_all_the_time_loses_and_doubles_no_event(
    server: Any, make_vehicle: Any, tmp_path: Path
) -> None:
    key, rng = Ed25519PrivateKey.generate(), random.Random(5)
    vehicle = make_vehicle(key)
    events = 120
    journal = Journal(tmp_path / "journal.db", str(vehicle.pk))
    fleet_key = parse_public(command_public_key())
    connections = 0

    async def drive() -> None:
        nonlocal connections
        proxy, port = await cutting_proxy(server.port, rng)
        identity = CarIdentity(str(vehicle.pk), key, fleet_key, "boot-1")
        client = LinkClient(
            url=f"ws://127.0.0.1:{port}/ws/vehicle",
            identity=identity,
            outbox=journal,
            guard=CommandGuard(str(vehicle.pk), fleet_key, 0),
            handler=Obedient(),
            random=rng,
        )
        client._backoff._cap_s = 0.05  # the waiting is not what is tested
        running = asyncio.create_task(client.run())
        deadline = time.monotonic() + 40
        for number in range(events):
            journal.commit(parts={}, events=[Fault(code=f"f{number}", detail="", drivable=True)], at_ms=1)
            client.pump()
            await asyncio.sleep(0.005)
        while journal.events_after(0, 1) and time.monotonic() < deadline:  # noqa: ASYNC110 (the journal has no event)
            await asyncio.sleep(0.05)
        running.cancel()
        proxy.close()

    asyncio.run(drive())
    fresh = Vehicle.objects.get(pk=vehicle.pk)
    told = [e.data["code"] for e in ledger.of_subject("vehicle", vehicle.pk, 2000) if e.kind == "vehicle.fault"]
    assert told == [f"f{number}" for number in range(events)]
    assert fresh.uplink_seq == events
    assert fresh.session_epoch > 5  # the line did break


@pytest.fixture
def no_redis(settings: Any) -> Iterator[None]:
    settings.HANSOM_REDIS_URL = "redis://127.0.0.1:1/0"
    doorbell._client.cache_clear()
    yield
    doorbell._client.cache_clear()


def test_without_redis_commands_arrive_by_asking(
    no_redis: None, start_server: Any, make_vehicle: Any, car_at: Any
) -> None:
    car = car_at(start_server().url)
    with car.connect() as wire:
        verbs.hold(vehicle_id=UUID(car.vehicle_id), actor="user:1", reason="no redis")
        began = time.monotonic()
        assert wire.command().body == Hold()
        assert time.monotonic() - began < 3.0


def test_without_redis_a_second_gateway_still_fences_the_first(no_redis: None, start_server: Any, car_at: Any) -> None:
    one, two = start_server(), start_server()
    car = car_at(one.url)
    with car.connect() as first:
        car.url, car.boot_id = two.url, "boot-2"
        with car.connect() as second:
            reject: Reject = first.next(Reject)
            assert reject.code == "superseded"
            assert second.epoch == first.epoch + 1


def test_with_redis_a_second_gateway_fences_the_first_at_once(start_server: Any, car_at: Any) -> None:
    one, two = start_server(), start_server()
    car = car_at(one.url)
    with car.connect() as first:
        time.sleep(0.3)  # the first gateway listens by now
        car.url, car.boot_id = two.url, "boot-2"
        with car.connect():
            began = time.monotonic()
            assert first.next(Reject).code == "superseded"
            assert time.monotonic() - began < 0.8


def test_nothing_of_a_fenced_session_is_stored_even_before_it_is_told(
    no_redis: None, start_server: Any, car_at: Any, until: Until
) -> None:
    one, two = start_server(), start_server()
    car = car_at(one.url)
    with car.connect() as first:
        car.url, car.boot_id = two.url, "boot-2"
        with car.connect() as second:
            first.telemetry(7.5)  # the first gateway has not noticed yet
            with contextlib.suppress(ConnectionClosed):  # or it has, just now
                first.event(1, Fault(code="forged", detail="", drivable=False))
            second.telemetry(7.42)
            until(lambda: TelemetrySample.objects.count() == 1)
            time.sleep(1.5)
    assert [sample.lon for sample in TelemetrySample.objects.all()] == [7.42]
    assert Vehicle.objects.get(pk=car.vehicle_id).state == "available.idle"
    assert Vehicle.objects.get(pk=car.vehicle_id).uplink_seq == 0


def test_a_database_that_stands_still_loses_no_telemetry_and_no_session(car: Car, until: Until) -> None:
    with car.connect() as wire:
        wire.telemetry(7.42)
        until(lambda: TelemetrySample.objects.count() == 1)
        with exclusive_lock("fleet_telemetrysample"):
            for number in range(20):
                wire.telemetry(7.42 + number * 1e-5)
                time.sleep(0.05)
            wire.event(1, Fault(code="f", detail="", drivable=True))
            wire.stored(1)  # what needs other tables goes on
        until(lambda: TelemetrySample.objects.count() == 21)
    assert Vehicle.objects.get(pk=car.vehicle_id).session_epoch == 1


def test_killed_database_connections_are_replaced(car: Car, until: Until) -> None:
    with car.connect() as wire:
        wire.telemetry(7.42)
        until(lambda: TelemetrySample.objects.count() == 1)
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        wire.event(1, Fault(code="f", detail="", drivable=True))
        wire.telemetry(7.4201)
        wire.stored(1, 10.0)
        until(lambda: TelemetrySample.objects.count() == 2, 10.0)
    assert Vehicle.objects.get(pk=car.vehicle_id).uplink_seq == 1


@contextlib.contextmanager
def exclusive_lock(table: str) -> Iterator[None]:
    """The table can't be written while this is open."""
    database = django_settings.DATABASES["default"]
    with psycopg.connect(
        dbname=connection.settings_dict["NAME"],
        user=database["USER"],
        password=database["PASSWORD"],
        host=database["HOST"],
        port=database["PORT"],
    ) as other:
        other.execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")
        yield
        other.rollback()


def test_two_events_at_the_same_time_on_two_gateways_count_once(no_redis: None, start_server: Any, car_at: Any) -> None:
    """Both gateways hold a session of the car; only the newer one's event counts, whichever comes first."""
    one, two = start_server(), start_server()
    car = car_at(one.url)
    with car.connect() as first:
        car.url = two.url
        with car.connect() as second:
            threads = [
                threading.Thread(target=wire.event, args=(1, Fault(code=code, detail="", drivable=True)))
                for wire, code in ((first, "old"), (second, "new"))
            ]
            for thread in threads:
                thread.start()
            second.stored(1)
    told = [e.data["code"] for e in ledger.of_subject("vehicle", car.vehicle_id) if e.kind == "vehicle.fault"]
    assert told == ["new"]
    assert Command.objects.count() == 0
