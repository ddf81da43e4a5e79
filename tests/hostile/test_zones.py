"""Zones from somebody who wants to break the map: refused at the member at fault, fast, and not kept."""

import threading
import time
from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection
from rest_framework.test import APIClient

from fleet.access.domain import Role
from geofence.base.errors import Conflict, Refusal
from geofence.roads.domain.network import Network
from geofence.zones import services
from geofence.zones.models import OddVersion, Zone

pytestmark = pytest.mark.django_db
RING = [[7.41, 43.73], [7.42, 43.73], [7.42, 43.74], [7.41, 43.73]]
SHAPE = {"type": "Polygon", "coordinates": [RING]}
BODY = {"kind": "no_go", "name": "Works", "geometry": SHAPE}
HOURS = {"tz": "Europe/Paris", "windows": [{"days": ["mon"], "from": "07:30", "to": "09:00"}]}
Rows = Callable[[], dict[str, Any]]


def send(api: APIClient, path: str, body: Any, key: str | None = None) -> Any:
    return api.post(path, body, format="json", headers={"Idempotency-Key": key or uuid4().hex})


@pytest.fixture
def operator(client_of: Callable[..., APIClient]) -> APIClient:
    return client_of(Role.OPERATOR)


def shaped(**members: Any) -> dict[str, Any]:
    return {"geometry": {**SHAPE, **members}}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "x" * 10_000}, "name"),
        ({"name": "x" * 121}, "name"),
        ({"name": None}, "name"),
        ({"name": ["x"]}, "name"),
        ({"name": "a\u0000b"}, "name"),
        ({"name": "a\nb"}, "name"),
        ({"name": "a\u001b[2Jb"}, "name"),
        ({"name": "a\u202eb"}, "name"),
        ({"kind": "moat"}, "kind"),
        ({"kind": ""}, "kind"),
        ({"kind": 7}, "kind"),
        ({"kind": None}, "kind"),
        ({"kind": {"a": 1}}, "kind"),
        ({"kind": "no_go" * 100}, "kind"),
        (shaped(crs={"type": "name", "properties": {"name": "EPSG:3857"}}), "geometry.crs"),
        (shaped(type="MultiPolygon", coordinates=[[RING]]), "geometry.type"),
        (shaped(coordinates=[[[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]]), "geometry"),
        (shaped(coordinates=[RING[:-1]]), "geometry.coordinates[0]"),
        (shaped(coordinates=[[*RING[:-1], [7.411, 43.73]]]), "geometry.coordinates[0]"),
        (shaped(coordinates=[[["NaN", 1], *RING]]), "geometry.coordinates[0][0][0]"),
        (shaped(coordinates=[[[7.4, None], *RING]]), "geometry.coordinates[0][0][1]"),
        (shaped(coordinates=[[[10**400, 1], *RING]]), "geometry.coordinates[0][0][0]"),
        (shaped(coordinates=[[[7, 43, 5], *RING]]), "geometry.coordinates[0][0]"),
        (shaped(coordinates=[RING] * 17), "geometry.coordinates"),
        (shaped(coordinates=[]), "geometry.coordinates"),
        (shaped(coordinates={"0": RING}), "geometry.coordinates"),
        ({"geometry": None}, "geometry"),
        ({"geometry": "POLYGON((0 0))"}, "geometry"),
        ({"geometry": []}, "geometry"),
        ({"params": []}, "params"),
        ({"params": "slow"}, "params"),
        ({"params": {"colour": "red"}}, "params"),
        ({"params": {"max_speed_mps": 5}}, "params"),
        ({"params": {"note": 7}}, "params.note"),
        ({"params": {"note": "a\u0000b"}}, "params.note"),
        ({"params": {"note": "x" * 1001}}, "params.note"),
        ({"params": {"hours": []}}, "params.hours"),
        ({"params": {"hours": {**HOURS, "tz": "../../etc/passwd"}}}, "params.hours.tz"),
        ({"params": {"hours": {**HOURS, "tz": "\u0000"}}}, "params.hours.tz"),
        ({"params": {"hours": {**HOURS, "tz": ["UTC"]}}}, "params.hours.tz"),
        ({"params": {"hours": {**HOURS, "windows": [{}]}}}, "params.hours.windows[0]"),
        ({"params": {"hours": {**HOURS, "windows": []}}}, "params.hours.windows"),
        ({"kind": "slow", "params": {"max_speed_mps": "fast"}}, "params.max_speed_mps"),
        ({"kind": "slow", "params": {"max_speed_mps": 0}}, "params.max_speed_mps"),
        ({"kind": "slow", "params": {"max_speed_mps": -5}}, "params.max_speed_mps"),
        ({"kind": "slow", "params": {"max_speed_mps": True}}, "params.max_speed_mps"),
        ({"kind": "slow", "params": {"max_speed_mps": 10**400}}, "params.max_speed_mps"),
        ({"replaces": "x"}, "replaces"),
        ({"replaces": str(uuid4())}, "replaces"),
    ],
)
def test_a_zone_that_means_nothing_is_refused_by_member(
    operator: APIClient, rows: Rows, change: dict[str, Any], field: str
) -> None:
    before = rows()
    answer = send(operator, "/api/zones", {**BODY, **change})
    assert answer.status_code == (409 if "replaces" in change and len(change["replaces"]) > 1 else 400)
    assert [error["field"] for error in answer.json()["errors"]] == [field]
    assert len(answer.json()["detail"]) < 300
    assert rows() == before


def test_an_edit_to_the_same_nonsense_changes_nothing(operator: APIClient, rows: Rows) -> None:
    zone = send(operator, "/api/zones", BODY).json()
    before = Zone.objects.filter(pk=zone["id"]).values().get()
    changes: tuple[dict[str, Any], ...] = ({"name": "a\nb"}, shaped(crs={}), {"params": []}, {"expected_revision": "1"})
    for change in changes:
        answer = operator.patch(f"/api/zones/{zone['id']}", {"expected_revision": 1, **change}, format="json")
        assert answer.status_code == 400
    for revision in (2, 2**31, 2**70):
        answer = operator.patch(f"/api/zones/{zone['id']}", {"expected_revision": revision, "name": "B"}, format="json")
        assert (answer.status_code, answer.json()["code"]) == (409, "zone_changed")
    assert Zone.objects.filter(pk=zone["id"]).values().get() == before


def test_notes_may_have_lines(operator: APIClient) -> None:
    zone = send(operator, "/api/zones", {**BODY, "params": {"note": "one\r\ntwo\tthree"}}).json()
    assert zone["params"]["note"] == "one\r\ntwo\tthree"
    published = send(operator, "/api/zones/publish", {"zone_ids": [zone["id"]], "note": "first\nsecond"})
    assert published.json()["note"] == "first\nsecond"


@pytest.mark.parametrize("vertices", [501, 100_000])
def test_the_service_refuses_too_many_vertices_at_once(rows: Rows, vertices: int) -> None:
    ring = [[7 + i * 1e-6, 43.7 + (i % 2) * 1e-3] for i in range(vertices)]
    before, began = rows(), time.perf_counter()
    with pytest.raises(Refusal) as refused:
        services.draft(kind="no_go", name="x", geometry={**SHAPE, "coordinates": [[*ring, ring[0]]]}, by="test")
    assert (refused.value.code, refused.value.field) == ("too_many_vertices", "geometry.coordinates[0]")
    assert time.perf_counter() - began < 0.2
    assert rows() == before


def test_the_service_refuses_ten_thousand_levels_at_once(rows: Rows) -> None:
    deep: Any = []
    for _ in range(10_000):
        deep = [deep]
    before = rows()
    with pytest.raises(Refusal) as refused:
        services.draft(kind="no_go", name="x", geometry={**SHAPE, "coordinates": deep}, by="test")
    assert refused.value.field == "geometry.coordinates[0][0]"
    assert rows() == before


@pytest.mark.parametrize("verb", ["publish", "retire"])
@pytest.mark.parametrize(
    ("zone_ids", "status", "field"),
    [
        ([], 400, "zone_ids"),
        ("x", 400, "zone_ids"),
        (None, 400, "zone_ids"),
        (["x"], 400, "zone_ids.0"),
        ([None], 400, "zone_ids.0"),
        ([str(uuid4()) for _ in range(101)], 400, "zone_ids"),
        ([str(uuid4())], 404, "zone_ids"),
    ],
)
def test_unknown_zones_are_not_published_or_retired(
    operator: APIClient, rows: Rows, verb: str, zone_ids: Any, status: int, field: str
) -> None:
    before = rows()
    answer = send(operator, f"/api/zones/{verb}", {"zone_ids": zone_ids})
    assert answer.status_code == status
    assert [error["field"] for error in answer.json()["errors"]] == [field]
    assert rows() == before


def test_a_retired_zone_is_neither_published_nor_retired_nor_edited(operator: APIClient, rows: Rows) -> None:
    zone = send(operator, "/api/zones", BODY).json()
    one = {"zone_ids": [zone["id"]]}
    assert send(operator, "/api/zones/publish", one).status_code == 200
    assert send(operator, "/api/zones/publish", one).json()["code"] == "zone_not_draft"
    assert send(operator, "/api/zones/retire", one).status_code == 200
    before = rows()
    assert send(operator, "/api/zones/publish", one).json()["code"] == "zone_not_draft"
    assert send(operator, "/api/zones/retire", one).json()["code"] == "zone_not_published"
    path = f"/api/zones/{zone['id']}"
    assert operator.patch(path, {"expected_revision": 1, "name": "B"}, format="json").json()["code"] == "zone_changed"
    assert operator.delete(path).json()["code"] == "zone_not_draft"
    assert rows() == before


def test_one_bad_zone_among_good_ones_publishes_none(operator: APIClient, rows: Rows) -> None:
    zone = send(operator, "/api/zones", BODY).json()
    before = rows()
    assert send(operator, "/api/zones/publish", {"zone_ids": [zone["id"], str(uuid4())]}).status_code == 404
    assert rows() == before
    assert Zone.objects.get(pk=zone["id"]).state == "draft"


@pytest.mark.django_db(transaction=True)
def test_of_two_publishes_of_one_draft_at_once_one_is_told_that_it_came_too_late(city: Network) -> None:
    zone = services.draft(kind="no_go", name="Race", geometry=SHAPE, by="test")
    versions = OddVersion.objects.count()
    told: list[str] = []
    barrier = threading.Barrier(2)

    def publish(zone_id: UUID) -> None:
        barrier.wait()
        try:
            services.publish(zone_ids=[zone_id], by="test")
            told.append("published")
        except Conflict as error:
            told.append(error.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=publish, args=(zone.id,)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(told) == ["published", "zone_not_draft"]
    assert OddVersion.objects.count() == versions + 1
