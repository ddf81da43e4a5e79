"""Signing up, tokens, roles."""

from collections.abc import Callable

import pytest
from rest_framework.test import APIClient

from fleet.access.domain import Role
from fleet.access.models import User
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db


def test_a_rider_signs_up_gets_a_token_and_is_known_by_it() -> None:
    api = APIClient()
    given = {"username": "ada", "password": PASSWORD}
    assert api.post("/api/riders", given).status_code == 201
    token = api.post("/api/auth/token", given).json()
    assert token["role"] == "rider"
    me = api.get("/api/me", headers={"Authorization": f"Token {token['token']}"})
    assert me.json()["username"] == "ada"


def test_a_taken_name_is_409_and_keeps_the_first_account(make_user: Callable[..., User]) -> None:
    make_user(Role.OPERATOR, "ada")
    answer = APIClient().post("/api/riders", {"username": "ada", "password": PASSWORD})
    assert (answer.status_code, answer.json()["code"]) == (409, "username_taken")
    assert User.objects.get().role == Role.OPERATOR


def test_sign_up_cannot_choose_a_role() -> None:
    APIClient().post("/api/riders", {"username": "eve", "password": PASSWORD, "role": "admin", "is_superuser": True})
    user = User.objects.get()
    assert (user.role, user.is_superuser, user.is_staff) == ("rider", False, False)


def test_a_common_password_is_refused_with_the_reason() -> None:
    answer = APIClient().post("/api/riders", {"username": "ada", "password": "qwertyuiop"})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "password")
    assert User.objects.count() == 0


@pytest.mark.parametrize("name", ["ada", "nobody"])
def test_a_wrong_password_and_an_unknown_name_get_the_same_answer(make_user: Callable[..., User], name: str) -> None:
    make_user(Role.RIDER, "ada")
    answer = APIClient().post("/api/auth/token", {"username": name, "password": "wrong password"})
    assert (answer.status_code, answer.json()["code"]) == (401, "wrong_credentials")


def test_a_wrong_token_is_401() -> None:
    assert APIClient().get("/api/me", headers={"Authorization": "Token nonsense"}).status_code == 401
