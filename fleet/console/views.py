"""Pages: the landing page, the operators' map, the zones, and parts of panels."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_safe

from fleet.access.domain import DIRECTORS, STAFF, WATCHERS, Role
from fleet.access.permissions import allowed, public
from fleet.base.context import socket_url
from fleet.console import selectors


@dataclass(frozen=True)
class Place:
    """Somewhere to go from the landing page."""

    path: str
    name: str
    text: str
    roles: tuple[Role, ...]


PLACES = (
    Place("/ride", "Ride", "Book a car and follow it on the map.", (Role.RIDER,)),
    Place("/console/", "Map", "Every car, every open ride, live. Hold, release, pull over, reassign.", WATCHERS),
    Place("/console/zones/", "Zones", "Where cars may drive and stop. Draw, publish, retire.", WATCHERS),
    Place("/console/releases/", "Releases", "The drivers: what each release scored before it was let out.", WATCHERS),
    Place("/api/docs", "API", "The same things by HTTP, described.", tuple(Role)),
)


def _role(request: HttpRequest) -> Role | None:
    return Role(request.user.role) if request.user.is_authenticated else None


def page_config(request: HttpRequest, **more: Any) -> dict[str, Any]:
    """What the page's script must know; laid into the page as JSON."""
    return {
        "ws_url": socket_url(request),
        "may_direct": _role(request) in DIRECTORS,
        "may_look": _role(request) in STAFF,
        "map": selectors.map_config(),
        **more,
    }


@public("the front door")
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    role = _role(request)
    places = [place for place in PLACES if role in place.roles]
    city = selectors.map_config()["city"]
    return render(request, "home.html", {"places": places, "role": role, "city": city})


@allowed(*WATCHERS)
@ensure_csrf_cookie
@require_safe
def map_page(request: HttpRequest) -> HttpResponse:
    return render(request, "console/map.html", {"page": page_config(request), "here": "map"})


@allowed(*WATCHERS)
@ensure_csrf_cookie
@require_safe
def zones_page(request: HttpRequest) -> HttpResponse:
    return render(request, "console/zones.html", {"page": page_config(request), "here": "zones"})


@allowed(*WATCHERS)
@ensure_csrf_cookie
@require_safe
def releases_page(request: HttpRequest) -> HttpResponse:
    return render(request, "console/releases.html", {"page": page_config(request), "here": "releases"})


@allowed(*WATCHERS)
@require_safe
def history(request: HttpRequest, subject_type: str, subject_id: UUID) -> HttpResponse:
    """The newest ledger entries about one thing, as a list to be laid into a panel."""
    if subject_type not in ("vehicle", "ride", "zone", "mission"):
        raise Http404
    return render(request, "console/history.html", {"events": selectors.history(subject_type, subject_id)})
