"""Putting the socket routes together, with what stands in front of all of them."""

from collections.abc import Awaitable, Callable, Iterator
from importlib import import_module
from typing import Any
from urllib.parse import urlsplit

from asgiref.sync import sync_to_async
from channels.auth import AuthMiddlewareStack
from channels.routing import URLRouter
from channels.security.websocket import OriginValidator, WebsocketDenier
from django.conf import settings
from django.db import connections
from django.urls import URLPattern

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]


def socket_routes() -> Iterator[URLPattern]:
    """Every websocket route of every app, as declared."""
    for module in settings.HANSOM_SOCKETS:
        yield from import_module(module).websocket_urlpatterns


class SafeOriginValidator(OriginValidator):  # type: ignore[misc]  # channels publishes no types
    """An origin that is no origin (`http://host:1.evil.example`, `http://[::1`) is refused; the library stumbles."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            for name, value in scope["headers"]:
                if name == b"origin":
                    urlsplit(value.decode("latin1"))
        except ValueError:
            await WebsocketDenier()(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)

    def valid_origin(self, parsed_origin: Any) -> bool:
        try:
            return bool(super().valid_origin(parsed_origin))
        except ValueError:
            return False


def _is_device(route: URLPattern) -> bool:
    return bool(getattr(route.callback, "device_identity", False))


async def _answer(send: Send, status: int, body: bytes) -> None:
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def _lifespan(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            await send({"type": "lifespan.startup.complete"})
        else:
            connections.close_all()
            await sync_to_async(connections.close_all)()  # the thread in which consumers ask the database has its own
            await send({"type": "lifespan.shutdown.complete"})
            return


async def _refuse_unknown(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "websocket.close", "code": 4404, "reason": "no such socket"})


def socket_application() -> App:
    """The ASGI application: cars' routes bare, all others behind origin check and session; `/healthz` over HTTP."""
    routes = list(socket_routes())
    devices = {"/" + str(route.pattern): route.callback for route in routes if _is_device(route)}
    people = [route for route in routes if not _is_device(route)]
    known = URLRouter(people)
    browser = SafeOriginValidator(AuthMiddlewareStack(known), settings.HANSOM_ORIGINS)

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await _lifespan(receive, send)
        elif scope["type"] == "http":
            ok = scope["path"] == "/healthz"
            await _answer(send, 200 if ok else 404, b'{"status": "ok"}' if ok else b'{"status": "sockets only"}')
        elif device := devices.get(scope["path"]):
            await device(scope, receive, send)
        elif any(route.pattern.match(scope["path"].lstrip("/")) for route in people):
            await browser(scope, receive, send)
        else:
            await _refuse_unknown(scope, receive, send)

    return application


__all__ = ["App", "Receive", "Scope", "Send", "socket_application", "socket_routes"]
