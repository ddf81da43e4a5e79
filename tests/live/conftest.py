"""Whole stacks of real processes for tests: a database cloned from a prepared one, own files, own ports."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ops import services
from ops.stack import Stack, create_database, drop_database, place_with_free_ports

# The cars' world runs this much faster than the clock, so that a ride takes seconds.
TIME_FACTOR = 40.0
# Patience of the platform, shortened for tests: wall seconds.
TIMING = {
    "HANSOM_SILENT_S": "4",
    "HANSOM_REMATCH_SILENT_S": "8",
    "HANSOM_TICK_S": "0.5",
    "HANSOM_LEASE_S": "2",
    "HANSOM_HEARTBEAT_S": "1",
    "HANSOM_RECEIPTS_EVERY_S": "1",
}


def _suffix(worker_id: str) -> str:
    return f"{os.environ.get('HANSOM_DB_NAME', 'hansom')}_{worker_id}"


def _redis_number(worker_id: str) -> int:
    return 52 + (int(worker_id[2:]) if worker_id[2:].isdigit() else 0) % 8


@pytest.fixture(scope="session")
def template(
    worker_id: str, city_extract: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, Path]]:
    """A migrated database with the small city and an open service area, and the map files that belong to it."""
    services.ensure_env()
    name = f"live_template_{_suffix(worker_id)}"
    place = place_with_free_ports(tmp_path_factory.mktemp("template"), db_name=name, redis_db=_redis_number(worker_id))
    create_database(name)
    stack = Stack(place)
    stack.manage("migrate", "--no-input", "--verbosity", "0")
    stack.manage("import_city", str(city_extract), "--activate")
    stack.manage("open_service_area")
    yield name, place.var / "map"
    drop_database(name)


StackMaker = Callable[..., Stack]


@pytest.fixture(scope="module")
def make_stack(
    template: tuple[str, Path], worker_id: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[StackMaker]:
    """Make a stack with `cars` cars provisioned and nothing running; it is stopped and dropped at the end."""
    made: list[tuple[Stack, str]] = []

    def make(*, cars: int = 8, **place_options: Any) -> Stack:
        database, map_dir = template
        name = f"live_{_suffix(worker_id)}_{len(made)}"
        options: dict[str, Any] = {"time_factor": TIME_FACTOR, **place_options}
        options["extra_env"] = {**TIMING, **options.get("extra_env", {})}
        place = place_with_free_ports(
            tmp_path_factory.mktemp("live"), db_name=name, redis_db=_redis_number(worker_id), **options
        )
        shutil.copytree(map_dir, place.var / "map", dirs_exist_ok=True)
        create_database(name, database)
        stack = Stack(place)
        made.append((stack, name))
        stack.manage("provision_cars", "--count", str(cars))
        return stack

    yield make
    for stack, name in made:
        stack.stop()
        drop_database(name)


@pytest.fixture(scope="module")
def stack(make_stack: StackMaker) -> Stack:
    """A running stack with eight cars, shared by the tests of a module."""
    whole = make_stack()
    whole.start()
    return whole
