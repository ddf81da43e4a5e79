"""Days of telemetry: made ahead of time, dropped whole when they are old. One statement each, no row is deleted."""

from datetime import date, timedelta

from django.db import connection, transaction
from psycopg import sql

AHEAD_DAYS = 3
BEHIND_DAYS = 2  # cars tell what they recorded without a link


def name_of(day: date) -> str:
    return f"fleet_telemetrysample_{day:%Y%m%d}"


def ensure(today: date) -> list[str]:
    """Make the partitions around `today` (UTC) that do not exist; returns their names."""
    days = [today + timedelta(days=offset) for offset in range(-BEHIND_DAYS, AHEAD_DAYS + 1)]
    return [name_of(day) for day in days if _make(day)]


@transaction.atomic
def drop_before(day: date) -> list[str]:
    """Drop the partitions of the days before `day`; returns their names."""
    limit = name_of(day)
    old = sorted(name for name in existing() if name < limit)
    with connection.cursor() as cursor:
        for name in old:
            cursor.execute(sql.SQL("DROP TABLE {}").format(sql.Identifier(name)))
    return old


def existing() -> list[str]:
    """Names of all partitions, oldest first."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid "
            "WHERE i.inhparent = 'fleet_telemetrysample'::regclass ORDER BY 1"
        )
        return [row[0] for row in cursor.fetchall()]


@transaction.atomic
def _make(day: date) -> bool:
    name = name_of(day)
    with connection.cursor() as cursor:
        # Two makers of the same day would collide in the catalogue; they queue instead.
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('fleet_telemetrysample'))")
        cursor.execute("SELECT to_regclass(%s)", [name])
        row = cursor.fetchone()
        if row is not None and row[0] is not None:
            return False
        cursor.execute(
            sql.SQL("CREATE TABLE {} PARTITION OF fleet_telemetrysample FOR VALUES FROM ({}) TO ({})").format(
                sql.Identifier(name),
                sql.Literal(f"{day}T00:00:00Z"),
                sql.Literal(f"{day + timedelta(days=1)}T00:00:00Z"),
            )
        )
    return True
