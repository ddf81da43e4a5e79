"""Forms filled with nonsense, and staff who order what is not theirs to order or is not there."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from rest_framework.test import APIClient

from dispatch.rides.models import Ride
from fleet.access.domain import Role
from geofence.stops.selectors import StopChoice
from tests.dispatch.actors import Booker

pytestmark = pytest.mark.django_db
Rows = Callable[[], dict[str, Any]]
NONSENSE = ("", "\x00", "a\x00b", "x" * 100_000, "\u202e", "<script>", "' OR 1=1 --", "\ud800")


def order(api: APIClient, path: str, body: dict[str, Any]) -> Any:
    return api.post(path, body, format="json", headers={"Idempotency-Key": uuid4().hex})


@pytest.mark.parametrize("path", ["/login", "/signup"])
@pytest.mark.parametrize("value", NONSENSE)
def test_a_form_of_nonsense_is_shown_again_and_makes_no_account(city: Any, rows: Rows, path: str, value: str) -> None:
    before = rows()
    body = b"&".join(name + b"=" + value.encode("utf-8", "surrogatepass") for name in (b"username", b"password"))
    answer = Client().generic("POST", path, body, content_type="application/x-www-form-urlencoded")
    assert answer.status_code in (200, 422)
    assert "sessionid" not in answer.cookies
    assert rows() == before


def test_a_form_with_thousands_of_fields_is_refused(rows: Rows) -> None:
    before = rows()
    body = "&".join(f"f{n}=1" for n in range(2000))
    answer = Client().generic("POST", "/signup", body, content_type="application/x-www-form-urlencoded")
    assert answer.status_code == 400
    assert rows() == before


@pytest.mark.parametrize(
    ("target", "led_to"),
    [
        ("https://evil.example/", "/ride"),
        ("//evil.example", "/ride"),
        ("javascript:alert(1)", "/ride"),
        ("\x00", "/ride"),
        ("/\\evil", "/ride"),
        ("/ride?to=work", "/ride?to=work"),
    ],
)
def test_nobody_is_led_elsewhere_after_signing_up(city: Any, target: str, led_to: str) -> None:
    form = {"username": "new-rider", "password": "correct horse battery staple"}
    answer = Client().post("/signup", form, query_params={"next": target})
    assert (answer.status_code, answer.headers["Location"]) == (302, led_to)


def test_an_order_to_a_ride_that_is_not_there_is_not_found(client_of: Callable[..., APIClient], rows: Rows) -> None:
    operator = client_of(Role.OPERATOR)
    before = rows()
    for verb in ("cancel", "reassign"):
        answer = order(operator, f"/api/rides/{uuid4()}/{verb}", {"note": "road closed"})
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert rows() == before


def test_a_quote_that_nobody_has_booked_is_no_ride_for_staff(
    booker: Booker, places: list[StopChoice], client_of: Callable[..., APIClient], rows: Rows
) -> None:
    booker.quote(places[5], places[-5])
    ride_id = Ride.objects.get().pk
    operator = client_of(Role.OPERATOR)
    before = rows()
    for verb in ("cancel", "reassign"):
        answer = order(operator, f"/api/rides/{ride_id}/{verb}", {"note": "road closed"})
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert Ride.objects.get().state == "quoted"
    assert rows() == before


@pytest.mark.parametrize("role", [Role.RIDER, Role.ASSISTANT, Role.REGULATOR])
@pytest.mark.parametrize("note", ["road closed", "", None])
def test_who_does_not_direct_the_fleet_reassigns_nothing(
    booker: Booker, places: list[StopChoice], client_of: Callable[..., APIClient], rows: Rows, role: Role, note: Any
) -> None:
    ride_id = booker.book(places[5], places[-5])
    other = client_of(role)
    before = rows()
    answer = order(other, f"/api/rides/{ride_id}/reassign", {"note": note})
    assert (answer.status_code, answer.json()["code"]) == (403, "permission_denied")
    assert rows() == before
    assert booker.ride(ride_id)["state"] == "requested"


def test_the_riders_own_reassign_is_refused(booker: Booker, places: list[StopChoice], rows: Rows) -> None:
    ride_id = booker.book(places[5], places[-5])
    before = rows()
    answer = booker.order(ride_id, "reassign", {"note": "I want another one"})
    assert (answer.status_code, answer.json()["code"]) == (403, "permission_denied")
    assert rows() == before


def test_the_key_of_another_rider_gives_nothing_away(
    booker: Booker, new_booker: Callable[[], Booker], places: list[StopChoice]
) -> None:
    quote_id = booker.quote(places[5], places[-5]).json()["id"]
    assert booker.post("/api/rides", {"quote_id": quote_id}, key="shared").status_code == 201
    answer = new_booker().post("/api/rides", {"quote_id": quote_id}, key="shared")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert "Idempotent-Replayed" not in answer.headers
