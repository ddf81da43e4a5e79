"""Bad requests get problem details that name the field and the reason; nothing ends in a 500."""

from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from fleet.access.models import User
from fleet.base.parsers import json_depth

pytestmark = pytest.mark.django_db


def post(body: bytes, **headers: str) -> Any:
    return APIClient().post("/api/riders", data=body, content_type="application/json", headers=headers)


def test_field_errors_are_listed_by_name() -> None:
    answer = post(b'{"username": "a b", "password": "short"}')
    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"
    body = answer.json()
    assert {error["field"] for error in body["errors"]} == {"username", "password"}
    assert (body["status"], body["code"], body["instance"]) == (400, "invalid", "/api/riders")
    assert User.objects.count() == 0


@pytest.mark.parametrize(
    ("body", "code", "part"),
    [
        (b"", "invalid", "required"),
        (b"{", "parse_error", "not JSON"),
        (b"\xff\xfe", "parse_error", "not UTF-8"),
        (b'{"username": NaN}', "parse_error", "NaN"),
        (b'{"username": 1e400}', "parse_error", "out of range"),
        (b'{"username": ' + b"9" * 5000 + b"}", "parse_error", "not JSON"),
        (b"[" * 20_000, "too_deep", "deeper than 16"),
        (b'{"a":' * 10_000 + b"1" + b"}" * 10_000, "too_deep", "deeper than 16"),
        (b"[1, 2]", "invalid", "dictionary"),
    ],
)
def test_hostile_json_is_a_clear_400(body: bytes, code: str, part: str) -> None:
    answer = post(body)
    assert answer.status_code == 400
    assert answer.json()["code"] == code
    assert part in answer.json()["detail"]
    assert User.objects.count() == 0


def test_a_body_of_one_megabyte_is_refused_before_it_is_read() -> None:
    answer = post(b'{"username": "' + b"a" * 1_000_000 + b'"}')
    assert answer.status_code == 413
    assert answer.json()["code"] == "body_too_large"
    assert User.objects.count() == 0


def test_another_media_type_is_refused() -> None:
    answer = APIClient().post("/api/riders", data=b"<a/>", content_type="application/xml")
    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_media_type")


def test_brackets_inside_strings_do_not_count_as_depth() -> None:
    assert json_depth(b'{"a": "[[[[[[", "b": [1, {"c": "\\"[["}]}') == 3


def test_a_visitor_is_asked_who_he_is_and_a_wrong_method_is_named(client_of: Callable[..., APIClient]) -> None:
    assert APIClient().get("/api/me").status_code == 401
    answer = client_of().delete("/api/me")
    assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")
