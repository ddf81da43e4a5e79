"""What all tests share: a place of their own for files and Redis, accounts, and a small imported city."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import redis
from django.conf import settings
from django.core.management import call_command
from rest_framework.test import APIClient

from fleet.access.domain import Role
from fleet.access.models import User

ROOT = Path(__file__).resolve().parent.parent
PASSWORD = "correct horse battery staple"


def shared_dir() -> Path | None:
    """Real map extracts and standards' tables beside the checkout; not part of the project."""
    for candidate in (os.environ.get("HANSOM_SHARED"), ROOT.parent / "shared"):
        if candidate and Path(candidate).is_dir():
            return Path(candidate)
    return None


@pytest.fixture(scope="session")
def shared() -> Path:
    path = shared_dir()
    if path is None:
        pytest.skip("no shared data on this machine")
    return path


@pytest.fixture(scope="session", autouse=True)
def own_place(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """Files of this test run and a Redis number of this worker."""
    var = tmp_path_factory.mktemp("var")
    for name in ("MAP", "KEYS", "CARS"):
        path = var / name.lower()
        path.mkdir()
        setattr(settings, f"HANSOM_{name}_DIR", path)
    settings.HANSOM_VAR = var
    # Accounts are made by the hundred; a hash that is slow on purpose would take half of the tests' time.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    number = (
        20 + int(os.environ.get("HANSOM_REDIS_DB", "0")) * 4 + (int(worker_id[2:]) if worker_id[2:].isdigit() else 0)
    )
    settings.HANSOM_REDIS_URL = settings.HANSOM_REDIS_URL.rsplit("/", 1)[0] + f"/{number}"
    redis.Redis.from_url(settings.HANSOM_REDIS_URL).flushdb()
    return var


@pytest.fixture(scope="session")
def worker_id(request: pytest.FixtureRequest) -> str:
    """Name of the parallel worker; `master` without xdist."""
    return str(getattr(request.config, "workerinput", {}).get("workerid", "master"))


@pytest.fixture(scope="session")
def city_extract(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small generated city as an OpenStreetMap extract."""
    path = tmp_path_factory.mktemp("city") / "small.osm.pbf"
    call_command("generate_city", str(path), junctions=120, seed=7, verbosity=0)
    return path


def _import_city(extract: Path) -> None:
    call_command("import_city", str(extract), activate=True, verbosity=0)
    call_command("open_service_area", verbosity=0)


@pytest.fixture(scope="session")
def _session_city(django_db_setup: None, django_db_blocker: Any, city_extract: Path) -> None:
    with django_db_blocker.unblock():
        _import_city(city_extract)


@pytest.fixture
def city(_session_city: None, db: None, city_extract: Path) -> Any:
    """The small city, imported and with an open service area; the active `Network`.

    Committed once for all tests that roll back, and imported again after a test that flushed the database.
    """
    from geofence.roads import selectors

    try:
        return selectors.network(fresh=True)
    except selectors.NoNetwork:
        _import_city(city_extract)
        return selectors.network(fresh=True)


@pytest.fixture
def make_user(db: None) -> Callable[..., User]:
    def make(role: Role = Role.RIDER, username: str | None = None) -> User:
        name = username or f"{role.value}-{User.objects.count()}"
        return User.objects.create_user(username=name, password=PASSWORD, role=role)

    return make


@pytest.fixture
def client_of(make_user: Callable[..., User]) -> Callable[..., APIClient]:
    """An API client that is signed in as a new user of a role, or as the given user."""

    def client(who: Role | User = Role.RIDER) -> APIClient:
        user = who if isinstance(who, User) else make_user(who)
        api = APIClient()
        api.force_authenticate(user)
        api.user = user  # type: ignore[attr-defined]  # tests ask who it is
        return api

    return client
