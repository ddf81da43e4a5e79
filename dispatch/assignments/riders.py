"""What riders, and operators on their behalf, may order of a ride: unlock, start, cancel, another car."""

from uuid import UUID

from django.db import transaction

from dispatch.assignments.models import Assignment
from dispatch.assignments.services import end, locked_pair, lose_car
from dispatch.rides import selectors as ride_selectors
from dispatch.rides import services as rides
from dispatch.rides.domain.machine import ON_BOARD, RideEvent, RideState
from dispatch.rides.domain.reasons import FleetReason, RiderReason
from dispatch.rides.models import Ride
from fleet.access.domain import actor_of
from fleet.access.models import User
from fleet.base import clock, doorbell
from fleet.ledger import services as ledger
from fleet.missions import services as missions
from geofence.base.errors import Conflict

BEFORE_BOARDING = (RideState.RESERVED, RideState.ARRIVED, RideState.BOARDING)
PICKUP_STOP = 0


def _serving(ride: Ride, active: Assignment | None, *states: RideState) -> Assignment:
    if active is None or ride.state not in states:
        wanted = " or ".join(states)
        raise Conflict("ride_state", f"The ride is {ride.state}, not {wanted}.", extra={"state": ride.state})
    return active


@transaction.atomic
def unlock(*, rider: User, ride_id: UUID) -> Ride:
    """Open the doors of the car that has arrived. A second time nothing happens.

    Raises NotFound for a foreign ride, Conflict `ride_state` when the car is not there.
    """
    ride_selectors.own_ride(rider, ride_id)
    active, ride = locked_pair(ride_id)
    serving = _serving(ride, active, RideState.ARRIVED, RideState.BOARDING)
    # Ordered again also while boarding: the first order may have been too old when the car got it.
    missions.unlock(mission_id=serving.mission_id, actor=actor_of(rider))
    if ride.state == RideState.BOARDING:
        return ride
    return rides.move(ride_id=ride_id, event=RideEvent.UNLOCKED, actor=actor_of(rider))


@transaction.atomic
def start(*, rider: User, ride_id: UUID) -> Ride:
    """Let the car go; the ride is on its way when the car reports that it has left.

    Raises NotFound for a foreign ride, Conflict `ride_state` before boarding and after the start.
    """
    ride_selectors.own_ride(rider, ride_id)
    active, ride = locked_pair(ride_id)
    serving = _serving(ride, active, RideState.BOARDING)
    missions.proceed(mission_id=serving.mission_id, stop_index=PICKUP_STOP, actor=actor_of(rider))
    if ride.start_asked_at is None:
        ride.start_asked_at = clock.now()
        ride.save(update_fields=["start_asked_at"])
        ledger.record(kind="ride.start_asked", subject_type="ride", subject_id=ride.id, actor=actor_of(rider), data={})
        doorbell.ring(rides.channel_of(ride.id), "start_asked")
    return ride


@transaction.atomic
def cancel(*, rider: User, ride_id: UUID, reason: RiderReason, note: str = "") -> Ride:
    """End the ride before the trip. Raises NotFound for a foreign ride, Conflict `ride_state` once on board."""
    ride_selectors.own_ride(rider, ride_id)
    active, ride = locked_pair(ride_id)
    if active is not None and ride.state in BEFORE_BOARDING:
        missions.cancel(mission_id=active.mission_id, reason=reason.value, actor=actor_of(rider), by_passenger=True)
        end(ride_id=ride_id, reason="rider_cancelled", at=clock.now())
    return rides.move(
        ride_id=ride_id,
        event=RideEvent.RIDER_CANCELLED,
        actor=actor_of(rider),
        reason=reason.value,
        changes={"end_note": note},
    )


@transaction.atomic
def cancel_by_operator(*, operator: User, ride_id: UUID, note: str) -> Ride:
    """End a ride for the fleet, before the trip. Raises NotFound, and Conflict `ride_state` with the rider on board."""
    ride_selectors.visible_ride(operator, ride_id)
    actor, reason = actor_of(operator), FleetReason.OPERATOR
    active, ride = locked_pair(ride_id)
    if ride.state in ON_BOARD:
        raise Conflict("ride_state", "The rider is on board.", extra={"state": ride.state})
    if active is not None:
        missions.cancel(mission_id=active.mission_id, reason=reason.value, actor=actor)
        end(ride_id=ride_id, reason=reason, at=clock.now())
    if ride.state == RideState.RESERVED:
        event = RideEvent.FLEET_CANCELLED
    else:
        if ride.state in BEFORE_BOARDING:
            rides.move(
                ride_id=ride_id, event=RideEvent.CAR_LOST, actor=actor, reason=reason, changes={"vehicle_id": None}
            )
        event = RideEvent.FAILED if ride.state == RideState.TRANSFERRING else RideEvent.NOT_SERVED
    return rides.move(ride_id=ride_id, event=event, actor=actor, reason=reason, changes={"end_note": note})


@transaction.atomic
def reassign(*, operator: User, ride_id: UUID, note: str = "") -> Ride:
    """Send another car instead, before the trip. Raises NotFound, Conflict `ride_state` without a car or on board."""
    ride_selectors.visible_ride(operator, ride_id)
    active, ride = locked_pair(ride_id)
    serving = _serving(ride, active, *BEFORE_BOARDING)
    told = {"vehicle_id": str(ride.vehicle_id), "note": note}
    ledger.record(
        kind="ride.reassign_ordered", subject_type="ride", subject_id=ride_id, actor=actor_of(operator), data=told
    )
    missions.cancel(mission_id=serving.mission_id, reason=FleetReason.OPERATOR.value, actor=actor_of(operator))
    return lose_car(ride=ride, reason=FleetReason.OPERATOR, actor=actor_of(operator))
