"""The car's websocket against a real server."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from random import Random

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from websockets.asyncio.client import connect

from autonomy.link import messages as m
from autonomy.link.client import Backoff, LinkClient
from autonomy.link.guard import CommandGuard
from autonomy.link.journal import Journal
from autonomy.link.session import CarIdentity, CarReport
from autonomy.link.signing import public_text
from tests.autonomy.link.keys import CAR_KEY, FLEET_KEY, OTHER_KEY, VEHICLE
from tests.autonomy.link.platform_server import Platform


class Obedient:
    """A car that takes every command."""

    def __init__(self, journal: Journal) -> None:
        self.journal = journal
        self.obeyed: list[m.CommandBody] = []

    def report(self) -> CarReport:
        return CarReport("available.idle")

    def obey(self, command: m.SignedCommand) -> m.CommandAck:
        self.obeyed.append(command.body)
        ack = m.CommandAck(seq=command.seq, outcome="accepted")
        self.journal.settle(ack)
        return ack


@pytest.fixture
async def platform() -> AsyncIterator[Platform]:
    server = Platform({VEHICLE: public_text(CAR_KEY)})
    await server.start()
    yield server
    await server.stop()


@contextlib.asynccontextmanager
async def running(
    platform: Platform, tmp_path: Path, key: Ed25519PrivateKey = CAR_KEY
) -> AsyncIterator[tuple[LinkClient, Obedient, Journal, asyncio.Task[None]]]:
    journal = Journal(tmp_path / "journal.db", VEHICLE)
    car = Obedient(journal)
    client = LinkClient(
        url=platform.url,
        identity=CarIdentity(VEHICLE, key, FLEET_KEY.public_key(), boot_id="b1"),
        outbox=journal,
        guard=CommandGuard(VEHICLE, FLEET_KEY.public_key(), journal.downlink_seq),
        handler=car,
        random=Random(1),
    )
    client._backoff = Backoff(Random(1), base_s=0.05, cap_s=0.2)
    task = asyncio.create_task(client.run())
    try:
        yield client, car, journal, task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        journal.close()


def sample(ts_ms: int) -> m.Telemetry:
    return m.Telemetry(ts_ms=ts_ms, lon=8.0, lat=50.0, heading_deg=0.0, speed_mps=0.0)


async def test_events_commands_and_telemetry_pass(platform: Platform, tmp_path: Path) -> None:
    async with running(platform, tmp_path) as (client, car, journal, _):
        await platform.until(client.up)
        journal.commit(parts={}, events=[m.Held(reason="a"), m.Resumed(reason="b")], at_ms=1)
        client.pump()
        client.send_telemetry(sample(7))
        platform.command(VEHICLE, m.Hold())
        await platform.until(lambda: len(platform.bodies(VEHICLE)) == 2 and not journal.events_after(0, 9))
        await platform.until(lambda: platform.acks[VEHICLE])
        await platform.until(lambda: platform.samples[VEHICLE])
        assert platform.bodies(VEHICLE) == [m.Held(reason="a"), m.Resumed(reason="b")]
        assert car.obeyed == [m.Hold()]
        assert platform.samples[VEHICLE] == [sample(7)]


async def test_after_a_restart_of_the_server_nothing_is_missing_or_double(platform: Platform, tmp_path: Path) -> None:
    async with running(platform, tmp_path) as (client, car, journal, _):
        await platform.until(client.up)
        for round_ in range(5):
            await platform.stop()
            for n in range(20):
                journal.commit(parts={}, events=[m.Held(reason=f"{round_}-{n}")], at_ms=1)
                client.send_telemetry(sample(round_ * 20 + n))
            client.pump()
            platform.command(VEHICLE, m.UnlockDoors(mission_id=str(round_)))
            await platform.start()
            await platform.until(lambda count=round_ + 1: len(platform.acks[VEHICLE]) == count)  # type: ignore[misc]
        await platform.until(lambda: len(platform.events[VEHICLE]) == 100 and len(platform.samples[VEHICLE]) == 100)
        assert [event.seq for event in platform.events[VEHICLE]] == list(range(1, 101))
        assert [item.ts_ms for item in platform.samples[VEHICLE]] == list(range(100))
        assert car.obeyed == [m.UnlockDoors(mission_id=str(n)) for n in range(5)]


async def test_the_link_stays_up_for_its_lease_and_no_longer(platform: Platform, tmp_path: Path) -> None:
    async with running(platform, tmp_path) as (client, _, _, _):
        assert not client.up()
        await platform.until(client.up)
        await asyncio.sleep(1.3)  # heartbeats carry it over the lease of 1 s
        assert client.up()
        await platform.stop()
        assert client.up()
        await asyncio.sleep(1.2)
        assert not client.up()
        await platform.start()
        await platform.until(client.up)


async def test_a_car_with_a_wrong_key_gives_up(platform: Platform, tmp_path: Path) -> None:
    async with running(platform, tmp_path, key=OTHER_KEY) as (client, _, _, task):
        await asyncio.wait_for(task, 5.0)
        assert client.refused_for_good
        assert not client.up()
        assert len(platform.hellos) == 1


@pytest.mark.parametrize("data", ['{"type":"hello","proto', "x" * 60_000, b"\x00", '{"type":"launch"}'])
async def test_a_bad_frame_is_answered_with_a_reason_and_the_end(platform: Platform, data: str | bytes) -> None:
    async with connect(platform.url, proxy=None) as socket:
        await socket.recv()
        await socket.send(data)
        assert '"reject"' in await socket.recv()
        await asyncio.wait_for(socket.wait_closed(), 2.0)


async def test_a_frame_of_ten_megabytes_ends_the_connection(platform: Platform) -> None:
    async with connect(platform.url, proxy=None) as socket:
        await socket.recv()
        await socket.send("x" * 10_000_000)
        await asyncio.wait_for(socket.wait_closed(), 2.0)
        assert socket.close_code == 1009


def test_a_fleet_does_not_come_back_in_one_instant() -> None:
    delays = [Backoff(Random(car)).next_s(3.0) for car in range(200)]
    assert min(delays) >= 3.0
    assert max(delays) <= 3.5
    assert len({round(delay, 2) for delay in delays}) > 30
    backoff = Backoff(Random(0))
    late = [backoff.next_s() for _ in range(40)]
    assert max(late) <= 30.0
    assert max(late[10:]) > 15.0
