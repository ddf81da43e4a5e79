"""The small city's stopping places, riders, cars and a dispatcher."""

from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from dispatch.assignments import lease
from dispatch.assignments.dispatcher import Dispatcher, TickReport
from dispatch.matching.solvers.bounded import BoundedSolver
from fleet.base import clock
from geofence.roads.domain.network import Network
from geofence.stops import selectors as stops
from geofence.stops.selectors import StopChoice
from tests.dispatch.actors import Booker, Cars


@pytest.fixture(autouse=True)
def quick_passwords(settings: Any) -> None:
    """Riders sign up in most stories, and what a strong hash costs is no part of them."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def places(city: Network) -> list[StopChoice]:
    """Legal stopping places of the city, from west to east."""
    found = stops.all_places(at=clock.now(), network=city)
    return sorted(found, key=lambda stop: (stop.lon, stop.lat))


@pytest.fixture
def cars(city: Network) -> Cars:
    return Cars(city)


@pytest.fixture
def new_booker(client_of: Callable[..., APIClient]) -> Callable[[], Booker]:
    return lambda: Booker(client_of())


@pytest.fixture
def booker(new_booker: Callable[[], Booker]) -> Booker:
    return new_booker()


@pytest.fixture
def dispatcher(city: Network) -> Dispatcher:
    fence = lease.acquire(holder="test", lease_s=60)
    assert fence is not None
    return Dispatcher(fence=fence, solver=BoundedSolver(deadline_s=5), clock=clock.now)


@pytest.fixture
def tick(dispatcher: Dispatcher) -> Callable[[], TickReport]:
    return dispatcher.tick
