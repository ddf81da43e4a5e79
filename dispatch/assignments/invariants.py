"""What must be true of rides, cars and missions at any moment; each check yields one sentence for each violation."""

from collections.abc import Callable, Iterator
from itertools import groupby

import numpy as np
from django.db import connection

from dispatch.assignments.models import Assignment
from dispatch.rides.domain.machine import OPEN, TRANSITIONS, WITH_CAR, RideState
from dispatch.rides.models import Receipt, Ride
from dispatch.rides.services import LEDGER_KIND
from fleet.ledger import selectors as ledger
from fleet.missions.models import Mission
from geofence.base.errors import NotFound
from geofence.odd import selectors as odd

Check = Callable[[], Iterator[str]]
# Stored lines are rounded to the centimetre: shorter excursions are none.
ROUNDING_M = 0.5


def chain_verifies() -> Iterator[str]:
    """The ledger's hash chain is whole."""
    report = ledger.verify()
    if report.broken_at is not None:
        yield f"the ledger's chain is broken at {report.broken_at}: {report.reason}"


def cars_and_rides_agree() -> Iterator[str]:
    """A ride with a car has exactly one active assignment, to that car; any other ride has none."""
    active: dict[object, list[Assignment]] = {}
    for row in Assignment.objects.filter(ended_at__isnull=True).select_related("mission"):
        active.setdefault(row.ride_id, []).append(row)
    for ride in Ride.objects.filter(state__in=[state.value for state in WITH_CAR]):
        rows = active.pop(ride.id, [])
        if [row.vehicle_id for row in rows] != [ride.vehicle_id]:
            yield f"ride {ride.id} is {ride.state} with {len(rows)} active assignments"
        for row in rows:
            if row.mission.closed_at is not None or row.mission.purpose_id != ride.id:
                yield f"ride {ride.id} is {ride.state} and its mission {row.mission_id} is {row.mission.state}"
    for ride_id in active:
        yield f"ride {ride_id} has no car any more and an active assignment"


def no_car_has_two_rides() -> Iterator[str]:
    """Assignments of one car never overlap, now or in the past."""
    rows = Assignment.objects.order_by("vehicle_id", "created_at").values_list("vehicle_id", "created_at", "ended_at")
    for vehicle_id, group in groupby(rows, key=lambda row: row[0]):
        previous = None
        for _, created_at, ended_at in group:
            if previous is not None and (previous[1] is None or previous[1] > created_at):
                yield f"car {vehicle_id} had two rides at {created_at.isoformat()}"
            previous = (created_at, ended_at)


def missions_have_rides() -> Iterator[str]:
    """Every open mission for a ride serves one, or its rider has just got out."""
    serving = set(Assignment.objects.filter(ended_at__isnull=True).values_list("mission_id", flat=True))
    for mission in Mission.objects.filter(closed_at__isnull=True, purpose="ride").defer("legs", "stops"):
        if mission.pk not in serving:
            ride = Ride.objects.filter(pk=mission.purpose_id).first() if mission.purpose_id else None
            if ride is None or ride.state != RideState.COMPLETED:
                yield f"mission {mission.pk} is {mission.state} and serves no ride"


def lives_are_whole() -> Iterator[str]:
    """The ledger tells each ride's life without a gap, by the table, up to the state that the ride is in."""
    allowed = {(row.source.value, row.target.value) for row in TRANSITIONS}
    at: dict[str, str] = {}
    for seq, ride_id, source, target in _moves():
        if at.get(ride_id, RideState.QUOTED.value) != source:
            yield f"ride {ride_id} leaves {source} in entry {seq}, and was {at.get(ride_id, 'quoted')}"
        if (source, target) not in allowed:
            yield f"ride {ride_id} goes from {source} to {target} in entry {seq}"
        at[ride_id] = target
    for ride_pk, state in Ride.objects.values_list("id", "state"):
        if at.get(str(ride_pk), RideState.QUOTED.value) != state:
            yield f"ride {ride_pk} is {state}, the ledger says {at.get(str(ride_pk), 'quoted')}"


def _moves() -> Iterator[tuple[int, str, str, str]]:
    """Sequence number, ride, and the two states of every change in the ledger."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT seq, subject_id, body::jsonb->>'from', body::jsonb->>'to' FROM fleet_ledgerentry "
            "WHERE kind = %s AND seq IS NOT NULL ORDER BY seq",
            [LEDGER_KIND],
        )
        yield from cursor.fetchall()


def routes_stay_inside() -> Iterator[str]:
    """Every leg of every ride's mission lies inside the version of the domain under which it was planned."""
    for mission in Mission.objects.filter(purpose="ride").order_by("created_at").iterator(chunk_size=200):
        for leg in mission.legs:
            try:
                domain = odd.version(leg["odd_version"])
            except NotFound:
                yield f"mission {mission.pk} was planned under version {leg['odd_version']}, which never was"
                continue
            if domain.digest != leg["odd_digest"]:
                yield f"mission {mission.pk} was planned under another content of version {domain.version}"
            lonlat = np.asarray(leg["lonlat"], dtype=np.float64)
            share = np.linspace(0.0, 1.0, len(lonlat))
            verdict = domain.check_route(lonlat, mission.created_at.timestamp() + share * leg["duration_s"])
            for violation in verdict.violations:
                if violation.to_m - violation.from_m > ROUNDING_M:
                    yield f"mission {mission.pk} leaves the domain: {violation.as_json()}"


def completed_rides_are_billed() -> Iterator[str]:
    """A completed ride has one receipt, issued or waiting; no other ride has any."""
    completed = set(Ride.objects.filter(state=RideState.COMPLETED).values_list("id", flat=True))
    billed = set(Receipt.objects.values_list("ride_id", flat=True))
    for ride_id in completed - billed:
        yield f"ride {ride_id} is completed and has no receipt"
    for ride_id in billed - completed:
        yield f"ride {ride_id} has a receipt and is not completed"


def all_rides_ended() -> Iterator[str]:
    """No booked ride is open; true only when nobody is under way."""
    for ride in Ride.objects.filter(state__in=[state.value for state in OPEN]):
        yield f"ride {ride.id} is still {ride.state}, since {ride.state_since.isoformat()}"


ALWAYS: tuple[Check, ...] = (
    chain_verifies,
    cars_and_rides_agree,
    no_car_has_two_rides,
    missions_have_rides,
    lives_are_whole,
    routes_stay_inside,
    completed_rides_are_billed,
)
