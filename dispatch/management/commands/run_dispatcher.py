"""The dispatcher's process: holds the lease, beats, and stops cleanly."""

import os
import signal
import socket
import threading
import time
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.db import Error, close_old_connections, connection

from dispatch.assignments import lease
from dispatch.assignments.dispatcher import Dispatcher
from dispatch.assignments.lease import Fence, LeaseLost
from dispatch.matching.solvers.bounded import BoundedSolver
from fleet.base import clock


class Command(BaseCommand):
    help = "Match rides and cars, a beat every few seconds; several may run, one of them dispatches."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--tick", type=float, default=settings.HANSOM_TIMING["tick_s"], help="seconds of a beat")
        parser.add_argument("--ticks", type=int, default=0, help="stop after so many beats (0: never)")
        parser.add_argument("--name", default=f"{socket.gethostname()}-{os.getpid()}", help="holder's name")

    def handle(self, *args: Any, tick: float, ticks: int, name: str, **options: Any) -> None:
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        solver = BoundedSolver(deadline_s=max(1.0, tick))
        try:
            self._run(stop, solver, tick, ticks, name)
        finally:
            solver.close()

    def _run(self, stop: threading.Event, solver: BoundedSolver, tick: float, ticks: int, name: str) -> None:
        dispatcher: Dispatcher | None = None
        done = 0
        while not stop.is_set():
            began = time.monotonic()
            try:
                dispatcher = dispatcher or self._take_over(solver, name)
                if dispatcher is not None:
                    self._tell(dispatcher)
                    done += 1
            except LeaseLost as error:
                self.stderr.write(f"lease lost: {error}")
                dispatcher = None
            except Error as error:
                # The database is away or was restarted: the connection is of no use any more, the lease perhaps is.
                self.stderr.write(f"database: {error}")
                connection.close()
            close_old_connections()
            if ticks and done >= ticks:
                break
            stop.wait(max(0.0, (tick if dispatcher else min(tick, 0.5)) - (time.monotonic() - began)))
        if dispatcher is not None:
            lease.release(dispatcher.fence)
            self.stdout.write("lease given back")

    def _take_over(self, solver: BoundedSolver, name: str) -> Dispatcher | None:
        fence: Fence | None = lease.acquire(holder=name, lease_s=settings.HANSOM_TIMING["lease_s"])
        if fence is None:
            return None
        self.stdout.write(f"{name} dispatches, epoch {fence.epoch}")
        return Dispatcher(fence=fence, solver=solver, clock=clock.now)

    def _tell(self, dispatcher: Dispatcher) -> None:
        report = dispatcher.tick()
        figures = {key: value for key, value in report.as_json().items() if value}
        if report.counts.total() or report.open_rides:
            self.stdout.write(" ".join(f"{key}={value}" for key, value in figures.items()))
            self.stdout.flush()
