#!/usr/bin/env python3
"""`make prove`: the closed loop without a browser.

Makes an installation of its own (database, files, ports), imports a city, starts every process, books rides through the
public API while the cars drive them over their sockets, then checks every invariant and says what it saw. Ends with 0
only when each ride was completed and nothing is out of order. The cars' world runs faster than the clock
(--time-factor); waits are told in the cars' time.
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from ops import services
from ops.processes import PYTHON, ROOT
from ops.stack import (
    Stack,
    StackError,
    create_database,
    drop_database,
    end_in_order_on_sigterm,
    place_with_free_ports,
)

DATABASE = "hansom_prove"
REDIS_DB = 60


def log(text: str) -> None:
    print(f"[prove] {text}", flush=True)


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--extract", type=Path, help="an OpenStreetMap extract; default: a generated city")
    parser.add_argument("--junctions", type=int, default=600, help="size of the generated city (default 600)")
    parser.add_argument("--rides", type=int, default=100, help="rides to book (default 100)")
    parser.add_argument("--cars", type=int, default=30, help="cars in service (default 30)")
    parser.add_argument("--rate", type=float, default=4.0, help="requests a minute of the cars' world (default 4)")
    parser.add_argument("--time-factor", type=float, default=10.0, help="speed of the cars' world (default 10)")
    parser.add_argument("--seed", type=int, default=1, help="of the demand (default 1)")
    parser.add_argument(
        "--policy",
        default="rules",
        help="what drives: rules (default), a release, or shares of both (vla-2.0:2,rules); the world of cars that a "
        "release drives waits for their pictures when it runs faster than the clock",
    )
    parser.add_argument("--traffic", default="0", help="others on the streets, as the agent takes it (default: none)")
    parser.add_argument("--keep", action="store_true", help="leave database and files for a look")
    return parser.parse_args()


def prepare(stack: Stack, options: argparse.Namespace) -> None:
    create_database(DATABASE)
    stack.manage("migrate", "--no-input", "--verbosity", "0")
    extract = options.extract
    if extract is None:
        extract = stack.place.var / "city.osm.pbf"
        stack.manage("generate_city", str(extract), "--junctions", str(options.junctions))
    log(f"importing {extract}")
    print(stack.manage("import_city", str(extract), "--activate"))
    print(stack.manage("open_service_area"))
    stack.manage("provision_cars", "--count", str(options.cars))


def demand(stack: Stack, options: argparse.Namespace) -> int:
    place = stack.place
    command = [
        PYTHON, "manage.py", "drive_demand", "--rides", str(options.rides), "--rate", str(options.rate),
        "--base-url", place.base_url, "--ws-url", place.ws_url, "--seed", str(options.seed),
        "--time-factor", str(options.time_factor),
    ]  # fmt: skip
    playing = subprocess.Popen(command, cwd=ROOT, env=place.environment("demand"))
    try:
        while playing.poll() is None:
            stack.check_alive()
            time.sleep(1)
    finally:
        playing.terminate()
    return playing.wait()


def main() -> int:
    options = parse()
    end_in_order_on_sigterm()
    env = services.ensure_env()
    services.start_postgres(env)
    services.start_redis(env)
    # Beside the checkout's own files, but short: the path of a socket or a key must not grow without need.
    var = Path(tempfile.mkdtemp(prefix="hansom-prove-"))
    place = place_with_free_ports(
        var,
        db_name=DATABASE,
        redis_db=REDIS_DB,
        time_factor=options.time_factor,
        policy=options.policy,
        traffic=options.traffic,
        extra_env={"HANSOM_MAX_OPEN_RIDES_PER_RIDER": "2"},
    )
    stack = Stack(place)
    try:
        prepare(stack, options)
        with stack.up():
            log(f"{options.rides} rides, {options.cars} cars, world x{options.time_factor:g}, {place.base_url}")
            ended_badly = demand(stack, options)
            log("checking the invariants")
            print(stack.manage("check_invariants", "--ended"))
        return ended_badly
    except StackError as error:
        print(error, file=sys.stderr)
        return 1
    finally:
        if options.keep:
            log(f"kept: database {DATABASE}, files {var}")
        else:
            drop_database(DATABASE)
            shutil.rmtree(var, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
