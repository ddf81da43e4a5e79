"""The history of telemetry, by the day.

BRIN finds a time span in a table that grows in order of time, the B-tree one car's. No index on the position: it would
cost more than both together, and the history is never searched by place. The last known state leaves room on its pages
so that its updates stay there (heap-only tuples).
"""

from datetime import UTC, datetime, timedelta

from django.db import migrations

FORWARD = """
CREATE TABLE fleet_telemetrysample (
    vehicle_id uuid NOT NULL,
    ts timestamptz NOT NULL,
    received_at timestamptz NOT NULL,
    lon double precision NOT NULL,
    lat double precision NOT NULL,
    heading_deg real NOT NULL,
    speed_mps real NOT NULL,
    accel_mps2 real NOT NULL,
    soc_pct real NOT NULL,
    odometer_m double precision NOT NULL,
    drive_mode text NOT NULL,
    odd_status text NOT NULL,
    doors_open boolean NOT NULL,
    occupied boolean NOT NULL,
    hazard_lights boolean NOT NULL,
    mission_id uuid,
    mission_version integer NOT NULL,
    stop_index integer NOT NULL,
    remaining_m real NOT NULL,
    remaining_s real NOT NULL,
    edge integer,
    offset_m real NOT NULL
) PARTITION BY RANGE (ts);
CREATE INDEX fleet_telemetry_ts ON fleet_telemetrysample USING brin (ts);
CREATE INDEX fleet_telemetry_vehicle_ts ON fleet_telemetrysample (vehicle_id, ts);
ALTER TABLE fleet_vehiclestatus SET (fillfactor = 50);
"""

BACKWARD = "DROP TABLE fleet_telemetrysample;"


def first_days(apps, schema_editor):
    today = datetime.now(UTC).date()
    for offset in range(-2, 4):
        day = today + timedelta(days=offset)
        schema_editor.execute(
            f"CREATE TABLE fleet_telemetrysample_{day:%Y%m%d} PARTITION OF fleet_telemetrysample "
            f"FOR VALUES FROM ('{day}T00:00:00Z') TO ('{day + timedelta(days=1)}T00:00:00Z')"
        )


class Migration(migrations.Migration):
    dependencies = [("fleet", "0002_ledger_guards")]
    operations = [
        migrations.RunSQL(FORWARD, BACKWARD),
        migrations.RunPython(first_days, migrations.RunPython.noop),
    ]
