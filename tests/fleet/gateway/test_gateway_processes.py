"""Gateways as they run in production: processes of their own, started by the project's own command line, with a Redis
that dies in the middle of it."""

import contextlib
import socket
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.conf import settings as django_settings
from django.db import connection
from websockets.exceptions import ConnectionClosed

from autonomy.link.messages import Fault, Hold, Reject
from fleet.base import doorbell
from fleet.ledger import selectors as ledger
from fleet.missions import verbs
from fleet.telemetry.models import TelemetrySample
from fleet.vehicles.models import Vehicle
from ops.processes import Place, commands

CarAt = Callable[[str], Any]
Until = Callable[..., None]


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def await_port(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 40
    while True:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        assert process.poll() is None, f"ended with {process.returncode}"
        assert time.monotonic() < deadline, f"port {port} did not open"
        time.sleep(0.02)


class PrivateRedis:
    """A Redis that nobody else uses, to be killed."""

    def __init__(self, home: Path) -> None:
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self._home = home
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        if self._process is None:
            command = ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--save", ""]
            self._process = subprocess.Popen(command, cwd=self._home, stdout=subprocess.DEVNULL)
            await_port(self.port, self._process)

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None


@dataclass
class GatewayProcess:
    """uvicorn in a process of its own, and what it logs."""

    port: int
    log: Path
    process: subprocess.Popen[bytes]

    @property
    def url(self) -> str:
        return f"ws://127.0.0.1:{self.port}/ws/vehicle"

    def lives(self) -> bool:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=5) as answer:
            return self.process.poll() is None and answer.status == 200

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(20)


def start_gateway(home: Path, name: str, redis_url: str) -> GatewayProcess:
    port = free_port()
    place = Place(
        var=home,
        db_name=str(connection.settings_dict["NAME"]),
        ws_port=port,
        extra_env={"HANSOM_REDIS_URL": redis_url, "HANSOM_KEYS_DIR": str(django_settings.HANSOM_KEYS_DIR)},
    )
    log = home / f"{name}.log"
    with log.open("wb") as out:
        process = subprocess.Popen(commands(place)["sockets"], env=place.environment(name), stdout=out, stderr=out)
    return GatewayProcess(port, log, process)


@dataclass
class Surroundings:
    """Two gateways on one database and one Redis."""

    one: GatewayProcess
    two: GatewayProcess
    redis: PrivateRedis


@pytest.fixture(scope="module")
def started(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Surroundings]:
    from fleet.gateway.keys import command_public_key

    home = tmp_path_factory.mktemp("gateways")
    redis = PrivateRedis(home)
    redis.start()
    with django_db_blocker.unblock():
        command_public_key()  # both sign with the key that the test's cars know
        one, two = (start_gateway(home, name, redis.url) for name in ("one", "two"))
    for gateway in (one, two):
        await_port(gateway.port, gateway.process)
    yield Surroundings(one, two, redis)
    for gateway in (one, two):
        gateway.stop()
    redis.kill()


@pytest.fixture
def world(started: Surroundings, committed: None, settings: Any, until: Until) -> Iterator[Surroundings]:
    started.redis.start()
    settings.HANSOM_REDIS_URL = started.redis.url
    doorbell._client.cache_clear()
    yield started
    doorbell._client.cache_clear()
    until(lambda: not Vehicle.objects.filter(link="online").exists(), 15.0)  # the gateways have nothing more to write
    for gateway in (started.one, started.two):
        assert gateway.lives()
        log = gateway.log.read_text()
        assert "Traceback" not in log, log
        assert "failed and starts again" not in log, log


def kinds(car: Any) -> list[str]:
    return [event.kind for event in ledger.of_subject("vehicle", car.vehicle_id)]


def say_until_closed(wire: Any) -> None:
    """What is left of a fenced session goes on talking."""
    with contextlib.suppress(ConnectionClosed):
        wire.telemetry(7.5)
        wire.event(1, Fault(code="clone", detail="", drivable=False))


@pytest.mark.parametrize(("boot_id", "retry_s", "clones"), [("boot-2", 60.0, 1), ("boot-1", 1.0, 0)])
def test_a_session_in_another_process_fences_this_one_and_a_clone_is_reported(
    world: Surroundings, car_at: CarAt, until: Until, boot_id: str, retry_s: float, clones: int
) -> None:
    car = car_at(world.one.url)
    with car.connect() as first:
        first.telemetry(7.41)
        until(lambda: TelemetrySample.objects.count() == 1)
        car.url, car.boot_id = world.two.url, boot_id
        with car.connect() as second:
            began = time.monotonic()
            reject: Reject = first.next(Reject)
            assert time.monotonic() - began < 0.8  # rung, not polled
            assert (reject.code, reject.retry_after_s) == ("superseded", retry_s)
            say_until_closed(first)
            second.event(1, Fault(code="real", detail="", drivable=True))
            second.stored(1)
            second.telemetry(7.42)
            until(lambda: TelemetrySample.objects.count() == 2)
            verbs.hold(vehicle_id=UUID(car.vehicle_id), actor="user:1", reason="which of them")
            assert second.command().body == Hold()
            assert second.epoch == first.epoch + 1
    told = [e.data["code"] for e in ledger.of_subject("vehicle", car.vehicle_id) if e.kind == "vehicle.fault"]
    assert (told, kinds(car).count("vehicle.clone_suspected")) == (["real"], clones)
    assert sorted(TelemetrySample.objects.values_list("lon", flat=True)) == [7.41, 7.42]


def test_two_processes_take_turns_with_one_car_and_count_its_events_once(world: Surroundings, car_at: CarAt) -> None:
    car = car_at(world.one.url)
    with contextlib.ExitStack() as open_lines:
        for turn in range(6):  # the older lines stay open: the car believes in each for a while
            car.url = (world.one, world.two)[turn % 2].url
            wire = open_lines.enter_context(car.connect(uplink_seq=turn))
            assert wire.epoch == turn + 1
            wire.event(turn + 1, Fault(code=f"f{turn}", detail="", drivable=True))
            wire.stored(turn + 1)
    told = [e.data["code"] for e in ledger.of_subject("vehicle", car.vehicle_id) if e.kind == "vehicle.fault"]
    assert told == [f"f{turn}" for turn in range(6)]
    assert Vehicle.objects.get().uplink_seq == 6


def test_redis_dies_in_mid_session_and_comes_back(world: Surroundings, car_at: CarAt, until: Until) -> None:
    cars = [car_at(world.one.url), car_at(world.two.url)]
    with cars[0].connect() as first, cars[1].connect() as second:
        wires = [first, second]
        assert max(time_of_a_hold(car, wire) for car, wire in zip(cars, wires, strict=True)) < 0.8
        world.redis.kill()
        for car, wire in zip(cars, wires, strict=True):
            assert time_of_a_hold(car, wire) < 3.0  # asked for, once a second
            wire.event(1, Fault(code="f", detail="", drivable=True))
            wire.stored(1)
            wire.telemetry()
        until(lambda: TelemetrySample.objects.count() == 2)
        cars[0].url, cars[0].boot_id = world.two.url, "boot-2"
        with cars[0].connect(uplink_seq=1, downlink_seq=2) as third:
            assert first.next(Reject).code == "superseded"  # found by asking, too
            assert third.epoch == 2
            world.redis.start()
            until(lambda: time_of_a_hold(cars[0], third) < 0.5, 10.0)  # the doorbell works again
    assert kinds(cars[0]).count("vehicle.connected") == 2
    assert kinds(cars[1]).count("vehicle.connected") == 1


def time_of_a_hold(car: Any, wire: Any) -> float:
    """Seconds from an order to its arrival in the car."""
    began = time.monotonic()
    verbs.hold(vehicle_id=UUID(car.vehicle_id), actor="user:1", reason="how fast")
    order = wire.command()
    assert order.body == Hold()
    wire.ack(order.seq)
    return time.monotonic() - began
