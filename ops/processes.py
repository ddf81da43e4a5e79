"""The processes of a running Hansom, as data: one table for the demo, the tests and the proofs."""

import os
import sys
from dataclasses import dataclass, field
from pathlib import Path

from ops.services import ROOT, VAR, read_env

PYTHON = sys.executable


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where one installation lives: its files, database, Redis number and ports; and what drives its cars: `policy`,
    `shadow` and `traffic` as `python -m autonomy agent` takes them."""

    var: Path = VAR
    db_name: str = "hansom"
    redis_db: int = 0
    web_port: int = 8000
    ws_port: int = 8001
    policy: str = "rules"
    shadow: str | None = None
    traffic: str = "0"
    time_factor: float = 1.0
    extra_env: dict[str, str] = field(default_factory=dict)

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.web_port}"

    @property
    def ws_url(self) -> str:
        return f"ws://127.0.0.1:{self.ws_port}"

    @property
    def map_file(self) -> Path:
        return self.var / "map" / "current.npz"

    @property
    def cars_dir(self) -> Path:
        return self.var / "cars"

    def environment(self, process: str = "hansom") -> dict[str, str]:
        """Environment of a process: this machine's, the checkout's `var/env`, and this installation's own."""
        own = {
            "HANSOM_VAR": str(self.var),
            "HANSOM_DB_NAME": self.db_name,
            "HANSOM_REDIS_DB": str(self.redis_db),
            "HANSOM_WEB_PORT": str(self.web_port),
            "HANSOM_WS_PORT": str(self.ws_port),
            "HANSOM_TIME_FACTOR": str(self.time_factor),
            "HANSOM_PROCESS": process,
            "PYTHONUNBUFFERED": "1",
            # One thread each for the mathematics: the processes share the cores.
            "OMP_NUM_THREADS": "1",
            "OPENBLAS_NUM_THREADS": "1",
        }
        return {**os.environ, **read_env(), **own, **self.extra_env}


def commands(place: Place) -> dict[str, list[str]]:
    """Name and command line of every process, in the order of starting."""
    return {
        "web": [
            PYTHON, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(place.web_port),
            "--workers", "1", "--blocking-threads", "4", "--no-ws", "--log-level", "warning", "fleet.wsgi:application",
        ],
        "sockets": [
            PYTHON, "-m", "uvicorn", "fleet.asgi:application", "--host", "127.0.0.1", "--port", str(place.ws_port),
            "--ws", "websockets-sansio", "--ws-max-size", "65536", "--ws-ping-interval", "20", "--log-level", "warning",
            "--timeout-graceful-shutdown", "3",
        ],
        "dispatcher": [PYTHON, "manage.py", "run_dispatcher"],
        "worker": [
            PYTHON, "-m", "celery", "-A", "fleet.celery", "worker", "--beat", "--concurrency", "1",
            "--loglevel", "INFO", "--schedule", str(place.var / "beat-schedule"),
            "--without-mingle", "--without-gossip",
        ],
        "agent": [
            PYTHON, "-m", "autonomy", "agent", "--server", f"{place.ws_url}/ws/vehicle", "--cars", str(place.cars_dir),
            "--map", str(place.map_file), "--policy", place.policy, "--time-factor", str(place.time_factor),
            "--traffic", place.traffic, "--metrics", str(place.var / "agent.prom"),
            *(["--shadow", place.shadow] if place.shadow else []),
        ],
    }  # fmt: skip


__all__ = ["PYTHON", "ROOT", "Place", "commands"]
