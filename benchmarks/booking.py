"""Quotes and bookings through a real granian server with a database, on the demo city.

make bench NAME=booking
make bench NAME=booking ARGS="--rides 400 --clients 8 --cars 30"
"""

import argparse
import asyncio
import random
import tempfile
import time
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path

import httpx
import numpy as np

from benchmarks import report
from dispatch.demand.client import App, Refused
from dispatch.demand.domain import Trip
from dispatch.demand.player import Pace, Player
from ops.stack import Stack, create_database, drop_database, place_with_free_ports

DB_NAME, REDIS_DB = "hansom_bench_booking", 15
RIDERS = 8


def cpu_s(root_pid: int) -> float:
    """CPU seconds of a process and all its descendants, from /proc."""
    ticks, wanted = 0, {root_pid}
    for _ in range(4):  # granian's master, its workers, and nothing deeper
        for path in Path("/proc").glob("[0-9]*/stat"):
            try:
                fields = path.read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if int(fields[1]) in wanted:
                wanted.add(int(path.parent.name))
    for pid in wanted:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / 100


class Load:
    """Riders who ask and book as fast as the server answers, `clients` of them at a time."""

    def __init__(self, app: App, player: Player, server_pid: int, clients: int) -> None:
        self.app, self.player, self.server_pid, self.clients = app, player, server_pid, clients
        self.latency_s: dict[str, list[float]] = {"quote": [], "book": []}
        self.booked_by: list[tuple[str, str]] = []
        self.refused = 0

    async def quote(self, token: str) -> None:
        """One quote between two places in the service area, drawn again while they are refused."""
        while True:
            (a, b), (c, d) = self.player.ends(Trip(0.0))
            wish = {"pickup": {"lon": a, "lat": b}, "dropoff": {"lon": c, "lat": d}}
            began = time.perf_counter()
            try:
                quote = await self.app.call("POST", "/api/quotes", token=token, body=wish)
            except Refused:
                self.refused += 1
                continue
            self.latency_s["quote"].append(time.perf_counter() - began)
            self.booked_by.append((token, quote["id"]))
            return

    async def book(self, token: str, quote_id: str) -> None:
        began = time.perf_counter()
        await self.app.call("POST", "/api/rides", token=token, body={"quote_id": quote_id})
        self.latency_s["book"].append(time.perf_counter() - began)

    async def timed(self, name: str, jobs: list[Callable[[], Awaitable[None]]]) -> dict[str, report.Figure]:
        """Do all jobs, `clients` at a time; rate, latencies, and the server's CPU for each."""
        gate = asyncio.Semaphore(self.clients)

        async def one(job: Callable[[], Awaitable[None]]) -> None:
            async with gate:
                await job()

        began, cpu_before = time.perf_counter(), cpu_s(self.server_pid)
        await asyncio.gather(*(one(job) for job in jobs))
        wall_s, used_s = time.perf_counter() - began, cpu_s(self.server_pid) - cpu_before
        p50, p95 = np.percentile(self.latency_s[name], [50, 95]) * 1000
        return {
            f"{name}s_per_s": round(len(jobs) / wall_s, 1),
            f"{name}_p50_ms": round(float(p50), 1),
            f"{name}_p95_ms": round(float(p95), 1),
            f"{name}_server_cpu_ms": round(used_s / len(jobs) * 1000, 2),
        }


async def measure(base_url: str, server_pid: int, rides: int, clients: int) -> dict[str, report.Figure]:
    async with httpx.AsyncClient(base_url=base_url, timeout=httpx.Timeout(60.0)) as http:
        app = App(http)
        player = Player(app=app, pace=Pace(), rng=random.Random(5), run="bench")
        await player.learn_area()
        load = Load(app, player, server_pid, clients)
        tokens = [await player.new_rider() for _ in range(RIDERS)]
        await load.quote(tokens[0])  # the first request loads the map
        load.latency_s["quote"].clear()
        figures = await load.timed("quote", [partial(load.quote, tokens[k % RIDERS]) for k in range(rides)])
        figures |= await load.timed("book", [partial(load.book, *pair) for pair in load.booked_by[1:]])
        return {**figures, "rides": rides, "clients": clients, "refused_quotes": load.refused}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rides", type=int, default=400)
    parser.add_argument("--clients", type=int, default=8, help="requests at a time")
    parser.add_argument("--junctions", type=int, default=2000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="hansom-bench-") as folder:
        # One rider may have many open rides here: the cap is not what is measured.
        more = {"HANSOM_MAX_OPEN_RIDES_PER_RIDER": "100000", "HANSOM_QUOTE_TTL_S": "3600"}
        place = place_with_free_ports(Path(folder), db_name=DB_NAME, redis_db=REDIS_DB, extra_env=more)
        create_database(DB_NAME)
        stack = Stack(place)
        try:
            extract = str(Path(folder) / "city.osm.pbf")
            stack.manage("migrate", "-v", "0")
            stack.manage("generate_city", extract, "--junctions", str(options.junctions))
            stack.manage("import_city", extract, "--activate")
            stack.manage("open_service_area")
            stack.start("web")
            pid = stack.running["web"].pid
            figures = asyncio.run(measure(place.base_url, pid, options.rides, options.clients))
        finally:
            stack.stop()
            drop_database(DB_NAME)
    notes = (
        f"One granian WSGI worker with four threads, PostgreSQL, Redis and the client on one machine; a city of "
        f"{options.junctions:,} junctions. A quote looks for legal stops on both sides, plans and checks the route, "
        "and stores quote, ride and ledger entry; a booking locks the rider, plans and checks the route again, and "
        "moves the ride, with its ledger entry and the remembered answer. Wall times include the client's share of the "
        "cores; `server_cpu_ms` is the server process's CPU time for one request, without the database's."
    )
    data, page = report.write("booking", figures, notes)
    print(f"{data}\n{page}")
    for key, value in figures.items():
        print(f"{key:24} {value}")


if __name__ == "__main__":
    main()
