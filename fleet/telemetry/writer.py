"""Writing of telemetry: history by binary COPY, the last known state by a temporary table and one upsert."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db import connection, transaction

from fleet.telemetry.domain import Sample
from fleet.telemetry.packing import COLUMNS, pack

_STATUS: Final = [name for name in COLUMNS.split(", ") if name != "received_at"]
_UPSERT: Final = (
    f"INSERT INTO fleet_vehiclestatus ({', '.join(_STATUS)}, heard_at) "  # noqa: S608 (own names)
    f"SELECT {', '.join('t.' + name for name in _STATUS)}, t.received_at FROM newest t "
    "JOIN fleet_vehicle v ON v.id = t.vehicle_id "
    "ON CONFLICT (vehicle_id) DO UPDATE SET "
    + ", ".join(f"{name} = excluded.{name}" for name in _STATUS if name != "vehicle_id")
    + ", heard_at = GREATEST(fleet_vehiclestatus.heard_at, excluded.heard_at) "
    "WHERE excluded.ts >= fleet_vehiclestatus.ts"
)


@dataclass(frozen=True, slots=True)
class Written:
    """How many reports were stored, and how many came from a session that another one had replaced."""

    stored: int
    fenced: int


@transaction.atomic
def write(samples: Sequence[Sample], heard: Mapping[UUID, tuple[int, datetime]]) -> Written:
    """Store reports and the times at which cars were last heard ({vehicle: (epoch, time)}), all or nothing.

    What a session brought after a newer one of the same car had opened is left out.
    """
    ids = {sample.vehicle_id for sample in samples} | set(heard)
    opened = _sessions(ids)
    good = [sample for sample in samples if _current(sample.vehicle_id, sample.epoch, sample.received_at, opened)]
    with connection.cursor() as cursor:
        if good:
            _copy(cursor, "fleet_telemetrysample", good)
            newest = _newest(good)
            # One for each connection, emptied by every commit: a table made anew each time would bloat the catalogue.
            cursor.execute(
                "CREATE TEMPORARY TABLE IF NOT EXISTS newest (LIKE fleet_telemetrysample) ON COMMIT DELETE ROWS"
            )
            cursor.execute("DELETE FROM newest")  # of an earlier batch in the same transaction
            _copy(cursor, "newest", newest)
            cursor.execute(_UPSERT)
        alive = [(key, at) for key, (epoch, at) in heard.items() if _current(key, epoch, at, opened)]
        if alive:
            cursor.execute(
                "UPDATE fleet_vehiclestatus s SET heard_at = h.at "
                "FROM unnest(%s::uuid[], %s::timestamptz[]) AS h(id, at) "
                "WHERE s.vehicle_id = h.id AND s.heard_at < h.at",
                [[key for key, _ in alive], [at for _, at in alive]],
            )
    return Written(len(good), len(samples) - len(good))


def _copy(cursor: Any, table: str, samples: Sequence[Sample]) -> None:
    with cursor.copy(f"COPY {table} ({COLUMNS}) FROM STDIN (FORMAT BINARY)") as copy:
        copy.write(pack(samples))


def _newest(samples: Sequence[Sample]) -> list[Sample]:
    latest: dict[UUID, Sample] = {}
    for sample in samples:
        known = latest.get(sample.vehicle_id)
        if known is None or sample.ts >= known.ts:
            latest[sample.vehicle_id] = sample
    # In order of their keys: two writers that meet wait for one another and never in a circle.
    return [latest[key] for key in sorted(latest)]


def _sessions(ids: set[UUID]) -> dict[UUID, tuple[int, datetime | None]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, session_epoch, session_opened_at FROM fleet_vehicle WHERE id = ANY(%s)", [list(ids)])
        return {row[0]: (row[1], row[2]) for row in cursor.fetchall()}


def _current(vehicle_id: UUID, epoch: int, at: datetime, opened: Mapping[UUID, tuple[int, datetime | None]]) -> bool:
    """Whether a frame of session `epoch`, come in at `at`, counts: no newer session had opened by then."""
    if vehicle_id not in opened:
        return False
    newest, since = opened[vehicle_id]
    return epoch >= newest or (since is not None and at < since)
