"""The API's description is complete, and true of what the API does."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.management import call_command
from drf_spectacular.drainage import GENERATOR_STATS
from drf_spectacular.generators import SchemaGenerator
from rest_framework.test import APIClient

from fleet.access.domain import Role
from fleet.base.api_schema import IDEMPOTENCY_KEY, PROBLEM, TAGS, problems
from fleet.base.idempotency import idempotent, takes_key

PROBLEM_JSON = "application/problem+json"
NIL = "00000000-0000-0000-0000-000000000000"
# What a POST without a key answers where one is needed.
KEYED = "idempotency_key_required"


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    described: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    return described


def operations(schema: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return [(path, method, told) for path, methods in schema["paths"].items() for method, told in methods.items()]


def header_names(told: dict[str, Any]) -> list[str]:
    return [given["name"] for given in told.get("parameters", []) if given["in"] == "header"]


def test_it_is_made_without_warnings_and_errors(tmp_path: Any) -> None:
    with GENERATOR_STATS.silence():
        GENERATOR_STATS.reset()
        call_command("spectacular", validate=True, fail_on_warn=True, file=str(tmp_path / "schema.yml"))


def test_every_operation_lies_in_one_described_section(schema: dict[str, Any]) -> None:
    names = [tag["name"] for tag in schema["tags"]]
    assert names == ["accounts", "quotes", "rides", "vehicles", "zones", "odd", "console"]
    assert all(tag["description"].endswith(".") for tag in TAGS)
    found = operations(schema)
    assert len(found) > 30
    assert [path for path, _, told in found if len(told["tags"]) != 1 or told["tags"][0] not in names] == []


def test_every_operation_has_a_summary_of_one_line(schema: dict[str, Any]) -> None:
    summaries = {told["operationId"]: told.get("summary", "") for _, _, told in operations(schema)}
    assert {name: text for name, text in summaries.items() if not 2 < len(text) < 120 or "\n" in text} == {}
    assert summaries["vehicle_hold"] == "Stop in the lane and stand"
    assert summaries["ride_list"] == "Rides, newest first"


def test_no_two_operations_share_an_id(schema: dict[str, Any]) -> None:
    ids = [told["operationId"] for _, _, told in operations(schema)]
    assert len(set(ids)) == len(ids)


def test_every_operation_may_be_refused_with_a_problem(schema: dict[str, Any]) -> None:
    reference = {"$ref": "#/components/schemas/Problem"}
    for path, method, told in operations(schema):
        refusals = {status: answer for status, answer in told["responses"].items() if status.startswith("4")}
        assert refusals, (method, path)
        for answer in refusals.values():
            assert list(answer["content"]) == [PROBLEM_JSON], (method, path)
            assert answer["content"][PROBLEM_JSON]["schema"] == reference
            assert answer["description"]
    assert schema["components"]["schemas"]["Problem"] == PROBLEM


def test_examples_of_refusals_are_shown(schema: dict[str, Any]) -> None:
    shown = schema["paths"]["/api/quotes"]["post"]["responses"]["422"]["content"][PROBLEM_JSON]["examples"]
    assert [example["value"]["code"] for example in shown.values()] == ["no_go"]


def test_a_declared_description_of_a_refusal_is_kept() -> None:
    described = problems(
        {"components": {"schemas": {}}, "paths": {"/x": {"get": {"responses": {"409": {"description": "Too late"}}}}}}
    )
    answers = described["paths"]["/x"]["get"]["responses"]
    assert {status: answer["description"] for status, answer in answers.items()} == {
        "406": "No such representation",
        "409": "Too late",
    }


@pytest.mark.django_db
def test_the_key_is_described_where_it_is_required_and_nowhere_else(
    schema: dict[str, Any], client_of: Callable[..., APIClient]
) -> None:
    callers = [client_of(Role.RIDER), client_of(Role.ADMIN)]
    keyed = []
    for path, method, told in operations(schema):
        if method != "post":
            assert header_names(told) == []
            continue
        address = path.replace("{ride_id}", NIL).replace("{vehicle_id}", NIL).replace("{zone_id}", NIL)
        codes = {caller.post(address, {}, format="json").json().get("code") for caller in callers}
        assert header_names(told) == (["Idempotency-Key"] if KEYED in codes else []), path
        keyed += [path] if KEYED in codes else []
    assert "/api/rides" in keyed
    assert "/api/vehicles/{vehicle_id}/pull-over" in keyed
    assert "/api/zones/impact" not in keyed


def test_a_handler_says_whether_it_takes_a_key() -> None:
    def post(view: Any, request: Any) -> Any: ...

    assert not takes_key(post)
    assert takes_key(idempotent(post))
    assert IDEMPOTENCY_KEY.required


def test_sessions_and_tokens_are_described(schema: dict[str, Any]) -> None:
    assert sorted(schema["components"]["securitySchemes"]) == ["session", "token"]
    assert schema["paths"]["/api/me"]["get"]["security"] == [{"token": []}, {"session": []}]
    assert not schema["paths"]["/api/auth/token"]["post"].get("security")


@pytest.mark.django_db
def test_a_refusal_has_the_members_described(client: Any) -> None:
    answer = client.get("/api/me")
    assert (answer.status_code, answer["Content-Type"]) == (401, PROBLEM_JSON)
    assert set(answer.json()) == set(PROBLEM["required"])


@pytest.mark.django_db
def test_what_cannot_be_represented_is_refused_as_described(client: Any) -> None:
    answer = client.get("/api/service-area", headers={"Accept": "text/csv"})
    assert (answer.status_code, answer.json()["code"]) == (406, "not_acceptable")


@pytest.mark.django_db
def test_the_docs_page_opens(client: Any) -> None:
    assert client.get("/api/docs").status_code == 200
    assert b"Idempotency-Key" in client.get("/api/schema").content
