#!/usr/bin/env python3
"""`make demo`: a city with cars and riders on this machine, until Ctrl-C.

First run: database, demo city, service area, accounts, cars. Every run: server, sockets, dispatcher, worker, cars and
riders under supervisord, which restarts what dies. Ctrl-C stops what this run has started, and nothing else.
"""

import argparse
import configparser
import re
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path
from types import FrameType
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from autonomy.policy.registry import RULES, releases
from ops import services
from ops.processes import PYTHON, ROOT, Place, commands
from ops.stack import Stack, StackError, admin_connection, create_database

VAR = services.VAR
DEFAULT_JUNCTIONS = 2000
RELEASE = "vla-2.0"
LEARNED_CARS = 12
TRAFFIC = "20,40,5,20"  # vehicles, pedestrians, cyclists, parked cars beside the fleet


def log(text: str) -> None:
    print(f"[demo] {text}", flush=True)


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--extract", type=Path, help="an OpenStreetMap extract instead of the generated demo city")
    parser.add_argument("--cars", type=int, default=45, help="how many cars serve (default 45)")
    parser.add_argument("--rate", type=float, default=3.0, help="ride requests a minute of the cars' world (default 3)")
    parser.add_argument("--time-factor", type=float, default=1.0, help="how much faster than real time the cars live")
    parser.add_argument(
        "--junctions", type=int, default=DEFAULT_JUNCTIONS, help="size of the generated city (default 2000)"
    )
    parser.add_argument(
        "--policy",
        help='what drives: "rules", a release, or shares of both (default: twelve cars by the release '
        f"{RELEASE}, which looks through cameras, the others by rules; faster than real time rules alone)",
    )
    parser.add_argument("--shadow", metavar="RELEASE", help="a release that rides along without driving")
    parser.add_argument(
        "--traffic",
        default=TRAFFIC,
        help="others on the streets: vehicles, pedestrians, cyclists, parked cars (default: %(default)s)",
    )
    return parser.parse_args()


def policy_of(options: argparse.Namespace) -> str:
    """What was asked for, else a mix that two cores can carry; rules alone where the release is not there."""
    if options.policy:
        return str(options.policy)
    if options.time_factor != 1.0:
        return RULES
    if RELEASE not in releases():
        log(f"no release {RELEASE} in this checkout: all cars drive by rules")
        return RULES
    return f"{RELEASE}:{min(LEARNED_CARS, options.cars)},{RULES}"


def installation(options: argparse.Namespace, env: dict[str, str]) -> Place:
    """The default city lives in var/ and the database of `var/env`; any other beside it, under its own name."""
    more: dict[str, Any] = {
        "time_factor": options.time_factor,
        "policy": policy_of(options),
        "shadow": options.shadow,
        "traffic": options.traffic,
    }
    name = re.sub(r"[^a-z0-9]+", "_", options.extract.name.lower()) if options.extract else f"city_{options.junctions}"
    if options.extract or options.junctions != DEFAULT_JUNCTIONS:
        name = name[:40]
        more |= {"var": VAR / "cities" / name, "db_name": f"hansom_{name}"}
    return Place(web_port=int(env["HANSOM_WEB_PORT"]), ws_port=int(env["HANSOM_WS_PORT"]), **more)


def ensure_database(place: Place) -> None:
    with admin_connection() as connection:
        known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [place.db_name]).fetchone()
    if not known:
        create_database(place.db_name)


def services_running(env: dict[str, str]) -> bool:
    return services.accepts(int(env["HANSOM_DB_PORT"]))


def supervisor_config(place: Place, table: dict[str, list[str]]) -> Path:
    """Write var/supervisord.conf with one program for each process."""
    config = configparser.RawConfigParser()
    run = place.var / "supervisor"
    run.mkdir(exist_ok=True)
    config["supervisord"] = {
        "nodaemon": "true",
        "logfile": str(run / "supervisord.log"),
        "pidfile": str(run / "supervisord.pid"),
        "silent": "true",
        "user": "root" if services.AS_ROOT else "",
    }
    if not services.AS_ROOT:
        del config["supervisord"]["user"]
    for name, command in table.items():
        config[f"program:{name}"] = {
            "command": " ".join(f'"{part}"' if " " in part else part for part in command).replace("%", "%%"),
            "directory": str(ROOT),
            "autorestart": "true",
            "startretries": "1000",
            "stopasgroup": "false",  # parents stop their children; told as well, Celery begins new ones
            "killasgroup": "true",
            "stopwaitsecs": "10",
            "redirect_stderr": "true",
            "stdout_logfile": str(place.var / "log" / f"{name}.log"),
            "stdout_logfile_maxbytes": "20MB",
            "stdout_logfile_backups": "1",
        }
    path = place.var / "supervisord.conf"
    with path.open("w") as file:
        config.write(file)
    return path


def prepare(stack: Stack, options: argparse.Namespace) -> None:
    """Everything that must be there before the processes start; each step is skipped when it is done."""
    place = stack.place
    ensure_database(place)
    stack.manage("migrate", "--no-input", "--verbosity", "0")
    imported = place.var / "imported"
    if not imported.exists():
        extract = options.extract
        if extract is None:
            extract = place.var / "demo-city.osm.pbf"
            log(f"generating a city of about {options.junctions} junctions")
            run_visibly(place, "generate_city", str(extract), "--junctions", str(options.junctions))
        log(f"importing {extract}")
        run_visibly(place, "import_city", str(extract), "--activate")
        run_visibly(place, "open_service_area")
        imported.touch()
    if place.policy != RULES:
        compile_cameras(place)
    stack.manage("seed_accounts")
    stack.manage("provision_cars", "--count", str(options.cars))


def compile_cameras(place: Place) -> None:
    """Before the cars start, so that they do not stand about for it; kept on disk until the renderer changes."""
    log("compiling the cameras (half a minute, once)")
    code = "from autonomy.agent.eyes import compile_cameras; compile_cameras()"
    if subprocess.run([PYTHON, "-c", code], cwd=ROOT, env=place.environment("manage"), check=False).returncode:
        raise StackError("the renderer can't be compiled")


def run_visibly(place: Place, *arguments: str) -> None:
    """A management command whose progress the user sees."""
    done = subprocess.run([PYTHON, "manage.py", *arguments], cwd=ROOT, env=place.environment("manage"), check=False)
    if done.returncode:
        raise StackError(f"manage.py {arguments[0]} failed")


def await_ready(place: Place, stopping: threading.Event, seconds: float = 90) -> None:
    deadline = time.monotonic() + seconds
    while not stopping.is_set() and time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"{place.base_url}/readyz", timeout=2):
                return
        except (OSError, urllib.error.URLError):
            time.sleep(0.2)
    if not stopping.is_set():
        raise StackError(f"the server does not answer; see {place.var / 'log' / 'web.log'}")


def welcome(place: Place, options: argparse.Namespace) -> None:
    credentials = (place.var / "credentials").read_text().split()
    passwords = dict(zip(credentials[::2], credentials[1::2], strict=True))
    print(
        f"""
  Hansom is running: {options.cars} cars ({place.policy}), about {options.rate:g} ride requests a minute.

    operators' map   {place.base_url}/console/     log in as  operator  {passwords.get("operator", "(changed)")}
    riders' page     {place.base_url}/ride         log in as  rider     {passwords.get("rider", "(changed)")}
    API              {place.base_url}/api/docs
    other accounts   {place.var / "credentials"}
    logs             {place.var / "log"}/

  Ctrl-C stops it.
""",
        flush=True,
    )


def run(place: Place, options: argparse.Namespace, stopping: threading.Event) -> int:
    table = commands(place)
    table["riders"] = [
        PYTHON, "manage.py", "drive_demand", "--forever", "--rate", str(options.rate), "--base-url", place.base_url,
        "--burst", str(options.cars * 3 // 4), "--ws-url", place.ws_url, "--quiet",
    ]  # fmt: skip
    supervisor = subprocess.Popen(
        [PYTHON, "-m", "supervisor.supervisord", "-c", str(supervisor_config(place, table))],
        env=place.environment("demo"),
        start_new_session=True,  # Ctrl-C reaches us only, and we stop it in order
    )
    try:
        await_ready(place, stopping)
        if not stopping.is_set():
            welcome(place, options)
        while not stopping.wait(0.5) and supervisor.poll() is None:
            pass
        return 0 if stopping.is_set() else 1
    finally:
        log("stopping")
        supervisor.send_signal(signal.SIGTERM)
        supervisor.wait(timeout=60)


def main() -> int:
    options = parse()
    stopping = threading.Event()

    def stop(_signal: int, _frame: FrameType | None) -> None:
        stopping.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    env = services.ensure_env()
    ours = not services_running(env)
    services.start_postgres(env)
    services.start_redis(env)
    place = installation(options, env)
    (place.var / "log").mkdir(parents=True, exist_ok=True)
    try:
        prepare(Stack(place), options)
        return run(place, options, stopping)
    except StackError as error:
        print(error, file=sys.stderr)
        return 1
    finally:
        if ours:
            services.stop_redis()
            services.stop_postgres()


if __name__ == "__main__":
    sys.exit(main())
