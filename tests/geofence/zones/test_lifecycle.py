"""The life of zones against the real database: versions, guards, events, and what the database itself refuses."""

import threading
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from django.db import DatabaseError, close_old_connections, connection, transaction

from geofence.base.errors import Conflict, NotFound, Refusal
from geofence.base.ids import new_id
from geofence.zones import selectors, services
from geofence.zones.changes import ZoneChange
from geofence.zones.domain.kinds import ZoneState
from geofence.zones.models import OddVersion, Zone

SQUARE = {"type": "Polygon", "coordinates": [[[7.0, 43.0], [7.1, 43.0], [7.1, 43.1], [7.0, 43.1], [7.0, 43.0]]]}
OTHER = {"type": "Polygon", "coordinates": [[[8.0, 43.0], [8.1, 43.0], [8.1, 43.1], [8.0, 43.1], [8.0, 43.0]]]}
CROSSED = {"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]]}


def draw(kind: str = "no_go", **more: Any) -> UUID:
    return services.draft(**{"kind": kind, "name": "Works", "geometry": SQUARE, "by": "user:1", **more}).id


@pytest.fixture
def heard(db: None) -> Iterator[list[ZoneChange]]:
    changes: list[ZoneChange] = []
    services.on_change(changes.append)
    yield changes
    services.off_change(changes.append)


def before() -> int:
    return selectors.latest_version()[0]


def test_a_draft_has_no_effect_and_is_announced(heard: list[ZoneChange]) -> None:
    number = before()
    row = services.draft(kind="slow", name=" School ", geometry=SQUARE, by="user:1", params={"max_speed_mps": 8})
    assert (row.state, row.revision, row.name, row.geometry) == (ZoneState.DRAFT, 1, "School", SQUARE)
    assert before() == number
    assert [(c.action, c.zone.id, c.by, c.version) for c in heard] == [("drafted", row.id, "user:1", None)]


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"geometry": CROSSED}, "geometry"),
        ({"kind": "lake"}, "kind"),
        ({"name": "  "}, "name"),
        ({"name": "x" * 121}, "name"),
        ({"name": "a\x00b"}, "name"),
        ({"name": "a\ud800b"}, "name"),
        ({"params": {"note": "\udfff"}}, "params.note"),
        ({"params": {"max_speed_mps": 5}}, "params"),
        ({"params": ["x"]}, "params"),
        ({"params": {"hours": {"tz": "Mars/Base", "windows": [{}]}}}, "params.hours.tz"),
        ({"kind": "slow", "params": {}}, "params.max_speed_mps"),
        ({"kind": "slow", "params": {"max_speed_mps": float("nan")}}, "params.max_speed_mps"),
        ({"kind": "slow", "params": {"max_speed_mps": 10**400}}, "params.max_speed_mps"),
        ({"by": ""}, "by"),
    ],
)
def test_a_bad_draft_is_refused_and_leaves_no_row(heard: list[ZoneChange], changed: dict[str, Any], field: str) -> None:
    count = Zone.objects.count()
    with pytest.raises(Refusal) as refused:
        draw(**changed)
    assert refused.value.field == field
    assert Zone.objects.count() == count
    assert heard == []


def test_publishing_makes_the_next_version_and_retiring_another(heard: list[ZoneChange]) -> None:
    number, a, b = before(), draw(), draw(geometry=OTHER)
    heard.clear()
    made = services.publish(zone_ids=[a, b], by="user:2", note="opening")
    assert (made.number, made.by, made.note) == (number + 1, "user:2", "opening")
    assert selectors.zone(a).published_in == number + 1
    gone = services.retire(zone_ids=[a], by="user:3")
    assert gone.number == number + 2
    assert (selectors.zone(a).state, selectors.zone(a).retired_in) == (ZoneState.RETIRED, number + 2)
    assert {c.id for c in selectors.contents_at(number + 1)} - {c.id for c in selectors.contents_at(number + 2)} == {a}
    assert [(c.action, c.version, c.version_digest) for c in heard] == [
        ("published", number + 1, made.digest),
        ("published", number + 1, made.digest),
        ("retired", number + 2, gone.digest),
    ]


def test_the_digest_depends_on_the_content_only(db: None) -> None:
    first, a = selectors.latest_version()[1], draw()
    with_a = services.publish(zone_ids=[a], by="user:1").digest
    b = draw(geometry=OTHER)
    with_both = services.publish(zone_ids=[b], by="user:1").digest
    assert services.retire(zone_ids=[b], by="user:1", note="other words").digest == with_a
    assert len({first, with_a, with_both}) == 3


def test_a_replacement_retires_what_it_replaces_in_the_same_version(heard: list[ZoneChange]) -> None:
    old = draw()
    services.publish(zone_ids=[old], by="user:1")
    new = draw(replaces=old, geometry=OTHER)
    number = services.publish(zone_ids=[new], by="user:1").number
    assert selectors.zone(old).retired_in == number == selectors.zone(new).published_in
    late = Zone.objects.get(id=new)
    assert late.replaces_id == old
    with pytest.raises(Conflict) as refused:
        draw(replaces=old)
    assert refused.value.code == "replaced_not_published"


def test_two_replacements_of_one_zone_cannot_both_be_published(db: None) -> None:
    old = draw()
    services.publish(zone_ids=[old], by="user:1")
    one, two = draw(replaces=old), draw(replaces=old)
    services.publish(zone_ids=[one], by="user:1")
    number = before()
    with pytest.raises(Conflict) as refused:
        services.publish(zone_ids=[two], by="user:1")
    assert refused.value.code == "replaced_not_published"
    assert (before(), selectors.zone(two).state) == (number, ZoneState.DRAFT)


def test_publishing_is_all_or_nothing(heard: list[ZoneChange]) -> None:
    published, draft = draw(), draw(geometry=OTHER)
    services.publish(zone_ids=[published], by="user:1")
    number = before()
    heard.clear()
    for ids, error in (([draft, published], Conflict), ([draft, new_id()], NotFound), ([], Refusal)):
        with pytest.raises(error):
            services.publish(zone_ids=ids, by="user:1")
    assert (before(), selectors.zone(draft).state, heard) == (number, ZoneState.DRAFT, [])
    with pytest.raises(Conflict):
        services.retire(zone_ids=[published, draft], by="user:1")
    assert selectors.zone(published).state == ZoneState.PUBLISHED


def test_a_listener_that_fails_undoes_the_change(db: None) -> None:
    def fails(change: ZoneChange) -> None:
        raise RuntimeError("ledger is down")

    zone_id, number = draw(), before()
    services.on_change(fails)
    try:
        with pytest.raises(RuntimeError):
            services.publish(zone_ids=[zone_id], by="user:1")
    finally:
        services.off_change(fails)
    assert (before(), selectors.zone(zone_id).state) == (number, ZoneState.DRAFT)


def test_an_edit_needs_the_revision_that_its_author_saw(heard: list[ZoneChange]) -> None:
    zone_id = draw()
    edited = services.edit_draft(zone_id=zone_id, expected_revision=1, name="Bridge works", by="user:2")
    assert (edited.revision, edited.name, edited.geometry) == (2, "Bridge works", SQUARE)
    with pytest.raises(Conflict):
        services.edit_draft(zone_id=zone_id, expected_revision=1, geometry=OTHER, by="user:3")
    assert selectors.zone(zone_id).geometry == SQUARE
    with pytest.raises(Refusal):
        services.edit_draft(zone_id=zone_id, expected_revision=2, geometry=CROSSED, by="user:3")
    services.publish(zone_ids=[zone_id], by="user:1")
    with pytest.raises(Conflict):
        services.edit_draft(zone_id=zone_id, expected_revision=2, name="x", by="user:3")
    assert [c.action for c in heard] == ["drafted", "edited", "published"]


def test_only_drafts_are_discarded(heard: list[ZoneChange]) -> None:
    zone_id, kept = draw(), draw()
    services.discard(zone_id=zone_id, by="user:1")
    assert not Zone.objects.filter(id=zone_id).exists()
    assert (heard[-1].action, heard[-1].zone.id) == ("discarded", zone_id)
    services.publish(zone_ids=[kept], by="user:1")
    with pytest.raises(Conflict):
        services.discard(zone_id=kept, by="user:1")
    with pytest.raises(NotFound):
        services.discard(zone_id=zone_id, by="user:1")
    assert selectors.zone(kept).state == ZoneState.PUBLISHED


def test_an_emergency_is_in_force_at_once(db: None) -> None:
    row, version = services.declare_emergency(name="Fire", geometry=SQUARE, by="user:9", note="asked by 112")
    assert (row.state, row.published_in, before()) == (ZoneState.PUBLISHED, version.number, version.number)


BEHIND_OUR_BACK = [
    "UPDATE zone SET name = 'x' WHERE id = %s",
    'UPDATE zone SET params = \'{"note": "x"}\' WHERE id = %s',
    "UPDATE zone SET area = ST_Translate(area, 1, 0) WHERE id = %s",
    "UPDATE zone SET state = 'draft', published_in_id = NULL WHERE id = %s",
    "UPDATE zone SET state = 'retired' WHERE id = %s",
    "UPDATE zone SET kind = 'slow' WHERE id = %s",
    "DELETE FROM zone WHERE id = %s",
    "UPDATE odd_version SET digest = '' WHERE number = (SELECT published_in_id FROM zone WHERE id = %s)",
    "DELETE FROM odd_version WHERE number = (SELECT published_in_id FROM zone WHERE id = %s)",
]


@pytest.mark.parametrize("sql", BEHIND_OUR_BACK)
def test_the_database_keeps_what_was_published(db: None, sql: str) -> None:
    zone_id = draw()
    services.publish(zone_ids=[zone_id], by="user:1")
    seen = selectors.zone(zone_id)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, [zone_id])
    assert selectors.zone(zone_id) == seen


def test_the_database_refuses_an_invalid_shape(db: None) -> None:
    zone_id = draw()
    with pytest.raises(DatabaseError, match="zone_area_valid"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE zone SET area = 'SRID=4326;POLYGON((0 0, 1 1, 1 0, 0 1, 0 0))' WHERE id = %s", [zone_id])
    assert selectors.zone(zone_id).geometry == SQUARE


@pytest.mark.django_db(transaction=True)
def test_racing_publishers_number_their_versions_without_gap_or_double() -> None:
    ids = [draw(name=f"z{k}") for k in range(8)]
    shared = draw(name="shared")
    number, lost = before(), []

    def publish(zone_id: UUID) -> None:
        try:
            services.publish(zone_ids=[zone_id], by="user:1")
            services.publish(zone_ids=[shared], by="user:1")
        except Conflict as conflict:
            lost.append(conflict.code)
        finally:
            close_old_connections()
            connection.close()

    threads = [threading.Thread(target=publish, args=(zone_id,)) for zone_id in ids]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    numbers = list(OddVersion.objects.filter(number__gt=number).order_by("number").values_list("number", flat=True))
    assert numbers == list(range(number + 1, number + 10))
    assert lost == ["zone_not_draft"] * 7
