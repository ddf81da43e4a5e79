"""Reading zones and versions."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import shapely
from django.db.models import Q, QuerySet
from shapely.geometry import Polygon

from geofence.base.errors import NotFound
from geofence.zones.domain.digest import ZoneContent
from geofence.zones.domain.geometry import to_geojson
from geofence.zones.domain.kinds import ZoneKind, ZoneState
from geofence.zones.models import OddVersion, Zone


@dataclass(frozen=True)
class ZoneRow:
    """A zone as shown to people: `geometry` is a GeoJSON Polygon, `params` a JSON object."""

    id: UUID
    kind: ZoneKind
    name: str
    state: ZoneState
    revision: int
    geometry: dict[str, Any]
    params: dict[str, Any]
    replaces: UUID | None
    published_in: int | None
    retired_in: int | None
    created_by: str
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True)
class VersionRow:
    """A version of the operational design domain."""

    number: int
    digest: str
    created_at: datetime
    by: str
    note: str


def zone(zone_id: UUID) -> ZoneRow:
    """Return one zone in any state; raises `NotFound`."""
    row = Zone.objects.filter(id=zone_id).first()
    if row is None:
        raise NotFound("There is no such zone.", code="zone_not_found", field="zone_id")
    return row_of(row)


def zones(
    *, states: Iterable[ZoneState] = (ZoneState.DRAFT, ZoneState.PUBLISHED), kinds: Iterable[ZoneKind] | None = None
) -> list[ZoneRow]:
    """Return the zones in `states` (and of `kinds`, where given), oldest first."""
    found = Zone.objects.filter(state__in=[s.value for s in states])
    if kinds is not None:
        found = found.filter(kind__in=[k.value for k in kinds])
    return [row_of(row) for row in found.order_by("created_at", "id")]


def latest_version() -> tuple[int, str]:
    """Return number and digest of the version in force; (0, "") when nothing was ever published."""
    return OddVersion.objects.order_by("-number").values_list("number", "digest").first() or (0, "")


def version(number: int) -> VersionRow:
    """Return one version; raises `NotFound`."""
    row = OddVersion.objects.filter(number=number).first()
    if row is None:
        raise NotFound(f"There is no version {number}.", code="odd_version_not_found", field="version")
    return VersionRow(row.number, row.digest, row.created_at, row.by, row.note)


def versions(*, limit: int = 50) -> list[VersionRow]:
    """Return the newest versions, newest first."""
    rows = OddVersion.objects.order_by("-number")[:limit]
    return [VersionRow(r.number, r.digest, r.created_at, r.by, r.note) for r in rows]


def contents_at(number: int) -> list[ZoneContent]:
    """Return what version `number` consists of. It is the same for ever, because published zones never change."""
    in_force = Q(published_in__lte=number) & (Q(retired_in=None) | Q(retired_in__gt=number))
    return contents_of(Zone.objects.filter(in_force))


def contents_of(rows: QuerySet[Zone]) -> list[ZoneContent]:
    """Return the contents of `rows` in the order of their making."""
    return [ZoneContent(r.id, r.kind, r.name, r.params, polygon_of(r)) for r in rows.order_by("created_at", "id")]


def polygon_of(row: Zone) -> Polygon:
    """Return the area of `row` for computing, coordinates unchanged."""
    polygon = shapely.from_wkb(bytes(row.area.wkb))
    if not isinstance(polygon, Polygon):
        raise TypeError(f"zone {row.id} holds a {polygon.geom_type}")
    return polygon


def row_of(row: Zone) -> ZoneRow:
    """Return the public form of `row`."""
    return ZoneRow(
        id=row.id,
        kind=ZoneKind(row.kind),
        name=row.name,
        state=ZoneState(row.state),
        revision=row.revision,
        geometry=to_geojson(polygon_of(row)),
        params=row.params,
        replaces=row.replaces_id,
        published_in=row.published_in_id,
        retired_in=row.retired_in_id,
        created_by=row.created_by,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )
