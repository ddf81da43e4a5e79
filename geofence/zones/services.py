"""The life of zones: drawn, edited, published, retired. The only writer of zones and versions."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.gis.geos import Polygon as StoredPolygon
from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone
from shapely.geometry import Polygon

from geofence.base.errors import Conflict, NotFound, Refusal
from geofence.zones.changes import Action, ZoneChange, announce, off_change, on_change
from geofence.zones.domain.digest import ZoneContent, digest_of
from geofence.zones.domain.geometry import parse_polygon
from geofence.zones.domain.kinds import ZoneKind, ZoneState
from geofence.zones.domain.params import MAX_NAME, parse_kind, parse_note, parse_params, parse_text
from geofence.zones.models import OddVersion, Zone
from geofence.zones.selectors import VersionRow, ZoneRow, contents_of, polygon_of, row_of

__all__ = ["ZoneChange", "declare_emergency", "discard", "draft", "edit_draft", "off_change", "on_change"]
__all__ += ["publish", "retire"]

log = logging.getLogger(__name__)
MAX_ZONES_A_CHANGE = 1000
# One publisher at a time, so that versions are numbered without gaps in the order of their commits.
PUBLISH_LOCK = 0x48414E534F4D01


@transaction.atomic
def draft(
    *, kind: str, name: str, geometry: object, by: str, params: object = None, replaces: UUID | None = None
) -> ZoneRow:
    """Draw a zone from GeoJSON. It has no effect before `publish`; publishing it retires the zone `replaces`."""
    checked_kind = parse_kind(kind)
    if replaces is not None and not Zone.objects.filter(id=replaces, state=ZoneState.PUBLISHED).exists():
        raise Conflict("replaced_not_published", "The zone to be replaced is not published.", field="replaces")
    now = timezone.now()
    row = Zone(
        kind=checked_kind.value,
        name=parse_text(name, MAX_NAME, "name"),
        area=_stored(parse_polygon(geometry)),
        params=_params(checked_kind, params),
        replaces_id=replaces,
        created_by=_actor(by),
        created_at=now,
        updated_at=now,
    )
    row.save(force_insert=True)
    return _announced("drafted", row, by, now)


@transaction.atomic
def edit_draft(
    *,
    zone_id: UUID,
    expected_revision: int,
    by: str,
    name: str | None = None,
    geometry: object = None,
    params: object = None,
) -> ZoneRow:
    """Change what is given of a draft; raises `Conflict` when it is no draft or was edited in between."""
    kind = ZoneKind(_find(zone_id).kind)
    now = timezone.now()
    values: dict[str, Any] = {"updated_at": now, "revision": F("revision") + 1}
    if name is not None:
        values["name"] = parse_text(name, MAX_NAME, "name")
    if geometry is not None:
        values["area"] = _stored(parse_polygon(geometry))
    if params is not None:
        values["params"] = _params(kind, params)
    guard = Zone.objects.filter(id=zone_id, state=ZoneState.DRAFT, revision=expected_revision)
    if guard.update(**values) != 1:
        raise Conflict("zone_changed", "The zone is no draft any more, or was edited in between.", field="zone_id")
    return _announced("edited", _find(zone_id), by, now)


@transaction.atomic
def discard(*, zone_id: UUID, by: str) -> None:
    """Delete a draft; raises `Conflict` when it is none."""
    row = _find(zone_id)
    deleted, _ = Zone.objects.filter(id=zone_id, state=ZoneState.DRAFT).delete()
    if deleted != 1:
        raise Conflict("zone_not_draft", "Only a draft can be discarded; a published zone is retired.", field="zone_id")
    _announced("discarded", row, by, timezone.now())


@transaction.atomic
def publish(*, zone_ids: Sequence[UUID], by: str, note: str = "") -> VersionRow:
    """Put drafts into force, all or none, as one new version; what they replace is retired in the same version."""
    _lock()
    rows = _locked(zone_ids, ZoneState.DRAFT, "zone_not_draft", "published")
    replaced_ids = [row.replaces_id for row in rows if row.replaces_id is not None]
    replaced = _locked(replaced_ids, ZoneState.PUBLISHED, "replaced_not_published", "replaced") if replaced_ids else []
    return _commit_version(publishing=rows, retiring=replaced, by=by, note=note)


@transaction.atomic
def retire(*, zone_ids: Sequence[UUID], by: str, note: str = "") -> VersionRow:
    """Take published zones out of force, all or none, as one new version."""
    _lock()
    rows = _locked(zone_ids, ZoneState.PUBLISHED, "zone_not_published", "retired")
    return _commit_version(publishing=[], retiring=rows, by=by, note=note)


@transaction.atomic
def declare_emergency(
    *, name: str, geometry: object, by: str, params: object = None, note: str = ""
) -> tuple[ZoneRow, VersionRow]:
    """Close an area at once: drawn and published in one step. Raises `Refusal` like `draft`."""
    row = draft(kind=ZoneKind.EMERGENCY, name=name, geometry=geometry, by=by, params=params)
    made = publish(zone_ids=[row.id], by=by, note=note)
    return row_of(_find(row.id)), made


def _commit_version(*, publishing: list[Zone], retiring: list[Zone], by: str, note: str) -> VersionRow:
    actor, text, now = _actor(by), parse_note(note, "note"), timezone.now()
    last = OddVersion.objects.order_by("-number").values_list("number", flat=True).first() or 0
    leaving = {row.id for row in retiring}
    kept = [c for c in contents_of(Zone.objects.filter(state=ZoneState.PUBLISHED)) if c.id not in leaving]
    digest = digest_of([*kept, *map(_content, publishing)])
    version = OddVersion(number=last + 1, digest=digest, created_at=now, by=actor, note=text)
    version.save(force_insert=True)
    _move(publishing, ZoneState.DRAFT, ZoneState.PUBLISHED, now, published_in=version)
    _move(retiring, ZoneState.PUBLISHED, ZoneState.RETIRED, now, retired_in=version)
    changes: list[tuple[Action, Zone]] = [("retired", row) for row in retiring]
    changes += [("published", row) for row in publishing]
    fresh = Zone.objects.in_bulk([row.id for _, row in changes])
    for action, row in changes:
        _announced(action, fresh[row.id], actor, now, version=version, note=text)
    log.info("operational design domain version %d: %d in, %d out", version.number, len(publishing), len(retiring))
    return VersionRow(version.number, digest, now, actor, text)


def _move(rows: list[Zone], old: ZoneState, new: ZoneState, now: datetime, **versions: OddVersion) -> None:
    ids = [row.id for row in rows]
    moved = Zone.objects.filter(id__in=ids, state=old).update(state=new, updated_at=now, **versions)
    if moved != len(ids):
        raise Conflict("zone_changed", "A zone changed in between.", field="zone_ids")


def _locked(zone_ids: Sequence[UUID], state: ZoneState, code: str, verb: str) -> list[Zone]:
    wanted = set(zone_ids)
    if not wanted or len(wanted) > MAX_ZONES_A_CHANGE:
        raise Refusal("zone_ids_count", f"1 to {MAX_ZONES_A_CHANGE} zones are expected.", field="zone_ids")
    rows = list(Zone.objects.select_for_update().filter(id__in=wanted).order_by("id"))
    if missing := wanted - {row.id for row in rows}:
        raise NotFound(f"There is no zone {min(missing)}.", code="zone_not_found", field="zone_ids")
    for row in rows:
        if row.state != state:
            raise Conflict(code, f"Zone {row.id} is {row.state} and cannot be {verb}.", field="zone_ids")
    return rows


def _lock() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [PUBLISH_LOCK])


def _find(zone_id: UUID) -> Zone:
    row = Zone.objects.filter(id=zone_id).first()
    if row is None:
        raise NotFound("There is no such zone.", code="zone_not_found", field="zone_id")
    return row


def _announced(
    action: Action, row: Zone, by: str, at: datetime, *, version: OddVersion | None = None, note: str = ""
) -> ZoneRow:
    shown = row_of(row)
    number, digest = (version.number, version.digest) if version else (None, None)
    announce(ZoneChange(action, shown, _actor(by), at, number, digest, note))
    return shown


def _content(row: Zone) -> ZoneContent:
    return ZoneContent(row.id, row.kind, row.name, row.params, polygon_of(row))


def _params(kind: ZoneKind, params: object) -> dict[str, Any]:
    given = {} if params is None else params
    parse_params(kind, given)
    if not isinstance(given, dict):
        raise Refusal("params_not_object", "Parameters are a JSON object.", field="params")
    return dict(given)


def _actor(by: str) -> str:
    return parse_text(by, 200, "by")


def _stored(polygon: Polygon) -> StoredPolygon:
    exterior, *holes = ([(x, y) for x, y in ring.coords] for ring in (polygon.exterior, *polygon.interiors))
    return StoredPolygon(exterior, *holes, srid=4326)
