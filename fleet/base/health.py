"""`/healthz`: the process answers. `/readyz`: it can do its work, with what it depends on named one by one."""

from typing import Any

import redis
from django.conf import settings
from django.db import Error, connection
from django.http import HttpRequest, JsonResponse
from django.urls import path

from fleet.access.permissions import public
from geofence.roads import selectors as roads


def _database() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Error:
        return "down"
    return "ok"


def _redis() -> str:
    try:
        redis.Redis.from_url(settings.HANSOM_REDIS_URL, socket_timeout=0.5, socket_connect_timeout=0.5).ping()
    except redis.RedisError:
        return "down"
    return "ok"


def _map() -> str:
    try:
        roads.network()
    except (roads.NoNetwork, Error):
        return "missing"
    return "ok"


@public("load balancers ask it, and it tells nothing")
def healthz(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"status": "ok"})


@public("load balancers ask it, and it tells only which parts answer")
def readyz(request: HttpRequest) -> JsonResponse:
    """503 unless the database and the map are there. Redis may be down: the platform goes on, a second slower."""
    parts: dict[str, Any] = {"database": _database(), "redis": _redis()}
    parts["map"] = _map() if parts["database"] == "ok" else "unknown"
    ready = parts["database"] == parts["map"] == "ok"
    return JsonResponse({"status": "ready" if ready else "not ready", "parts": parts}, status=200 if ready else 503)


urlpatterns = [path("healthz", healthz, name="healthz"), path("readyz", readyz, name="readyz")]
