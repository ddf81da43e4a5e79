"""Zones as the console shows them, from a row and from a ledger event."""

from typing import Any

from fleet.console.snapshot import Patch, Row, Rows
from fleet.ledger.domain import LedgerEvent
from geofence.zones import selectors as zones
from geofence.zones.selectors import ZoneRow

SUBJECT = "zone"
GONE = ("zone.discarded", "zone.retired")


def zone_row(zone: ZoneRow) -> Row:
    """Every public field of a zone, as plain JSON."""
    return {
        "kind": zone.kind.value,
        "name": zone.name,
        "state": zone.state.value,
        "revision": zone.revision,
        "geometry": zone.geometry,
        "params": zone.params,
        "replaces": str(zone.replaces) if zone.replaces else None,
        "published_in": zone.published_in,
        "retired_in": zone.retired_in,
        "created_by": zone.created_by,
        "created_at": zone.created_at.isoformat(),
        "updated_at": zone.updated_at.isoformat(),
    }


def current() -> Rows:
    """Drafts and published zones by id."""
    return {str(zone.id): zone_row(zone) for zone in zones.zones()}


def patch(event: LedgerEvent) -> Patch:
    if event.subject_type != SUBJECT:
        return {}
    row: dict[str, Any] | None = None if event.kind in GONE else event.data["zone"]
    return {"zones": {event.subject_id: row}}
