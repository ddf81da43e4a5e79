"""Bodies that are no JSON, or JSON that means nothing: each is refused with the field and the reason, and not kept."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import pytest
from rest_framework.test import APIClient

from fleet.access.domain import Role
from fleet.base.parsers import json_depth
from geofence.roads.domain.network import Network
from geofence.stops.selectors import StopChoice
from tests.dispatch.actors import Booker

# No such id is ever made. Fixed, because ids of tests must be the same in every worker.
NOBODY = "00000000-0000-7000-8000-000000000000"

pytestmark = pytest.mark.django_db
Rows = Callable[[], dict[str, Any]]
PROBLEM = "application/problem+json"
POSTS = (
    ("/api/auth/token", None),
    ("/api/riders", None),
    ("/api/quotes", Role.RIDER),
    ("/api/rides", Role.RIDER),
    (f"/api/rides/{NOBODY}/cancel", Role.RIDER),
    (f"/api/rides/{NOBODY}/reassign", Role.OPERATOR),
    ("/api/zones", Role.OPERATOR),
    ("/api/zones/publish", Role.OPERATOR),
    ("/api/zones/retire", Role.OPERATOR),
    ("/api/zones/impact", Role.OPERATOR),
    (f"/api/vehicles/{NOBODY}/hold", Role.OPERATOR),
)


@contextmanager
def nothing_is_stored(rows: Rows) -> Iterator[None]:
    before = rows()
    yield
    assert rows() == before


def send(api: APIClient, path: str, body: Any, content_type: str = "application/json") -> Any:
    return api.generic("POST", path, body, content_type=content_type, headers={"Idempotency-Key": uuid4().hex})


@pytest.fixture
def senders(client_of: Callable[..., APIClient]) -> list[tuple[str, APIClient]]:
    clients: dict[Role | None, APIClient] = {
        None: APIClient(),
        **{role: client_of(role) for role in (Role.RIDER, Role.OPERATOR)},
    }
    return [(path, clients[role]) for path, role in POSTS]


@pytest.mark.parametrize(
    ("body", "content_type", "status", "code"),
    [
        (b"\xff\xfe\x00", "application/json", 400, "parse_error"),
        ('{"a": "\udc80"}'.encode("utf-8", "surrogatepass"), "application/json", 400, "parse_error"),
        (b"{} {}", "application/json", 400, "parse_error"),
        (b"{'a': 1}", "application/json", 400, "parse_error"),
        (b'{"a": NaN}', "application/json", 400, "parse_error"),
        (b'{"a": -Infinity}', "application/json", 400, "parse_error"),
        (b'{"a": 1e400}', "application/json", 400, "parse_error"),
        (b'{"a": 1, "a": 2}', "application/json", 400, "duplicate_member"),
        (b'{"x": [{"b": {}, "b": {}}]}', "application/json", 400, "duplicate_member"),
        (b"[" * 10_000 + b"]" * 10_000, "application/json", 400, "too_deep"),
        (b"a=1", "application/x-www-form-urlencoded", 415, "unsupported_media_type"),
        (b"--x--", "multipart/form-data; boundary=x", 415, "unsupported_media_type"),
        (b"<a/>", "text/xml", 415, "unsupported_media_type"),
        (b"{}", "garbage", 415, "unsupported_media_type"),
        (b"{}", "", 415, "unsupported_media_type"),
        (b" " * 1_000_000, "application/json", 413, "body_too_large"),
    ],
)
def test_what_is_no_json_is_refused_everywhere(
    senders: list[tuple[str, APIClient]], rows: Rows, body: bytes, content_type: str, status: int, code: str
) -> None:
    with nothing_is_stored(rows):
        for path, api in senders:
            answer = send(api, path, body, content_type)
            assert (path, answer.status_code, answer.json()["code"]) == (path, status, code)
            assert answer["Content-Type"] == PROBLEM
            assert answer.json()["detail"]


@pytest.mark.parametrize("body", ["null", "[]", "7", '"text"', "true", "{}", "", '[{"quote_id": 1}]'])
def test_json_that_is_no_object_or_empty_is_refused_everywhere(
    senders: list[tuple[str, APIClient]], rows: Rows, body: str
) -> None:
    with nothing_is_stored(rows):
        for path, api in senders:
            answer = send(api, path, body)
            assert answer.status_code in (400, 404), (path, answer.status_code, answer.content)
            assert answer["Content-Type"] == PROBLEM
            assert answer.json()["detail"]


@pytest.mark.parametrize("name", [r"\ud800", r"a\u0000b"])
def test_characters_that_no_database_stores_are_refused(senders: list[tuple[str, APIClient]], name: str) -> None:
    """Written as escapes they are proper JSON; each text field refuses them."""
    for path, api in senders:
        members = ("username", "password", "quote_id", "note", "name", "kind", "reason", "preference")
        text = ", ".join(f'"{member}": "{name}"' for member in members)
        answer = send(api, path, "{" + text + ', "zone_ids": ["' + name + '"], "geometry": {"type": "' + name + '"}}')
        assert answer.status_code == 400, (path, answer.content)


def test_a_duplicate_member_is_named() -> None:
    answer = send(APIClient(), "/api/riders", '{"username": "one", "password": "p", "username": "two"}')
    assert answer.json()["detail"] == "The member 'username' is given more than once."


@pytest.mark.parametrize("tail", [b"", b"\\", b"\\\n", b"\n"])
def test_counting_depth_takes_no_longer_for_quotes_that_never_end(tail: bytes) -> None:
    body = b'{"a": "' + b'\\"' * 130_000 + tail
    began = time.perf_counter()
    assert json_depth(body) == 1
    assert time.perf_counter() - began < 0.5  # tried again from every quote it takes minutes


@pytest.mark.parametrize("length", ["²", "-1", "1e3", "9" * 5000, "٣"])
def test_a_length_that_is_none_is_refused(rows: Rows, length: str) -> None:
    with nothing_is_stored(rows):
        answer = APIClient().post("/api/riders", {}, format="json", CONTENT_LENGTH=length)
        assert (answer.status_code, answer.json()["code"]) == (400, "invalid")


@pytest.mark.parametrize("token", ["x", "ÿþ", "\x7f" * 50, "a" * 5000, "%00", "a\tb c", "'--"])
def test_a_token_that_is_none_is_401(token: str) -> None:
    answer = APIClient().get("/api/me", headers={"Authorization": f"Token {token}"})
    assert (answer.status_code, answer["Content-Type"]) == (401, PROBLEM)


# --- quotes


def wish(places: list[StopChoice], **changes: Any) -> dict[str, Any]:
    ends = {"pickup": {"lon": places[5].lon, "lat": places[5].lat}}
    return {**ends, "dropoff": {"lon": places[-5].lon, "lat": places[-5].lat}, "seats": 1, **changes}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"seats": 0}, "seats"),
        ({"seats": -1}, "seats"),
        ({"seats": 17}, "seats"),
        ({"seats": 10**300}, "seats"),
        ({"seats": 1.5}, "seats"),
        ({"seats": 1.0}, "seats"),
        ({"seats": True}, "seats"),
        ({"seats": "1"}, "seats"),
        ({"seats": None}, "seats"),
        ({"seats": [1]}, "seats"),
        ({"wheelchair": "yes"}, "wheelchair"),
        ({"wheelchair": "true"}, "wheelchair"),
        ({"wheelchair": 1}, "wheelchair"),
        ({"wheelchair": None}, "wheelchair"),
        ({"wheelchair": {}}, "wheelchair"),
        ({"preference": "cheapest"}, "preference"),
        ({"preference": []}, "preference"),
        ({"preference": None}, "preference"),
        ({"pickup": {"lon": "NaN", "lat": 43.7}}, "pickup.lon"),
        ({"pickup": {"lon": 7.4, "lat": "nan"}}, "pickup.lat"),
        ({"pickup": {"lon": "Infinity", "lat": 43.7}}, "pickup.lon"),
        ({"pickup": {"lon": "7.4", "lat": 43.7}}, "pickup.lon"),
        ({"pickup": {"lon": True, "lat": 43.7}}, "pickup.lon"),
        ({"pickup": {"lon": 10**400, "lat": 43.7}}, "pickup.lon"),
        ({"pickup": {"lon": None, "lat": 43.7}}, "pickup.lon"),
        ({"pickup": {"lon": 181, "lat": 43.7}}, "pickup.lon"),
        ({"pickup": {"lon": 7.4, "lat": 95}}, "pickup.lat"),
        ({"pickup": {"lon": 7.4}}, "pickup.lat"),
        ({"pickup": {}}, "pickup.lon"),
        ({"pickup": None}, "pickup"),
        ({"pickup": "here"}, "pickup"),
        ({"dropoff": {"lon": 7.4, "lat": -90.001}}, "dropoff.lat"),
        ({"dropoff": [7.4, 43.7]}, "dropoff"),
    ],
)
def test_a_wish_that_means_nothing_is_refused_by_field(
    booker: Booker, places: list[StopChoice], rows: Rows, change: dict[str, Any], field: str
) -> None:
    with nothing_is_stored(rows):
        answer = booker.post("/api/quotes", wish(places, **change))
        assert answer.status_code == 400
        assert field in [error["field"] for error in answer.json()["errors"]]
        assert answer.json()["detail"].startswith(field.split(".", maxsplit=1)[0])


@pytest.mark.parametrize(
    ("pickup", "field", "code"),
    [
        ({"lon": -40.0, "lat": 30.0}, "pickup", "outside_service_area"),
        ({"lon": 180, "lat": 90}, "pickup", "outside_service_area"),
        ({"lon": -180, "lat": -90}, "pickup", "outside_service_area"),
        ({"lon": 1e-320, "lat": -0.0}, "pickup", "outside_service_area"),
    ],
)
def test_the_sea_and_the_poles_are_outside(
    booker: Booker, places: list[StopChoice], rows: Rows, pickup: dict[str, float], field: str, code: str
) -> None:
    for end in ("pickup", "dropoff"):
        with nothing_is_stored(rows):
            answer = booker.post("/api/quotes", wish(places, **{end: pickup}))
            assert (answer.status_code, answer.json()["code"]) == (422, code)
            assert [error["field"] for error in answer.json()["errors"]] == [end]


def test_pickup_and_dropoff_in_one_place_are_refused(booker: Booker, places: list[StopChoice], rows: Rows) -> None:
    here = {"lon": places[5].lon, "lat": places[5].lat}
    with nothing_is_stored(rows):
        answer = booker.post("/api/quotes", wish(places, pickup=here, dropoff=here))
        assert (answer.status_code, answer.json()["code"]) == (422, "too_close")
        assert [error["field"] for error in answer.json()["errors"]] == ["dropoff"]


# --- bookings


@pytest.mark.parametrize(
    "quote_id", [None, 7, -1, 2**200, 1.5, True, "", "x", "{}", [], {}, "\u0000", "0" * 32 + "g", "é" * 36]
)
def test_a_quote_id_that_is_none_is_refused(booker: Booker, city: Network, rows: Rows, quote_id: Any) -> None:
    with nothing_is_stored(rows):
        answer = booker.post("/api/rides", {"quote_id": quote_id})
        assert answer.status_code == 400
        assert [error["field"] for error in answer.json()["errors"]] == ["quote_id"]


@pytest.mark.parametrize("key", ["", " ", "x" * 101, "a\x07b", "\x85"])
@pytest.mark.parametrize("path", ["/api/quotes", "/api/rides"])
def test_a_key_that_is_none_is_refused(
    booker: Booker, places: list[StopChoice], rows: Rows, path: str, key: str
) -> None:
    with nothing_is_stored(rows):
        answer = booker.api.post(path, wish(places), format="json", headers={"Idempotency-Key": key})
        assert answer.status_code == 400
        assert [error["field"] for error in answer.json()["errors"]] == ["Idempotency-Key"]


def test_a_key_with_another_body_is_refused_and_books_nothing(booker: Booker, places: list[StopChoice]) -> None:
    from dispatch.rides.models import Ride

    first, second = (booker.quote(places[5], places[-5]).json()["id"] for _ in range(2))
    assert booker.post("/api/rides", {"quote_id": first}, key="k").status_code == 201
    answer = booker.post("/api/rides", {"quote_id": second}, key="k")
    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_reused")
    assert Ride.objects.exclude(requested_at=None).count() == 1


@pytest.mark.parametrize("note", ["x" * 201, "a\u0000b", "a\nb", "\u001b[2J", 7, None, ["x"]])
def test_a_cancellation_with_an_absurd_note_is_refused_and_the_ride_goes_on(
    booker: Booker, places: list[StopChoice], rows: Rows, note: Any
) -> None:
    ride_id = booker.book(places[5], places[-5])
    with nothing_is_stored(rows):
        answer = booker.order(ride_id, "cancel", {"note": note})
        assert answer.status_code == 400
        assert [error["field"] for error in answer.json()["errors"]] == ["note"]
    assert booker.ride(ride_id)["state"] == "requested"


@pytest.mark.parametrize("verb", ["unlock", "start", "cancel", "reassign"])
def test_orders_to_others_rides_tell_nothing(
    booker: Booker, new_booker: Callable[[], Booker], places: list[StopChoice], rows: Rows, verb: str
) -> None:
    """An existing ride of somebody else and one that does not exist get the same answer."""
    ride_id = booker.book(places[5], places[-5])
    stranger = new_booker()
    with nothing_is_stored(rows):
        answers = [stranger.order(some_id, verb) for some_id in (ride_id, uuid4())]
    shown = [{**json.loads(answer.content), "instance": ""} for answer in answers]
    assert shown[0] == shown[1]
    assert {answer.status_code for answer in answers} == {403 if verb == "reassign" else 404}
    assert booker.ride(ride_id)["state"] == "requested"


@pytest.mark.parametrize("verb", ["unlock", "start"])
def test_orders_before_a_car_is_there_are_refused_with_the_state(
    booker: Booker, places: list[StopChoice], rows: Rows, verb: str
) -> None:
    ride_id = booker.book(places[5], places[-5])
    with nothing_is_stored(rows):
        answer = booker.order(ride_id, verb)
        assert (answer.status_code, answer.json()["code"], answer.json()["state"]) == (409, "ride_state", "requested")


def test_a_ride_is_not_cancelled_twice(booker: Booker, places: list[StopChoice], rows: Rows) -> None:
    ride_id = booker.book(places[5], places[-5])
    assert booker.order(ride_id, "cancel").status_code == 200
    with nothing_is_stored(rows):
        answer = booker.order(ride_id, "cancel")
        assert (answer.status_code, answer.json()["code"], answer.json()["state"]) == (409, "ride_state", "cancelled")
