"""A repeated POST is carried out once."""

import threading
from collections.abc import Callable, Iterator
from typing import Any, cast

import pytest
from django.db import connections
from django.test import override_settings
from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.test import APIClient
from rest_framework.views import APIView

from fleet.access.models import User
from fleet.access.permissions import public
from fleet.base.idempotency import idempotent
from fleet.base.models import IdempotencyRecord
from geofence.base.errors import Refusal


class CountingView(APIView):
    """Creates an account for each POST that is carried out."""

    authentication_classes = ()
    permission_classes = (public("a test").access,)

    @idempotent
    def post(self, request: Request) -> Response:
        given = cast("dict[str, bool]", request.data)
        if given.get("refuse"):
            User.objects.create(username="must-not-stay")
            raise Refusal("no", "refused")
        if given.get("answer_422"):
            User.objects.create(username="must-not-stay")
            return Response({"no": 1}, status=422)
        user = User.objects.create(username=f"made-{User.objects.count()}")
        return Response({"id": user.pk}, status=201)


urlpatterns = [path("count", CountingView.as_view())]


@pytest.fixture
def send() -> Iterator[Callable[..., Any]]:
    with override_settings(ROOT_URLCONF=__name__):
        yield lambda body, key="k1": APIClient().post("/count", body, format="json", headers={"Idempotency-Key": key})


pytestmark = pytest.mark.django_db


def test_the_same_key_replays_the_first_answer(send: Callable[..., Any]) -> None:
    first, second = send({}), send({})
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json() == second.json()
    assert second["Idempotent-Replayed"] == "true"
    assert User.objects.count() == 1


def test_another_key_is_another_intent(send: Callable[..., Any]) -> None:
    assert send({}, "a").json() != send({}, "b").json()
    assert User.objects.count() == 2


def test_the_same_key_with_another_body_is_422_and_does_nothing(send: Callable[..., Any]) -> None:
    send({"a": 1})
    answer = send({"a": 2})
    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_reused")
    assert User.objects.count() == 1


@pytest.mark.parametrize("key", ["", " ", "x" * 101, "a\x07b"])
def test_a_missing_or_impossible_key_is_400_and_does_nothing(send: Callable[..., Any], key: str) -> None:
    answer = send({}, key)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == "Idempotency-Key"
    assert User.objects.count() == 0


@pytest.mark.parametrize("body", [{"refuse": True}, {"answer_422": True}])
def test_a_refusal_leaves_no_trace_and_may_be_tried_again(send: Callable[..., Any], body: dict[str, bool]) -> None:
    assert send(body).status_code in (400, 422)
    assert IdempotencyRecord.objects.count() == 0
    assert User.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_ten_requests_at_once_with_one_key_have_one_effect(send: Callable[..., Any]) -> None:
    answers: list[dict[str, Any]] = []

    def call() -> None:
        answers.append(send({}).json())
        connections.close_all()

    threads = [threading.Thread(target=call) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 10
    assert len({answer["id"] for answer in answers}) == 1
    assert User.objects.count() == 1
