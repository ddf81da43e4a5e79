"""Tables of telemetry. The history is partitioned by day, which migration 0003 makes; see partitions.py."""

from uuid import UUID

from django.db import models

from fleet.vehicles.models import Vehicle


class Reading(models.Model):
    """One report of a car. Units in the names, positions in WGS84 degrees, heading clockwise from north."""

    ts = models.DateTimeField()  # when the car measured, by its clock
    lon = models.FloatField()
    lat = models.FloatField()
    heading_deg = models.FloatField()
    speed_mps = models.FloatField()
    accel_mps2 = models.FloatField()
    soc_pct = models.FloatField()
    odometer_m = models.FloatField()
    drive_mode = models.CharField(max_length=16)
    odd_status = models.CharField(max_length=9)
    doors_open = models.BooleanField()
    occupied = models.BooleanField()
    hazard_lights = models.BooleanField()
    mission_id: "models.UUIDField[UUID | None, UUID | None]" = models.UUIDField(null=True)
    mission_version = models.IntegerField()
    stop_index = models.IntegerField()
    remaining_m = models.FloatField()
    remaining_s = models.FloatField()
    edge: "models.IntegerField[int | None, int | None]" = models.IntegerField(null=True)
    offset_m = models.FloatField()

    class Meta:
        abstract = True


class TelemetrySample(Reading):
    """History. Written by COPY only; the parent table and its daily partitions are made by SQL."""

    vehicle_id: "models.UUIDField[UUID, UUID]" = models.UUIDField()
    received_at = models.DateTimeField(primary_key=True)  # Django wants a key; the table has none

    class Meta:
        managed = False
        db_table = "fleet_telemetrysample"


class VehicleStatus(Reading):
    """The newest report of each car. Updated twice a second: no index but the key, and room on each page (0003)."""

    vehicle = models.OneToOneField(Vehicle, on_delete=models.CASCADE, primary_key=True, related_name="status")
    heard_at = models.DateTimeField()  # when the platform last got any frame of the car
