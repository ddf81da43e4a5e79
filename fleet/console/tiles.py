"""The base map's vector tiles, from our own streets; browsers and proxies keep them for as long as the map lasts."""

import hashlib

from django.http import HttpRequest, HttpResponse
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from fleet.access.permissions import public
from geofence.roads import selectors as roads

CONTENT_TYPE = "application/vnd.mapbox-vector-tile"
MAX_ZOOM = 16
A_YEAR_S, A_MINUTE_S = 31_536_000, 60


def map_version() -> str:
    """Names the active map in the tiles' address, so that a tile never changes under its address; "" without one."""
    try:
        return roads.network().graph.digest[:12]
    except roads.NoNetwork:
        return ""


@public("streets are open data, and visitors see the map before they sign in")
@gzip_page
@require_safe
def tile(request: HttpRequest, z: int, x: int, y: int) -> HttpResponse:
    """One tile. 404 outside the pyramid, 204 where there is nothing to draw, 304 when the browser has it."""
    if z > MAX_ZOOM or not (0 <= x < 2**z and 0 <= y < 2**z):
        return HttpResponse("There is no such tile.", status=404, content_type="text/plain")
    version = map_version()
    if not version:
        return HttpResponse("No city has been imported yet.", status=503, content_type="text/plain")
    body = roads.tile(z, x, y)
    etag = f'"{hashlib.sha256(body).hexdigest()[:20]}"'
    if request.headers.get("If-None-Match", "").removeprefix("W/") == etag:
        response = HttpResponse(status=304)
    else:
        response = HttpResponse(body, content_type=CONTENT_TYPE, status=200 if body else 204)
    for_ever = request.GET.get("v") == version
    response["Cache-Control"] = (
        f"public, max-age={A_YEAR_S}, immutable" if for_ever else f"public, max-age={A_MINUTE_S}"
    )
    response["ETag"] = etag
    return response
