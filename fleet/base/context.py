"""What every page knows."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest


def socket_url(request: HttpRequest) -> str:
    """Where this browser finds the socket server: configured, or the page's own host on the socket port."""
    if settings.HANSOM_WS_URL:
        return str(settings.HANSOM_WS_URL)
    host = request.get_host().rsplit(":", 1)[0] if not request.get_host().endswith("]") else request.get_host()
    return f"{'wss' if request.is_secure() else 'ws'}://{host}:{settings.WS_PORT}"


def page_context(request: HttpRequest) -> dict[str, Any]:
    return {"WS_URL": socket_url(request)}
