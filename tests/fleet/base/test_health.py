"""Load balancers and people learn whether a process can do its work."""

from typing import Any

import pytest
from django.conf import settings
from django.test import Client

pytestmark = pytest.mark.django_db


def test_healthz_answers_without_anything_behind_it() -> None:
    assert Client().get("/healthz").json() == {"status": "ok"}


def test_readyz_names_the_missing_map() -> None:
    answer = Client().get("/readyz")
    assert answer.status_code in (200, 503)
    assert answer.json()["parts"]["database"] == "ok"


def test_readyz_is_ready_with_a_city(city: Any) -> None:
    answer = Client().get("/readyz")
    assert (answer.status_code, answer.json()) == (
        200,
        {"status": "ready", "parts": {"database": "ok", "redis": "ok", "map": "ok"}},
    )


def test_without_redis_the_platform_stays_ready(city: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "HANSOM_REDIS_URL", "redis://127.0.0.1:1/0")
    answer = Client().get("/readyz")
    assert (answer.status_code, answer.json()["parts"]["redis"]) == (200, "down")
