"""Cars and missions for the tests of the fleet."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

import numpy as np
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.db import connection, transaction

from autonomy.link.signing import public_text
from fleet.base.ids import new_id
from fleet.missions import owners, verbs
from fleet.missions import services as missions
from fleet.missions.domain import PlannedLeg, PlannedStop, Purpose
from fleet.missions.models import Mission
from fleet.telemetry.models import VehicleStatus
from fleet.vehicles import services as vehicles
from fleet.vehicles.models import Vehicle
from geofence.roads.domain.router import Route

MakeVehicle = Callable[..., Vehicle]
STOPS = (
    PlannedStop(kind="pickup", lon=7.42, lat=43.73, edge=3, offset_m=10.0, name="Quay", wait_for_proceed=True),
    PlannedStop(kind="dropoff", lon=7.43, lat=43.74, edge=9, offset_m=20.0, name="Casino"),
)


def make_leg(first_edge: int, last_edge: int) -> PlannedLeg:
    route = Route(
        duration_s=60.0,
        distance_m=500.0,
        edges=tuple(range(first_edge, last_edge + 1)),
        start_offset_m=0.0,
        end_offset_m=5.0,
        lonlat=np.array([[7.42, 43.73], [7.43, 43.74]]),
        time_s=np.array([0.0, 60.0]),
        turns=(),
    )
    return PlannedLeg(route=route, odd_version=1, odd_digest="o" * 64, map_digest="m" * 64)


LEGS = (make_leg(0, 3), make_leg(3, 9))


TABLES = (
    "fleet_command",
    "fleet_mission",
    "fleet_vehiclestatus",
    "fleet_telemetrysample",
    "fleet_vehicle",
    "fleet_depot",
    "fleet_ledgerentry",
    "fleet_idempotencyrecord",
    "django_session",
    "fleet_user",
)


def empty_tables() -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")  # the ledger forbids it otherwise
        for table in TABLES:
            cursor.execute(f"DELETE FROM {table}")
        # A test that emptied everything took the ledger's head with it.
        cursor.execute(
            "INSERT INTO fleet_ledgerhead (id, seq, hash) VALUES (1, 0, repeat('0', 64)) "
            "ON CONFLICT (id) DO UPDATE SET seq = 0, hash = excluded.hash"
        )


@pytest.fixture
def committed(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """A database that really commits, as several connections need it; what these tests write is deleted again.

    Emptying every table of the project, as a transactional test does, would take ten times as long.
    """
    with django_db_blocker.unblock():
        empty_tables()
        yield
        empty_tables()
        connection.close()


def register_vehicle(key: Ed25519PrivateKey | None = None, *, in_service: bool = True, **more: Any) -> Vehicle:
    tail = new_id().hex[-8:].upper()
    vehicle = vehicles.register(
        plate=f"T-{tail}",
        vin=f"TESTVIN00{tail}",
        platform="p7",
        seats=4,
        public_key=public_text(key or Ed25519PrivateKey.generate()),
        actor="test",
        **more,
    )
    if in_service:
        verbs.service_start(vehicle_id=vehicle.pk, actor="test", reason="for the test")
    return Vehicle.objects.get(pk=vehicle.pk)


def assign_ride(vehicle_id: UUID, **more: Any) -> Mission:
    arguments: dict[str, Any] = {"purpose": "ride", "purpose_id": new_id(), "stops": STOPS, "legs": LEGS}
    return missions.assign(vehicle_id=vehicle_id, actor="test", **{**arguments, **more})


@pytest.fixture
def make_vehicle(db: None) -> MakeVehicle:
    """Register a car, in service unless told otherwise: make_vehicle(key=None, in_service=True, **columns)."""
    return register_vehicle


@pytest.fixture
def vehicle(db: None) -> Vehicle:
    return register_vehicle()


@pytest.fixture
def ride_to(db: None) -> Callable[..., Mission]:
    """Assign a ride of two stops: ride_to(vehicle_id, **arguments of missions.assign)."""
    return assign_ride


@pytest.fixture
def two_stops() -> tuple[Any, Any]:
    return STOPS, LEGS


class RecordingOwner:
    """Writes down what it is told."""

    def __init__(self) -> None:
        self.told: list[tuple[str, Any]] = []

    def stop_arrived(self, mission: Mission, stop_index: int, at: datetime) -> None:
        self.told.append(("stop_arrived", stop_index))

    def stop_departed(self, mission: Mission, stop_index: int, at: datetime) -> None:
        self.told.append(("stop_departed", stop_index))

    def cabin_empty(self, mission: Mission, stop_index: int, at: datetime) -> None:
        self.told.append(("cabin_empty", stop_index))

    def held(self, mission: Mission, reason: str, at: datetime) -> None:
        self.told.append(("held", reason))

    def resumed(self, mission: Mission, at: datetime) -> None:
        self.told.append(("resumed", None))

    def completed(self, mission: Mission, at: datetime) -> None:
        self.told.append(("completed", None))

    def refused(self, mission: Mission, reason: str) -> None:
        self.told.append(("refused", reason))

    def failed(self, mission: Mission, reason: str) -> None:
        self.told.append(("failed", reason))


@pytest.fixture
def owner(monkeypatch: pytest.MonkeyPatch) -> RecordingOwner:
    """In place of the rides' own owner."""
    recording = RecordingOwner()
    monkeypatch.setitem(owners._owners, Purpose.RIDE, recording)
    return recording


@pytest.fixture
def put_status(db: None) -> Callable[..., VehicleStatus]:
    """Give a car a last known state: put_status(vehicle, at, **columns)."""

    def put(vehicle: Vehicle, at: datetime, **columns: Any) -> VehicleStatus:
        known: dict[str, Any] = {
            "ts": at,
            "heard_at": at,
            "lon": 7.42,
            "lat": 43.73,
            "heading_deg": 90.0,
            "speed_mps": 5.0,
            "accel_mps2": 0.0,
            "soc_pct": 80.0,
            "odometer_m": 1000.0,
            "drive_mode": "AUTONOMOUS",
            "odd_status": "inside",
            "doors_open": False,
            "occupied": False,
            "hazard_lights": False,
            "mission_version": 0,
            "stop_index": 0,
            "remaining_m": 0.0,
            "remaining_s": 0.0,
            "edge": 3,
            "offset_m": 1.5,
        }
        return VehicleStatus.objects.update_or_create(vehicle=vehicle, defaults={**known, **columns})[0]

    return put
