"""The only writers of rides: every change of state is guarded and leaves a ledger entry in the same transaction."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from dispatch.rides.domain.machine import OPEN, RideEvent, RideState, transition
from dispatch.rides.domain.public import public_row
from dispatch.rides.models import Receipt, Ride
from fleet.base import clock, doorbell
from fleet.ledger import services as ledger
from geofence.base.errors import Conflict, NotFound

LEDGER_KIND = "ride.state_changed"
ETA_KIND = "ride.eta_changed"


def channel_of(ride_id: UUID) -> str:
    """The doorbell that rings when the ride changes."""
    return f"ride:{ride_id}"


def _times(target: RideState, at: datetime) -> dict[str, Any]:
    """The moments that a state marks."""
    marks: dict[RideState, dict[str, Any]] = {
        RideState.REQUESTED: {"requested_at": at, "wanting_since": at},
        RideState.MATCHING: {"pickup_eta_at": None, "dropoff_eta_at": None, "arrived_at": None, "start_asked_at": None},
        RideState.TRANSFERRING: {
            "wanting_since": at,
            "pickup_eta_at": None,
            "dropoff_eta_at": None,
            "arrived_at": None,
            "start_asked_at": None,
        },
        RideState.ARRIVED: {"arrived_at": at},
        RideState.ON_TRIP: {"started_at": at},
    }
    return marks.get(target, {"ended_at": at} if target not in OPEN else {})


def _changed_fields(before: dict[str, Any] | None, after: dict[str, Any]) -> dict[str, Any]:
    return after if before is None else {key: value for key, value in after.items() if before[key] != value}


@transaction.atomic
def move(
    *,
    ride_id: UUID,
    event: RideEvent,
    actor: str,
    reason: str = "",
    now: datetime | None = None,
    expected_version: int | None = None,
    changes: dict[str, Any] | None = None,
) -> Ride:
    """Let `event` happen to the ride, with further column `changes`, and record it.

    Raises NotFound, and Conflict `ride_state` when the event can't happen in the ride's state, or when somebody else
    has moved it since `expected_version` or meanwhile.
    """
    at = now or clock.now()
    ride = Ride.objects.filter(pk=ride_id).first()
    if ride is None:
        raise NotFound("There is no such ride.")
    row = transition(RideState(ride.state), event)
    if row is None or (expected_version is not None and ride.version != expected_version):
        raise Conflict("ride_state", f"The ride is {ride.state}; it can't be {event} now.", extra={"state": ride.state})
    before = public_row(ride) if row.source in OPEN else None
    values: dict[str, Any] = {"state": row.target.value, "state_since": at, "version": ride.version + 1}
    values |= _times(row.target, at) | (changes or {})
    if row.event is RideEvent.RESUMED:
        values.pop("started_at", None)
    if row.target not in OPEN and reason:
        values["end_reason"] = reason
    guarded = Ride.objects.filter(pk=ride_id, state=row.source, version=ride.version)
    if guarded.update(**values) != 1:
        raise Conflict("ride_state", "The ride has just changed.", extra={"state": ride.state})
    for name, value in values.items():
        setattr(ride, name, value)
    ledger.record(
        kind=LEDGER_KIND,
        subject_type="ride",
        subject_id=ride.id,
        actor=actor,
        data={
            "from": row.source.value,
            "to": row.target.value,
            "event": event.value,
            "mds_event": row.mds_event,
            "reason": reason,
            "fields": _changed_fields(before, public_row(ride)),
        },
    )
    if row.target is RideState.COMPLETED:
        Receipt.objects.get_or_create(ride=ride, defaults={"due_at": at})
    doorbell.ring(channel_of(ride.id), row.target.value)
    return ride


@transaction.atomic
def update_eta(*, ride_id: UUID, actor: str, pickup_eta_at: datetime | None, dropoff_eta_at: datetime | None) -> None:
    """Correct the promised times of an open ride, told to the map as a change from the state to itself."""
    ride = Ride.objects.select_for_update().filter(pk=ride_id).first()
    if ride is None or RideState(ride.state) not in OPEN:
        return
    before = public_row(ride)
    ride.pickup_eta_at, ride.dropoff_eta_at = pickup_eta_at, dropoff_eta_at
    fields = _changed_fields(before, public_row(ride))
    if not fields:
        return
    ride.version += 1
    ride.save(update_fields=["pickup_eta_at", "dropoff_eta_at", "version"])
    ledger.record(
        kind=ETA_KIND,
        subject_type="ride",
        subject_id=ride.id,
        actor=actor,
        data={"from": ride.state, "to": ride.state, "fields": fields},
    )
    doorbell.ring(channel_of(ride.id), "eta")
