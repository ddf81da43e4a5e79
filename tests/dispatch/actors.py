"""Riders at the API and cars that report, for the stories of dispatch."""

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from rest_framework.test import APIClient

from autonomy.link.messages import CabinEmpty, EventBody, MissionCompleted, StopArrived, StopDeparted
from dispatch.assignments.models import Assignment
from fleet.access.models import User
from fleet.base import clock
from fleet.missions import uplink
from fleet.telemetry.models import VehicleStatus
from fleet.vehicles import services as vehicles
from fleet.vehicles.axes import Axes, Link
from fleet.vehicles.models import Vehicle
from fleet.vehicles.moves import START_SERVICE
from geofence.roads.domain.network import Network
from geofence.stops.selectors import StopChoice

_numbers = itertools.count(1)


@dataclass
class Cars:
    """Makes cars in service and lets them report."""

    network: Network

    @transaction.atomic
    def add(self, at: StopChoice, *, seats: int = 4, wheelchair: bool = False, soc_pct: float = 90.0) -> Vehicle:
        number = next(_numbers)
        vehicle = vehicles.register(
            plate=f"T-{number}",
            vin=f"TESTVIN{number:010d}",
            platform="test-car",
            seats=seats,
            public_key=f"{number:044d}",
            actor="test",
            wheelchair_accessible=wheelchair,
        )
        vehicle = vehicles.lock(vehicle_id=vehicle.id)
        vehicles.move(vehicle=vehicle, by=START_SERVICE, actor="test", reason="test")
        vehicles.set_axes(vehicle=vehicle, axes=Axes(link=Link.ONLINE), actor="test", reason="test")
        Vehicle.objects.filter(pk=vehicle.pk).update(map_digest=self.network.digest, session_opened_at=clock.now())
        self.seen(vehicle.id, at, soc_pct=soc_pct)
        return Vehicle.objects.get(pk=vehicle.pk)

    def seen(self, vehicle_id: UUID, at: StopChoice, **more: Any) -> None:
        now = clock.now()
        values = {
            "ts": now,
            "heard_at": now,
            "lon": at.lon,
            "lat": at.lat,
            "heading_deg": 0.0,
            "speed_mps": 0.0,
            "accel_mps2": 0.0,
            "soc_pct": 90.0,
            "odometer_m": 0.0,
            "drive_mode": "AUTONOMOUS",
            "odd_status": "inside",
            "doors_open": False,
            "occupied": False,
            "hazard_lights": False,
            "mission_id": None,
            "mission_version": 0,
            "stop_index": 0,
            "remaining_m": 0.0,
            "remaining_s": 0.0,
            "edge": at.position.edge,
            "offset_m": at.position.offset_m,
        }
        VehicleStatus.objects.update_or_create(vehicle_id=vehicle_id, defaults=values | more)

    def quiet_for(self, vehicle_id: UUID, seconds: float) -> None:
        """Make the car's last word, and the state that it is in, so old."""
        then = clock.now() - timedelta(seconds=seconds)
        VehicleStatus.objects.filter(vehicle_id=vehicle_id).update(ts=then, heard_at=then)
        Vehicle.objects.filter(pk=vehicle_id).update(session_opened_at=then, state_since=then)

    def report(self, ride_id: UUID, body: Callable[[str, int], EventBody]) -> None:
        """Let the ride's car report an event about its mission."""
        serving = Assignment.objects.filter(ride_id=ride_id).latest("created_at")
        with transaction.atomic():
            vehicle = vehicles.lock(vehicle_id=serving.vehicle_id)
            mission = serving.mission
            mission.refresh_from_db()
            uplink.take_event(vehicle=vehicle, body=body(str(mission.pk), mission.version), at=clock.now())

    def arrive(self, ride_id: UUID, stop: int) -> None:
        self.report(ride_id, lambda m, v: StopArrived(mission_id=m, version=v, stop_index=stop))

    def depart(self, ride_id: UUID, stop: int = 0) -> None:
        self.report(ride_id, lambda m, v: StopDeparted(mission_id=m, version=v, stop_index=stop))

    def finish(self, ride_id: UUID) -> None:
        self.report(ride_id, lambda m, v: CabinEmpty(mission_id=m, version=v, stop_index=1))
        self.report(ride_id, lambda m, v: MissionCompleted(mission_id=m, version=v))


@dataclass
class Booker:
    """A rider at the API; every order gets a new key."""

    api: APIClient

    @property
    def user(self) -> User:
        """Who this rider is."""
        found = self.api.user  # type: ignore[attr-defined]  # set by the fixture
        assert isinstance(found, User)
        return found

    def post(self, path: str, body: Any = None, *, key: str | None = None) -> Any:
        name = key or f"key-{next(_numbers)}"
        return self.api.post(path, body if body is not None else {}, format="json", headers={"Idempotency-Key": name})

    def quote(self, a: StopChoice, b: StopChoice, **more: Any) -> Any:
        ends = {"pickup": {"lon": a.lon, "lat": a.lat}, "dropoff": {"lon": b.lon, "lat": b.lat}}
        return self.post("/api/quotes", {**ends, "seats": 1, **more})

    def book(self, a: StopChoice, b: StopChoice, **more: Any) -> UUID:
        quoted = self.quote(a, b, **more)
        assert quoted.status_code == 201, quoted.json()
        booked = self.post("/api/rides", {"quote_id": quoted.json()["id"]})
        assert booked.status_code == 201, booked.json()
        return UUID(booked.json()["id"])

    def ride(self, ride_id: UUID) -> Any:
        return self.api.get(f"/api/rides/{ride_id}").json()

    def order(self, ride_id: UUID, verb: str, body: Any = None, *, key: str | None = None) -> Any:
        return self.post(f"/api/rides/{ride_id}/{verb}", body, key=key)
