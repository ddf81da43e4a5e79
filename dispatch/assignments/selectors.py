"""Readers of assignments: which are in trouble, which pairs just failed, where a ride's car is."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import F, Q

from dispatch.assignments.models import Assignment, DispatcherLease
from dispatch.quotes.selectors import BOARDING_S
from dispatch.rides.domain.machine import ON_BOARD, WITH_CAR, RideState
from dispatch.rides.domain.reasons import FleetReason
from dispatch.rides.models import Ride
from fleet.missions import selectors as missions
from fleet.vehicles import selectors as vehicles
from fleet.vehicles.domain import VehicleState

# A car that just failed a ride is not sent to the same ride again at once.
REPEAT_AFTER_S = 60.0
BEFORE_TRIP = (RideState.RESERVED, RideState.ARRIVED, RideState.BOARDING)


@dataclass(frozen=True, slots=True)
class Trouble:
    """A ride whose car should be taken off, and why."""

    ride_id: UUID
    reason: FleetReason


def troubled(now: datetime) -> list[Trouble]:
    """Rides whose car has been silent or held for too long: soon before the pick-up, later with the rider on board."""
    timing = settings.HANSOM_TIMING
    soon, later = (now - timedelta(seconds=timing[key]) for key in ("rematch_silent_s", "rescue_silent_s"))
    waiting, riding = [s.value for s in BEFORE_TRIP], [s.value for s in ON_BOARD]
    held_states = [VehicleState.RESERVED_HELD.value, VehicleState.STOPPED_UNPLANNED.value]
    silent = Q(vehicle__state=VehicleState.NON_CONTACTABLE.value)
    held = Q(vehicle__state__in=held_states)
    stuck = Q(ride__state__in=waiting, vehicle__state_since__lte=soon) | Q(
        ride__state__in=riding, vehicle__state_since__lte=later
    )
    active = Assignment.objects.filter(ended_at__isnull=True)
    rows = active.filter(stuck & (silent | held)).values_list("ride_id", "vehicle__state")
    return [
        Trouble(
            ride_id,
            FleetReason.CAR_SILENT if state == VehicleState.NON_CONTACTABLE else FleetReason.CAR_HELD,
        )
        for ride_id, state in rows
    ]


def overdue(state: RideState, since: datetime) -> list[UUID]:
    """Rides in `state` since before `since`; a boarding rider who pressed start is not overdue."""
    rows = Ride.objects.filter(state=state, state_since__lte=since, start_asked_at__isnull=True)
    return list(rows.values_list("id", flat=True))


def impatient(states: frozenset[RideState], since: datetime) -> list[UUID]:
    """Rides in one of `states` that have wanted a car since before `since`."""
    rows = Ride.objects.filter(state__in=[s.value for s in states], wanting_since__lte=since)
    return list(rows.values_list("id", flat=True))


def failed_pairs(now: datetime) -> frozenset[tuple[UUID, UUID]]:
    """Pairs (car, ride) of which the car was taken off a moment ago."""
    since = now - timedelta(seconds=REPEAT_AFTER_S)
    rows = Assignment.objects.filter(ended_at__gte=since, ride__ended_at__isnull=True)
    return frozenset(rows.values_list("vehicle_id", "ride_id"))


def active_of(ride_id: UUID) -> Assignment | None:
    """The ride's active assignment."""
    return Assignment.objects.filter(ride_id=ride_id, ended_at__isnull=True).first()


@dataclass(frozen=True, slots=True)
class EtaDrift:
    """Promised times that the car will not keep."""

    ride_id: UUID
    pickup_eta_at: datetime | None
    dropoff_eta_at: datetime


def _etas(now: datetime, state: RideState, remaining_s: float, trip_s: float) -> tuple[datetime | None, datetime]:
    if state is RideState.RESERVED:
        pickup = now + timedelta(seconds=remaining_s)
        return pickup, pickup + timedelta(seconds=BOARDING_S + trip_s)
    if state in (RideState.ARRIVED, RideState.BOARDING):
        return None, now + timedelta(seconds=BOARDING_S + trip_s)
    return None, now + timedelta(seconds=remaining_s)


def drifting(now: datetime, tolerance_s: float) -> list[EtaDrift]:
    """Rides on the way whose car, by its own reckoning, comes more than `tolerance_s` off the promise."""
    states = [RideState.RESERVED.value, RideState.ON_TRIP.value]
    fresh = now - timedelta(seconds=settings.HANSOM_TIMING["stale_position_s"])
    rows = Assignment.objects.filter(
        ended_at__isnull=True,
        ride__state__in=states,
        vehicle__status__ts__gte=fresh,
        vehicle__status__mission_id=F("mission_id"),
    ).select_related("ride", "vehicle__status")
    found = []
    for row in rows:
        ride, state = row.ride, RideState(row.ride.state)
        pickup, dropoff = _etas(now, state, row.vehicle.status.remaining_s, row.trip_s)
        promised = ride.pickup_eta_at if state is RideState.RESERVED else ride.dropoff_eta_at
        expected = pickup if pickup is not None else dropoff
        if promised is None or abs((expected - promised).total_seconds()) > tolerance_s:
            found.append(EtaDrift(ride.id, pickup or ride.pickup_eta_at, dropoff))
    return found


def tracking(ride: Ride, now: datetime) -> dict[str, Any] | None:
    """Where the ride's car is and when it comes, as plain JSON; None while no car serves the ride."""
    active = active_of(ride.id) if RideState(ride.state) in WITH_CAR else None
    if active is None:
        return None
    seen = vehicles.last_known(active.vehicle_id)
    pickup_at, dropoff_at = ride.pickup_eta_at, ride.dropoff_eta_at
    stale = seen is None or (now - seen.ts).total_seconds() > settings.HANSOM_TIMING["stale_position_s"]
    if seen is not None and not stale:
        pickup_at, dropoff_at = _etas(now, RideState(ride.state), seen.remaining_s, active.trip_s)
    mission = missions.get(active.mission_id)
    return {
        "car": None
        if seen is None
        else {
            "lon": seen.lon,
            "lat": seen.lat,
            "heading_deg": seen.heading_deg,
            "speed_mps": seen.speed_mps,
            "seen_at": seen.ts.isoformat(),
            "stale": stale,
        },
        "pickup_eta_at": pickup_at.isoformat() if pickup_at and ride.state == RideState.RESERVED else None,
        "dropoff_eta_at": dropoff_at.isoformat() if dropoff_at else None,
        "route": [
            {"stop": mission.stops[leg.stop_index]["kind"], "lonlat": leg.lonlat}
            for leg in missions.drawn_legs(mission)
        ],
    }


def lease_row() -> DispatcherLease | None:
    """Who dispatches, and what the last tick did."""
    return DispatcherLease.objects.first()


def empty_share(ride_ids: list[str]) -> float | None:
    """Metres driven empty to the pick-ups as a share of all metres of these rides' missions; None without any."""
    rows = Assignment.objects.filter(ride_id__in=ride_ids, end_reason="completed").values_list("approach_m", "trip_m")
    empty, full = sum(row[0] for row in rows), sum(row[1] for row in rows)
    return round(empty / (empty + full), 4) if empty + full > 0 else None
