"""Every address of the API: unknown ones, absurd ids, queries and methods; refused as problem+json, never a 500."""

import re
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import pytest
from django.urls import URLResolver, get_resolver
from rest_framework.test import APIClient

from fleet.access.domain import Role

pytestmark = pytest.mark.django_db
Rows = Callable[[], dict[str, Any]]
PROBLEM = "application/problem+json"
NIL = "00000000-0000-0000-0000-000000000000"
GARBAGE = ("abc", "-1", "0", "1.5", "1e3", "9" * 5000, "²", "\x00", "é", "[]", "' OR 1=1 --")


def api_routes(resolver: URLResolver, prefix: str = "/") -> Iterator[str]:
    for entry in resolver.url_patterns:
        where = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from api_routes(entry, where)
        elif where.startswith("/api/"):
            yield re.sub(r"<[^>]+>", "{}", where)


ROUTES = sorted(set(api_routes(get_resolver())))
DATA_ROUTES = [route for route in ROUTES if route not in ("/api/docs", "/api/reference", "/api/schema")]


def ask(api: APIClient, method: str, path: str, **more: Any) -> Any:
    headers = {"Idempotency-Key": uuid4().hex}
    return api.generic(method, path, more.pop("body", "{}"), content_type="application/json", headers=headers, **more)


@pytest.fixture
def everybody(client_of: Callable[..., APIClient], city: Any) -> list[APIClient]:
    """A visitor, a rider, an operator and a regulator. With a city, as the answers are longer."""
    return [APIClient(), *(client_of(role) for role in (Role.RIDER, Role.OPERATOR, Role.REGULATOR))]


def test_there_are_routes_to_test() -> None:
    assert len(DATA_ROUTES) > 25
    assert "/api/rides/{}/cancel" in DATA_ROUTES


@pytest.mark.parametrize(
    "path", ["/api/", "/api/no", "/api/rides/x", "/api/rides/1/unlock", "/api/rides/", f"/api/vehicles/{NIL}/explode"]
)
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_an_unknown_address_is_a_problem_and_no_page(path: str, method: str) -> None:
    answer = ask(APIClient(), method, path)
    assert (answer.status_code, answer["Content-Type"]) == (404, PROBLEM)
    assert answer.json() == {
        "type": "urn:hansom:problem:not_found",
        "title": "There is no such thing",
        "status": 404,
        "detail": "There is nothing at this address.",
        "instance": path,
        "code": "not_found",
        "errors": [],
    }


@pytest.mark.parametrize(
    "identity", [NIL, "ffffffff-ffff-ffff-ffff-ffffffffffff", "x", "%00", "%ff", "..%2f", "9" * 300]
)
def test_no_method_on_an_absurd_id_does_anything(everybody: list[APIClient], rows: Rows, identity: str) -> None:
    before = rows()
    for route in [route for route in DATA_ROUTES if "{}" in route]:
        for api in everybody:
            for method in ("GET", "POST", "PATCH", "DELETE"):
                answer = ask(api, method, route.format(identity), body='{"reason": "no reason", "note": "no note"}')
                assert answer.status_code in (400, 401, 403, 404, 405), (method, route, answer.status_code)
                assert answer["Content-Type"] == PROBLEM, (method, route)
    assert rows() == before


def test_methods_that_are_not_meant_are_refused_by_name(everybody: list[APIClient], rows: Rows) -> None:
    before = rows()
    for route in DATA_ROUTES:
        path = route.format(NIL)
        for api in everybody:
            for method in ("PUT", "TRACE", "BREW", "PROPFIND"):
                answer = ask(api, method, path)
                assert answer.status_code in (401, 403, 405), (method, path, answer.status_code)
                assert answer["Content-Type"] == PROBLEM
            for method in ("HEAD", "OPTIONS"):
                assert ask(api, method, path).status_code < 500
    assert rows() == before


@pytest.mark.parametrize("name", ["limit", "cursor", "format", "state", "retired", "page", "ordering"])
def test_no_query_breaks_an_answer(everybody: list[APIClient], name: str) -> None:
    for route in DATA_ROUTES:
        for api in everybody:
            for value in GARBAGE:
                answer = api.get(route.format(NIL), {name: value})
                assert answer.status_code < 500, (route, name, value)


@pytest.mark.parametrize("value", [*GARBAGE, "201", ""])
def test_a_limit_that_is_none_is_refused_by_name(everybody: list[APIClient], value: str) -> None:
    for api in everybody[1:]:
        answer = api.get("/api/rides", {"limit": value})
        assert (answer.status_code, answer["Content-Type"]) == (400, PROBLEM)
        assert answer.json()["errors"] == [
            {"field": "limit", "code": "invalid", "detail": "A whole number from 1 to 200 is expected."}
        ]
        assert api.get("/api/rides", {"limit": "200"}).status_code == 200


@pytest.mark.parametrize(
    "value",
    [
        *GARBAGE[:-1],
        "cD0x",  # p=1
        "cD0nIE9SIDE9MQ==",  # p=' OR 1=1
        "cD0lMDA=",  # p=%00
        "bz0tMQ==",  # o=-1
        "bz1hYmM=",  # o=abc
        "cD0=",  # p=
    ],
)
def test_a_cursor_that_was_never_given_out_is_refused_by_name(everybody: list[APIClient], value: str) -> None:
    for api in everybody[1:]:
        answer = api.get("/api/rides", {"cursor": value})
        assert (answer.status_code, answer["Content-Type"]) == (400, PROBLEM)
        assert answer.json()["errors"] == [
            {"field": "cursor", "code": "invalid", "detail": "This cursor was not given out here."}
        ]


def test_a_cursor_that_was_given_out_leads_on(city: Any, places: Any, booker: Any) -> None:
    for _ in range(2):
        booker.book(places[5], places[-5])
    first = booker.api.get("/api/rides", {"limit": "1"}).json()
    second = booker.api.get(first["next"]).json()
    assert len({first["results"][0]["id"], second["results"][0]["id"]}) == 2
    assert second["next"] is None
    assert booker.api.get(second["previous"]).json()["results"] == first["results"]


@pytest.mark.parametrize("accept", ["text/html", "application/xml", "garbage", "*/*;q=x", "", "é"])
def test_no_accept_header_breaks_an_answer(everybody: list[APIClient], accept: str) -> None:
    for route in DATA_ROUTES:
        for api in everybody:
            answer = api.get(route.format(NIL), headers={"Accept": accept})
            assert answer.status_code < 500, route


@pytest.mark.parametrize(
    "tile", ["40/0/0", "0/0/1", "16/65536/0", "16/0/65536", "16/0/" + "9" * 40, "9" * 5000 + "/0/0", "-1/0/0", "1/-1/0"]
)
def test_a_tile_outside_the_pyramid_is_not_there(city: Any, tile: str) -> None:
    assert APIClient().get(f"/tiles/{tile}.mvt").status_code == 404


def test_a_host_that_is_not_ours_is_refused(rows: Rows, settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["hansom.example"]
    before = rows()
    answer = APIClient().post("/api/riders", {"username": "me-myself", "password": "x" * 30}, headers={"Host": "evil"})
    assert (answer.status_code, answer["Content-Type"]) == (400, PROBLEM)
    assert rows() == before
