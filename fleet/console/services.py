"""What the console itself writes: the ledger's entry of every change of a zone, in the zone's own transaction."""

from fleet.console.zone_rows import SUBJECT, zone_row
from fleet.ledger import services as ledger
from geofence.zones.changes import ZoneChange


def zone_change_record(change: ZoneChange) -> None:
    """Called by geofence inside the transaction of each change."""
    ledger.record(
        kind=f"zone.{change.action}",
        subject_type=SUBJECT,
        subject_id=change.zone.id,
        actor=change.by,
        data={
            "zone": zone_row(change.zone),
            "version": change.version,
            "version_digest": change.version_digest,
            "note": change.note,
        },
    )
