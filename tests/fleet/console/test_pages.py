"""Pages: who gets which, what they carry, and how errors look."""

from collections.abc import Callable

import pytest
from django.test import Client
from rest_framework.test import APIClient

from fleet.access.domain import WATCHERS, Role
from fleet.access.models import User
from geofence.roads.domain.network import Network
from tests.conftest import PASSWORD
from tests.fleet.conftest import register_vehicle

MakeUser = Callable[..., User]


def browser(make_user: MakeUser, role: Role) -> Client:
    client = Client()
    client.force_login(make_user(role))
    return client


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("path", ["/console/", "/console/zones/", "/console/releases/"])
def test_the_console_is_for_those_who_watch_the_fleet(make_user: MakeUser, role: Role, path: str) -> None:
    answer = browser(make_user, role).get(path)
    assert answer.status_code == (200 if role in WATCHERS else 403)


@pytest.mark.parametrize("role", list(Role))
def test_only_directors_get_the_tools_to_direct(make_user: MakeUser, role: Role) -> None:
    if role not in WATCHERS:
        pytest.skip("does not get the page")
    page = browser(make_user, role).get("/console/zones/").content.decode()
    assert ("New zone" in page) == (role in (Role.OPERATOR, Role.SUPERVISOR, Role.ADMIN))


@pytest.mark.parametrize("role", WATCHERS)
def test_only_staff_are_offered_a_look_through_a_cars_cameras(make_user: MakeUser, role: Role) -> None:
    page = browser(make_user, role).get("/console/").content.decode()
    assert ('"may_look": true' in page) == (role is not Role.REGULATOR)


@pytest.mark.usefixtures("db")
@pytest.mark.parametrize("path", ["/console/", "/console/zones/", "/console/releases/", "/ride"])
def test_visitors_are_led_to_the_login_and_back(path: str) -> None:
    assert Client().get(path).headers["Location"] == f"/login?next={path}"


@pytest.mark.parametrize(("role", "place"), [(Role.RIDER, "/ride"), (Role.OPERATOR, "/console/")])
def test_signing_in_leads_everybody_to_his_place(make_user: MakeUser, role: Role, place: str) -> None:
    user = make_user(role)
    answer = Client().post("/login", {"username": user.username, "password": PASSWORD})
    assert (answer.status_code, answer.headers["Location"]) == (302, place)


@pytest.mark.usefixtures("db")
def test_a_wrong_password_is_told_and_nobody_is_signed_in() -> None:
    client = Client()
    answer = client.post("/login", {"username": "nobody", "password": "wrong"})
    assert answer.status_code == 200
    assert "Please enter a correct" in answer.content.decode()
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize("role", [Role.RIDER, Role.OPERATOR, Role.REGULATOR, None])
def test_the_front_door_shows_the_places_of_the_role(make_user: MakeUser, role: Role | None) -> None:
    page = (browser(make_user, role) if role else Client()).get("/").content.decode()
    assert ('href="/console/"' in page) == (role in (Role.OPERATOR, Role.REGULATOR))
    assert ('href="/ride"' in page) == (role is Role.RIDER)
    assert ('href="/signup"' in page) == (role is None)


def test_no_page_has_inline_code(make_user: MakeUser) -> None:
    client = browser(make_user, Role.OPERATOR)
    for path in ("/", "/console/", "/console/zones/", "/console/releases/", "/login"):
        answer = client.get(path, follow=True)
        page = answer.content.decode()
        assert "script-src 'self';" in answer.headers["Content-Security-Policy"]
        assert "<script>" not in page
        assert " onclick=" not in page


@pytest.mark.usefixtures("db")
def test_a_page_that_is_not_there_says_so_in_our_clothes() -> None:
    answer = Client().get("/no/such/page")
    assert answer.status_code == 404
    assert "There is no such page" in answer.content.decode()


def test_the_history_of_a_car_is_newest_first(make_user: MakeUser) -> None:
    from fleet.ledger.testing import flush

    vehicle = register_vehicle()
    flush()
    page = browser(make_user, Role.OPERATOR).get(f"/console/history/vehicle/{vehicle.pk}").content.decode()
    assert page.index("available.idle") < page.index("Registered")


def test_the_snapshot_has_every_part_and_the_head_of_the_ledger(client_of: Callable[..., APIClient]) -> None:
    from fleet.ledger import selectors as ledger
    from fleet.ledger.testing import flush

    vehicle = register_vehicle()
    flush()
    taken = client_of(Role.REGULATOR).get("/api/console/snapshot").json()
    flush()
    assert set(taken) == {"seq", "at", "vehicles", "missions", "zones", "rides", "positions"}
    assert taken["vehicles"][str(vehicle.pk)]["plate"] == vehicle.plate
    assert taken["seq"] <= ledger.head()


def test_riders_do_not_get_the_snapshot(client_of: Callable[..., APIClient]) -> None:
    assert client_of(Role.RIDER).get("/api/console/snapshot").status_code == 403


def _tile_of(city: Network, zoom: int) -> str:
    import math

    west, south, east, north = city.bbox
    lon, lat = math.radians((west + east) / 2), math.radians((south + north) / 2)
    x = int((lon / math.pi + 1) / 2 * 2**zoom)
    y = int((1 - math.asinh(math.tan(lat)) / math.pi) / 2 * 2**zoom)
    return f"/tiles/{zoom}/{x}/{y}.mvt"


def test_a_tile_is_kept_for_ever_under_the_maps_name_and_for_a_minute_without(city: Network) -> None:
    path, client = _tile_of(city, 14), Client()
    short = client.get(path)
    assert short.status_code == 200
    assert short.headers["Content-Type"] == "application/vnd.mapbox-vector-tile"
    assert short.headers["Cache-Control"] == "public, max-age=60"
    named = client.get(f"{path}?v={city.graph.digest[:12]}")
    assert named.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    again = client.get(path, headers={"If-None-Match": short.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize("path", ["/tiles/14/99999/1.mvt", "/tiles/30/0/0.mvt", "/tiles/a/0/0.mvt"])
def test_a_tile_outside_the_world_is_not_there(city: Network, path: str) -> None:
    assert Client().get(path).status_code == 404


def test_a_tile_of_the_sea_is_empty(city: Network) -> None:
    assert Client().get("/tiles/14/0/8191.mvt").status_code == 204
