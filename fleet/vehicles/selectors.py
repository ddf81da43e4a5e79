"""Readers of vehicles."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.db.models import QuerySet

from fleet.missions.domain import OPEN_STATES
from fleet.missions.models import Mission
from fleet.telemetry.models import VehicleStatus
from fleet.vehicles.models import Vehicle
from fleet.vehicles.public import public_row
from geofence.base.errors import NotFound


@dataclass(frozen=True, slots=True)
class FreeVehicle:
    """A car that may get a ride now. `edge` and `offset_m`: its place on the map `map_digest`, if it said so."""

    id: UUID
    lon: float
    lat: float
    heading_deg: float
    soc_pct: float
    seats: int
    wheelchair_accessible: bool
    state: str
    state_version: int
    seen_at: datetime
    platform: str
    edge: int | None
    offset_m: float
    map_digest: str
    mission_id: UUID | None  # the open mission that a ride would replace (repositioning)
    mission_version: int


_FREE = """
SELECT v.id, s.lon, s.lat, s.heading_deg, s.soc_pct, v.seats, v.wheelchair_accessible, v.state, v.state_version,
       s.heard_at, v.platform, s.edge, s.offset_m, v.map_digest, m.id, COALESCE(m.version, 0)
FROM fleet_vehicle v
JOIN fleet_vehiclestatus s ON s.vehicle_id = v.id
LEFT JOIN fleet_mission m ON m.vehicle_id = v.id AND m.state IN ('planned', 'sent', 'accepted', 'active')
WHERE v.state IN ('available.idle', 'available.repositioning') AND v.link = 'online' AND v.held_by = ''
  AND s.ts >= %s AND s.drive_mode = 'AUTONOMOUS' AND NOT s.occupied
ORDER BY v.id
"""


def free(now: datetime) -> list[FreeVehicle]:
    """The cars that may get a ride: available, not held, linked, self-driving, empty, with a fresh position."""
    fresh = now - timedelta(seconds=settings.HANSOM_TIMING["stale_position_s"])
    with connection.cursor() as cursor:
        cursor.execute(_FREE, [fresh])
        return [FreeVehicle(*row) for row in cursor.fetchall()]


@dataclass(frozen=True, slots=True)
class LastKnown:
    """Where a car was when it last said so."""

    vehicle_id: UUID
    ts: datetime
    heard_at: datetime
    lon: float
    lat: float
    heading_deg: float
    speed_mps: float
    soc_pct: float
    remaining_m: float
    remaining_s: float
    stop_index: int
    occupied: bool
    doors_open: bool
    edge: int | None
    offset_m: float


def last_known(vehicle_id: UUID) -> LastKnown | None:
    """None: it has never reported."""
    status = VehicleStatus.objects.filter(vehicle_id=vehicle_id).first()
    return _last_known(status) if status else None


def last_known_all() -> dict[UUID, LastKnown]:
    return {status.vehicle_id: _last_known(status) for status in VehicleStatus.objects.all()}


def _last_known(status: VehicleStatus) -> LastKnown:
    names = [name for name in LastKnown.__dataclass_fields__ if name != "vehicle_id"]
    return LastKnown(status.vehicle_id, *(getattr(status, name) for name in names))


def get(vehicle_id: UUID) -> Vehicle:
    """Raises NotFound."""
    vehicle = Vehicle.objects.filter(pk=vehicle_id).first()
    if vehicle is None:
        raise NotFound("There is no such vehicle.", code="unknown_vehicle")
    return vehicle


def snapshot() -> dict[str, dict[str, Any]]:
    """Public rows of the whole fleet by id, as ledger events patch them: `soc`, `mission_id` and `ride_id` included."""
    return _rows(Vehicle.objects.order_by("id"), Mission.objects.all(), VehicleStatus.objects.all())


def row(vehicle_id: UUID) -> dict[str, Any]:
    """The same for one vehicle. Raises NotFound."""
    get(vehicle_id)
    of = {"vehicle_id": vehicle_id}
    rows = _rows(
        Vehicle.objects.filter(pk=vehicle_id), Mission.objects.filter(**of), VehicleStatus.objects.filter(**of)
    )
    return rows[str(vehicle_id)]


def _rows(
    vehicles: "QuerySet[Vehicle]", missions: "QuerySet[Mission]", status: "QuerySet[VehicleStatus]"
) -> dict[str, dict[str, Any]]:
    open_missions = missions.filter(state__in=[state.value for state in OPEN_STATES]).defer("stops", "legs")
    of_vehicle = {mission.vehicle_id: mission for mission in open_missions}
    soc = dict(status.values_list("vehicle_id", "soc_pct"))
    rows = {}
    for vehicle in vehicles:
        mission = of_vehicle.get(vehicle.pk)
        rows[str(vehicle.pk)] = {
            **public_row(vehicle),
            "soc": soc.get(vehicle.pk),
            "mission_id": str(mission.pk) if mission else None,
            "ride_id": str(mission.purpose_id) if mission and mission.purpose == "ride" else None,
        }
    return rows


def count() -> int:
    """How many vehicles the fleet has ever had."""
    return Vehicle.objects.count()
