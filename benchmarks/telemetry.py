"""Telemetry ingest: cars with a websocket each, the whole path from the frame to the partitioned table.

Run from the repository's root: `python -m benchmarks.telemetry [--cars 500 --hz 2 --seconds 15]`. The socket server
runs as in production in a process of its own, on a throwaway database of the configured cluster; the cars share one
other process and are not counted. Server CPU is that of the server's process, database CPU that of the backends which
it holds, both from /proc (0 where the database runs elsewhere).
"""

import argparse
import asyncio
import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import django
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

TICK_S = 1 / os.sysconf("SC_CLK_TCK")
READY_S = 30.0


@dataclass(frozen=True)
class Identity:
    vehicle_id: str
    key: Ed25519PrivateKey


def cpu_s(pids: list[int]) -> float:
    """User and system time that the processes have had."""
    total = 0.0
    for pid in pids:
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        total += (int(fields[11]) + int(fields[12])) * TICK_S
    return total


def resident_mib(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def make_cars(count: int) -> list[Identity]:
    from autonomy.link.signing import public_text
    from fleet.vehicles import services

    cars = []
    for number in range(count):
        key = Ed25519PrivateKey.generate()
        vehicle = services.register(
            plate=f"B-{number}",
            vin=f"BENCH{number:012d}",
            platform="p7",
            seats=4,
            public_key=public_text(key),
            actor="benchmark",
        )
        cars.append(Identity(str(vehicle.pk), key))
    return cars


def backends() -> list[int]:
    """Process ids of the database's backends that are not ours."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        return [row[0] for row in cursor.fetchall()]


def stored() -> int:
    from fleet.telemetry.models import TelemetrySample

    return TelemetrySample.objects.count()


async def greet(car: Identity, url: str) -> Any:
    """An open session of one car."""
    import msgspec
    from websockets.asyncio.client import connect
    from websockets.typing import Subprotocol

    from autonomy.link.codec import decode_down, encode
    from autonomy.link.messages import PROTOCOL, SUBPROTOCOL, Challenge, Hello
    from autonomy.link.signing import hello_bytes, new_nonce, sign

    protocols = [Subprotocol(SUBPROTOCOL)]
    socket = await connect(url, subprotocols=protocols, compression=None, ping_interval=None, proxy=None)
    challenge = decode_down(await socket.recv())
    assert isinstance(challenge, Challenge)
    hello = Hello(
        protocol=PROTOCOL,
        vehicle_id=car.vehicle_id,
        signature="",
        car_nonce=new_nonce(),
        boot_id="bench",
        uplink_seq=0,
        downlink_seq=0,
        reported_state="removed.depot",
    )
    signed = msgspec.structs.replace(hello, signature=sign(car.key, hello_bytes(hello, challenge.nonce)))
    await socket.send(encode(signed))
    await socket.recv()
    return socket


async def drive(socket: Any, number: int, hz: float, began: float, until: float) -> int:
    """Report at `hz`, cars evenly spread over the beat; returns how many reports were sent."""
    from autonomy.link.codec import encode
    from autonomy.link.messages import Telemetry

    sent, period = 0, 1 / hz
    offset = (number * 0.618) % 1.0 * period
    while (due := began + offset + sent * period) < until:
        await asyncio.sleep(max(0.0, due - time.monotonic()))
        sample = Telemetry(
            ts_ms=int(time.time() * 1000),
            lon=7.42 + number * 1e-5 + sent * 1e-6,
            lat=43.73,
            heading_deg=90.0,
            speed_mps=9.5,
            accel_mps2=0.1,
            soc_pct=71.5,
            odometer_m=12_345.6 + sent,
            odd_status="inside",
            remaining_m=850.0,
            remaining_s=91.0,
            edge=1234,
            offset_m=17.2,
        )
        await socket.send(encode(sample))
        sent += 1
    return sent


async def swallow(socket: Any) -> None:
    async for _ in socket:
        pass


async def keep_alive(socket: Any) -> None:
    """Until all cars are there, so that the first ones do not count as silent."""
    from autonomy.link.codec import encode
    from autonomy.link.messages import Heartbeat

    while True:
        await socket.send(encode(Heartbeat(sent_ms=int(time.time() * 1000))))
        await asyncio.sleep(3)


async def play(cars: list[Identity], url: str, hz: float, seconds: float, measure: Any) -> tuple[int, Any, Any]:
    sockets: list[Any] = []
    listeners: list[asyncio.Task[None]] = []
    waiting: list[asyncio.Task[None]] = []
    for start in range(0, len(cars), 20):
        group = await asyncio.gather(*(greet(car, url) for car in cars[start : start + 20]))
        listeners += [asyncio.create_task(swallow(socket)) for socket in group]
        waiting += [asyncio.create_task(keep_alive(socket)) for socket in group]
        sockets += group
    await asyncio.sleep(2)
    for task in waiting:
        task.cancel()
    before = await asyncio.to_thread(measure)
    began = time.monotonic()
    runs = [drive(socket, number, hz, began, began + seconds) for number, socket in enumerate(sockets)]
    sent = sum(await asyncio.gather(*runs))
    await asyncio.sleep(1.2)  # the last beats are written
    after = await asyncio.to_thread(measure)
    for listener in listeners:
        listener.cancel()
    await asyncio.gather(*(socket.close() for socket in sockets))
    return sent, before, after


def run_point(cars: list[Identity], hz: float, seconds: float, server_pid: int, url: str) -> dict[str, float | int]:
    def measure() -> tuple[float, float, float, int]:
        from django.db import connection

        try:  # in a thread, whose connection nobody else would close
            return time.monotonic(), cpu_s([server_pid]), cpu_s(backends()), stored()
        finally:
            connection.close()

    sent, before, after = asyncio.run(play(cars, url, hz, seconds, measure))
    wall_s, server_s, database_s, written = (now - then for now, then in zip(after, before, strict=True))
    return {
        "sent": sent,
        "stored": int(written),
        "messages_per_s": round(sent / seconds),
        "server_cpu_ms_per_1000_messages": round(server_s / sent * 1e6, 1),
        "server_core_share": round(server_s / wall_s, 3),
        "database_cpu_ms_per_1000_messages": round(database_s / sent * 1e6, 1),
        "database_core_share": round(database_s / wall_s, 3),
        "server_memory_mib": round(resident_mib(server_pid), 1),
    }


def start_server(database: str, port: int) -> subprocess.Popen[bytes]:
    from django.conf import settings

    env = os.environ | {"HANSOM_DB_NAME": database, "HANSOM_KEYS_DIR": str(settings.HANSOM_KEYS_DIR)}
    env["HANSOM_LOG_LEVEL"] = "WARNING"
    command = [sys.executable, "-m", "uvicorn", "fleet.asgi:application", "--port", str(port)]
    command += ["--ws", "websockets-sansio", "--loop", "uvloop", "--ws-max-size", "65536", "--log-level", "warning"]
    command += ["--ws-per-message-deflate", "false"]
    return subprocess.Popen(command, env=env)


def await_port(port: int) -> None:
    import socket

    deadline = time.monotonic() + READY_S
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise SystemExit("the socket server did not start")


def free_port() -> int:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cars", type=int, nargs="+", default=[100, 500])
    parser.add_argument("--hz", type=float, default=2.0)
    parser.add_argument("--seconds", type=float, default=15.0)
    options = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fleet.settings")
    django.setup()
    from django.db import connection

    from benchmarks import report

    original = connection.settings_dict["NAME"]
    database = connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    server = None
    try:
        cars = make_cars(max(options.cars))
        port = free_port()
        server = start_server(database, port)
        await_port(port)
        url = f"ws://127.0.0.1:{port}/ws/vehicle"
        figures: dict[str, float | int | str] = {"hz": options.hz, "seconds": options.seconds}
        for count in options.cars:
            point = run_point(cars[:count], options.hz, options.seconds, server.pid, url)
            print(json.dumps({"cars": count, **point}))
            figures |= {f"cars_{count}_{name}": value for name, value in point.items()}
    finally:
        if server is not None:
            server.terminate()
            server.wait(timeout=20)
        connection.creation.destroy_test_db(original, verbosity=0)
    report.write(
        "telemetry",
        figures,
        "One websocket a car, JSON frames checked by msgspec, positions published every 0.5 s on Redis, history by "
        "binary COPY and last known states by one upsert every 0.5 s. Server: one uvicorn process (uvloop). The cars "
        "run in the benchmark's own process on the same machine and are not counted.",
    )


if __name__ == "__main__":
    main()
