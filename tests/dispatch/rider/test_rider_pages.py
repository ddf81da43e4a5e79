"""The rider's pages: sign-up, and who gets the ride page."""

from collections.abc import Callable

import pytest
from django.test import Client

from fleet.access.domain import Role
from fleet.access.models import User

GOOD = {"username": "ann", "password": "a long enough one"}
pytestmark = pytest.mark.usefixtures("db")


def test_signing_up_makes_a_rider_who_is_signed_in() -> None:
    client = Client()
    answer = client.post("/signup", GOOD)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/ride")
    user = User.objects.get(username="ann")
    assert user.role == Role.RIDER
    assert client.session["_auth_user_id"] == str(user.pk)
    assert client.get("/ride").status_code == 200


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"username": "a"}, "3 to 60 letters"),
        ({"username": "a b c"}, "3 to 60 letters"),
        ({"password": "short"}, "at least 10 characters"),
        ({"password": "password123"}, "too common"),
        ({"username": ""}, "required"),
    ],
)
def test_what_is_wrong_is_told_beside_the_field_and_no_account_is_made(change: dict[str, str], text: str) -> None:
    client = Client()
    answer = client.post("/signup", {**GOOD, **change})
    assert answer.status_code == 422
    assert text in answer.content.decode()
    assert User.objects.count() == 0
    assert "_auth_user_id" not in client.session


def test_a_name_that_is_taken_is_told_and_the_owner_stays() -> None:
    Client().post("/signup", GOOD)
    client = Client()
    answer = client.post("/signup", {**GOOD, "password": "another long one"})
    assert answer.status_code == 422
    assert "This name is taken." in answer.content.decode()
    assert User.objects.get(username="ann").check_password(GOOD["password"])
    assert "_auth_user_id" not in client.session


def test_nobody_signs_up_with_another_role() -> None:
    Client().post("/signup", {**GOOD, "role": "admin", "is_superuser": "1"})
    user = User.objects.get(username="ann")
    assert (user.role, user.is_superuser, user.is_staff) == (Role.RIDER, False, False)


@pytest.mark.parametrize("target", ["//evil.example/x", "https://evil.example", "javascript:alert(1)"])
def test_the_way_back_never_leaves_the_house(target: str) -> None:
    answer = Client().post(f"/signup?next={target}", GOOD)
    assert answer.headers["Location"] == "/ride"


@pytest.mark.parametrize("role", list(Role))
def test_the_ride_page_is_for_riders(make_user: Callable[..., User], role: Role) -> None:
    client = Client()
    client.force_login(make_user(role))
    assert client.get("/ride").status_code == (200 if role is Role.RIDER else 403)
