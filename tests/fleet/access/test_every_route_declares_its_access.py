"""Default deny: a route or socket that declares nothing fails here."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, get_resolver, path
from rest_framework.views import APIView

from fleet.access.permissions import Access, Undeclared, public
from fleet.base.sockets import socket_routes


def routes(resolver: URLResolver, prefix: str = "") -> Iterator[tuple[str, Any]]:
    for entry in resolver.url_patterns:
        where = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from routes(entry, where)
        else:
            yield where, entry.callback


def declared(callback: Any) -> bool:
    """Whether a page, an API view or a socket says who may use it."""
    view_class = getattr(callback, "cls", None) or getattr(callback, "view_class", None)
    if view_class is not None and issubclass(view_class, APIView):
        permissions = view_class.permission_classes
        return bool(permissions) and all(issubclass(p, Access) and p is not Undeclared for p in permissions)
    access = getattr(callback, "access", None) or getattr(getattr(callback, "consumer_class", None), "access", None)
    return isinstance(access, type) and issubclass(access, Access) and access is not Undeclared


def undeclared(patterns: Iterator[tuple[str, Any]]) -> list[str]:
    return [where for where, callback in patterns if not declared(callback)]


def test_every_page_and_api_route_declares_who_may_use_it() -> None:
    found = list(routes(get_resolver()))
    assert len(found) > 5
    assert undeclared(iter(found)) == []


def test_every_socket_declares_who_may_use_it() -> None:
    found = [(str(route.pattern), route.callback) for route in socket_routes()]
    assert undeclared(iter(found)) == []


class Forgotten(APIView):
    pass


def page(request: HttpRequest) -> HttpResponse:
    return HttpResponse()


@pytest.mark.parametrize("callback", [Forgotten.as_view(), page])
def test_a_forgotten_declaration_is_found(callback: Any) -> None:
    """The control: what must fail does fail."""
    assert undeclared(iter([("x", callback)])) == ["x"]
    assert isinstance(path("x", callback), URLPattern)


def test_public_needs_a_reason_and_counts_as_declared() -> None:
    assert declared(public("a reason")(page))
