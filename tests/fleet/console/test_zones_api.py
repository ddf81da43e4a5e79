"""Zones over HTTP: drawn, refused with the reason, published, retired, measured."""

from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from fleet.access.domain import Role
from fleet.ledger import selectors as ledger
from fleet.ledger.testing import flush
from geofence.roads.domain.network import Network
from geofence.zones.models import OddVersion, Zone

RING = [[7.41, 43.73], [7.42, 43.73], [7.42, 43.74], [7.41, 43.73]]
BODY = {"kind": "no_go", "name": "Works", "geometry": {"type": "Polygon", "coordinates": [RING]}}
Client = Callable[..., APIClient]


def send(api: APIClient, path: str, body: Any, key: str = "one") -> Any:
    return api.post(path, body, format="json", headers={"Idempotency-Key": key})


@pytest.fixture
def operator(client_of: Client) -> APIClient:
    return client_of(Role.OPERATOR)


def test_a_draft_is_published_and_retired_and_the_ledger_tells_each_step(operator: APIClient) -> None:
    zone = send(operator, "/api/zones", BODY).json()
    assert zone["state"] == "draft"
    published = send(operator, "/api/zones/publish", {"zone_ids": [zone["id"]], "note": "today"})
    assert published.status_code == 200
    number = published.json()["number"]
    assert operator.get(f"/api/zones/{zone['id']}").json()["published_in"] == number
    retired = send(operator, "/api/zones/retire", {"zone_ids": [zone["id"]]})
    assert retired.json()["number"] == number + 1
    flush()
    kinds = [event.kind for event in ledger.of_subject("zone", zone["id"])]
    assert kinds == ["zone.drafted", "zone.published", "zone.retired"]
    assert ledger.of_subject("zone", zone["id"])[1].data["note"] == "today"


def test_a_repeated_draft_is_drawn_once(operator: APIClient) -> None:
    first, again = (send(operator, "/api/zones", BODY).json() for _ in range(2))
    assert first == again
    assert Zone.objects.filter(name="Works").count() == 1


@pytest.mark.parametrize(
    ("change", "field", "code"),
    [
        ({"name": " "}, "name", "text_length"),
        ({"kind": "moat"}, "kind", "zone_kind_unknown"),
        ({"geometry": {"type": "Point", "coordinates": [1, 2]}}, "geometry.type", "geometry_type"),
        (
            {"geometry": {"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]]}},
            "geometry",
            "polygon_invalid",
        ),
        (
            {"geometry": {"type": "Polygon", "coordinates": [[[0, 0], [1, 95], [1, 0], [0, 0]]]}},
            "geometry.coordinates[0][1][1]",
            "coordinate_out_of_range",
        ),
        ({"kind": "slow"}, "params.max_speed_mps", "speed_invalid"),
    ],
)
def test_what_is_wrong_is_named_and_nothing_is_stored(
    operator: APIClient, change: dict[str, Any], field: str, code: str
) -> None:
    answer = send(operator, "/api/zones", {**BODY, **change})
    assert answer.status_code == 400
    assert answer.json()["errors"] == [{"field": field, "code": code, "detail": answer.json()["detail"]}]
    assert Zone.objects.filter(state="draft").count() == 0


def test_a_hundred_thousand_vertices_are_refused_before_they_are_read(operator: APIClient) -> None:
    ring = [[7 + i * 1e-6, 43.7] for i in range(100_000)]
    answer = send(operator, "/api/zones", {**BODY, "geometry": {"type": "Polygon", "coordinates": [ring]}})
    assert answer.status_code == 413
    assert Zone.objects.filter(state="draft").count() == 0


def test_ten_thousand_levels_of_nesting_are_refused(operator: APIClient) -> None:
    body = '{"kind":"no_go","name":"x","geometry":' + "[" * 10_000 + "]" * 10_000 + "}"
    answer = operator.post("/api/zones", body, content_type="application/json", headers={"Idempotency-Key": "deep"})
    assert answer.status_code == 400
    assert "nested deeper" in answer.json()["detail"]


def test_an_edit_of_an_older_revision_changes_nothing(operator: APIClient) -> None:
    zone = send(operator, "/api/zones", BODY).json()
    path = f"/api/zones/{zone['id']}"
    assert operator.patch(path, {"expected_revision": 1, "name": "First"}, format="json").status_code == 200
    late = operator.patch(path, {"expected_revision": 1, "name": "Late"}, format="json")
    assert (late.status_code, late.json()["code"]) == (409, "zone_changed")
    assert Zone.objects.get(pk=zone["id"]).name == "First"


def test_a_published_zone_is_not_discarded(operator: APIClient) -> None:
    zone = send(operator, "/api/zones", BODY).json()
    send(operator, "/api/zones/publish", {"zone_ids": [zone["id"]]})
    assert operator.delete(f"/api/zones/{zone['id']}").status_code == 409
    assert Zone.objects.get(pk=zone["id"]).state == "published"


@pytest.mark.parametrize("role", [Role.RIDER, Role.ASSISTANT, Role.REGULATOR, None])
def test_who_does_not_direct_changes_no_zone(client_of: Client, operator: APIClient, role: Role | None) -> None:
    zone = send(operator, "/api/zones", BODY).json()
    versions = OddVersion.objects.count()
    api = client_of(role) if role else APIClient()
    expected = 403 if role else 401
    assert send(api, "/api/zones", BODY).status_code == expected
    assert send(api, "/api/zones/publish", {"zone_ids": [zone["id"]]}).status_code == expected
    assert api.delete(f"/api/zones/{zone['id']}").status_code == expected
    assert Zone.objects.get(pk=zone["id"]).state == "draft"
    assert OddVersion.objects.count() == versions


def test_the_impact_of_the_whole_city_holds_all_its_roads(operator: APIClient, city: Network) -> None:
    west, south, east, north = (float(value) for value in city.bbox)
    ring = [[west - 0.01, south - 0.01], [east + 0.01, south - 0.01], [east + 0.01, north + 0.01]]
    ring += [[west - 0.01, north + 0.01], ring[0]]
    answer = send(operator, "/api/zones/impact", {"geometry": {"type": "Polygon", "coordinates": [ring]}})
    assert answer.status_code == 200
    assert answer.json()["road_km"] == pytest.approx(float(city.graph.edge_length_m.sum()) / 1000, abs=0.01)
    assert answer.json()["vehicles"] == []


def test_the_impact_of_the_sea_is_nothing(operator: APIClient, city: Network) -> None:
    ring = [[0, 0], [0.01, 0], [0.01, 0.01], [0, 0]]
    answer = send(operator, "/api/zones/impact", {"geometry": {"type": "Polygon", "coordinates": [ring]}})
    assert answer.json()["road_km"] == 0
    assert Zone.objects.filter(state="draft").count() == 0
