"""A whole Hansom under a program's control, for tests, proofs and pictures: real processes that can be killed."""

import contextlib
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from ops.processes import PYTHON, ROOT, Place, commands
from ops.services import free_port, read_env


def end_in_order_on_sigterm() -> None:
    """Let SIGTERM unwind the program like Ctrl-C does, so that what it has started is stopped."""
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))


class StackError(Exception):
    """A process did not start or a command failed; the message carries its output."""


def admin_connection(database: str = "postgres") -> psycopg.Connection[tuple[Any, ...]]:
    """A connection to the private cluster, for making and dropping databases and for looking into one."""
    env = {**read_env(), **os.environ}
    return psycopg.connect(
        host="127.0.0.1",
        port=env["HANSOM_DB_PORT"],
        user=env["HANSOM_DB_USER"],
        password=env["HANSOM_DB_PASSWORD"],
        dbname=database,
        autocommit=True,
    )


def drop_database(name: str) -> None:
    with admin_connection() as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def create_database(name: str, template: str = "template1") -> None:
    drop_database(name)
    with admin_connection() as connection:
        statement = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
        connection.execute(statement.format(sql.Identifier(name), sql.Identifier(template)))


def place_with_free_ports(var: Path, *, db_name: str, redis_db: int, **more: object) -> Place:
    """A place of its own beside whatever runs on this machine."""
    var.mkdir(parents=True, exist_ok=True)
    (var / "log").mkdir(exist_ok=True)
    return Place(
        var=var,
        db_name=db_name,
        redis_db=redis_db,
        web_port=free_port(0),
        ws_port=free_port(0),
        **more,  # type: ignore[arg-type]
    )


class Stack:
    """The processes of one place. Each runs in a session of its own, so that a kill takes its children along."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        # Command lines by name; a test replaces one to put a broken variant in its place.
        self.table = commands(place)

    def manage(self, *arguments: str, timeout_s: float = 600) -> str:
        """Run a management command to its end and return what it printed; raises StackError with the output."""
        done = subprocess.run(
            [PYTHON, "manage.py", *arguments],
            cwd=ROOT,
            env=self.place.environment("manage"),
            capture_output=True,
            text=True,
            timeout=timeout_s,
            check=False,
        )
        if done.returncode:
            raise StackError(
                f"manage.py {' '.join(arguments)} ended with {done.returncode}:\n{done.stdout}{done.stderr}"
            )
        return done.stdout

    def log_path(self, name: str) -> Path:
        return self.place.var / "log" / f"{name}.log"

    def log_tail(self, name: str, lines: int = 40) -> str:
        path = self.log_path(name)
        return "\n".join(path.read_text(errors="replace").splitlines()[-lines:]) if path.exists() else ""

    def start(self, *names: str) -> None:
        """Start the named processes, or all, and wait until servers answer."""
        for name in names or self.table:
            with self.log_path(name).open("ab") as log:
                self.running[name] = subprocess.Popen(
                    self.table[name],
                    cwd=ROOT,
                    env=self.place.environment(name),
                    stdout=log,
                    stderr=log,
                    stdin=subprocess.DEVNULL,
                    start_new_session=True,
                )
        for name, url in (
            ("web", f"{self.place.base_url}/readyz"),
            ("sockets", f"http://127.0.0.1:{self.place.ws_port}/healthz"),
        ):
            if name in (names or self.table):
                self._await_http(name, url)

        self.check_alive()

    def check_alive(self) -> None:
        """Raises StackError with the end of its log when a process has died by itself."""
        for name, process in self.running.items():
            if process.poll() is not None:
                raise StackError(f"{name} ended with {process.returncode}:\n{self.log_tail(name)}")

    def _await_http(self, name: str, url: str, seconds: float = 60) -> None:
        deadline = time.monotonic() + seconds
        last = ""
        while time.monotonic() < deadline:
            if self.running[name].poll() is not None:
                break
            try:
                with urllib.request.urlopen(url, timeout=2):
                    return
            except urllib.error.HTTPError as error:
                last = error.read().decode(errors="replace")
            except OSError as error:
                last = str(error)
            time.sleep(0.1)
        raise StackError(f"{name} does not answer at {url}: {last}\n{self.log_tail(name)}")

    def kill(self, name: str, *, how: signal.Signals = signal.SIGKILL) -> None:
        """End a process and its children; by default as kill -9 does."""
        process = self.running.pop(name)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, how)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=15)
        # Whoever of the group is left: a process that would not go, or a child that its parent has just begun.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def stop(self) -> None:
        """Stop everything, last started first."""
        for name in reversed(list(self.running)):
            self.kill(name, how=signal.SIGTERM)

    @contextlib.contextmanager
    def up(self) -> Iterator["Stack"]:
        try:
            self.start()
            yield self
        finally:
            self.stop()
