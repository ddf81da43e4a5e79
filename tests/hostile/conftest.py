"""Riders, cars and places as the stories of dispatch have them; and what must not have changed."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from tests.dispatch.conftest import booker, cars, dispatcher, new_booker, places, quick_passwords, tick

__all__ = ["booker", "cars", "dispatcher", "new_booker", "places", "quick_passwords", "tick"]

COUNTED = (
    "dispatch_quote",
    "dispatch_ride",
    "dispatch_assignment",
    "fleet_command",
    "fleet_idempotencyrecord",
    "fleet_ledgerentry",
    "fleet_mission",
    "fleet_user",
    "odd_version",
    "zone",
)


@pytest.fixture
def rows() -> Callable[[], dict[str, Any]]:
    """How many rows each table has that a request can write to."""

    def count() -> dict[str, Any]:
        with connection.cursor() as cursor:
            cursor.execute("SELECT " + ", ".join(f"(SELECT count(*) FROM {name})" for name in COUNTED))
            return dict(zip(COUNTED, cursor.fetchone(), strict=True))

    return count
