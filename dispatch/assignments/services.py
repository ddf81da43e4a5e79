"""The writers of assignments by the dispatcher: sending a car, taking it off, sending another to a stranded rider.

Rows are locked in the order lease, vehicle, mission, ride. Everything that one of these does is one transaction.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from dispatch.assignments import lease
from dispatch.assignments.lease import Fence
from dispatch.assignments.models import Assignment
from dispatch.assignments.plan import Plan
from dispatch.rides import services as rides
from dispatch.rides.domain.machine import ON_BOARD, RideEvent, RideState
from dispatch.rides.domain.reasons import FleetReason
from dispatch.rides.models import Ride
from fleet.base import clock
from fleet.missions import services as missions
from fleet.vehicles import selectors as vehicle_selectors
from fleet.vehicles import services as vehicles
from geofence.base.errors import Conflict, Refusal
from geofence.odd import selectors as odd
from geofence.roads import selectors as roads
from geofence.stops import selectors as stops

# A stranded rider is not asked to walk further than this to the car that takes him on.
RESCUE_WALK_M = 120.0


@transaction.atomic
def commit(*, fence: Fence, plan: Plan) -> Assignment:
    """Send the car: ride reserved, vehicle reserved, mission out, assignment written, or nothing of it.

    Raises LeaseLost, and Conflict when the ride or the car is no longer as the plan saw it.
    """
    lease.check(fence)
    mission = missions.assign(
        vehicle_id=plan.car.vehicle.id,
        purpose="ride",
        purpose_id=plan.ride.id,
        stops=plan.stops,
        legs=plan.legs,
        actor=fence.actor,
        reason="matched",
        previous=plan.previous,
        expected_state_version=plan.car.vehicle.state_version,
    )
    rides.move(
        ride_id=plan.ride.id,
        event=RideEvent.MATCHED,
        actor=fence.actor,
        expected_version=plan.ride.version,
        changes={
            "vehicle_id": plan.car.vehicle.id,
            "pickup_eta_at": plan.pickup_at,
            "dropoff_eta_at": plan.dropoff_at,
        },
    )
    approach, trip = plan.legs[0].route, plan.legs[1].route
    return Assignment.objects.create(
        ride_id=plan.ride.id,
        vehicle_id=plan.car.vehicle.id,
        mission=mission,
        created_at=clock.now(),
        rescue=plan.ride.state == RideState.TRANSFERRING,
        epoch=fence.epoch,
        approach_s=approach.duration_s,
        approach_m=approach.distance_m,
        trip_s=trip.duration_s,
        trip_m=trip.distance_m,
        odd_version=plan.legs[0].odd_version,
    )


def end(*, ride_id: UUID, reason: str, at: datetime) -> None:
    """End the ride's active assignment, in the caller's transaction."""
    Assignment.objects.filter(ride_id=ride_id, ended_at__isnull=True).update(ended_at=at, end_reason=reason)


def locked_pair(ride_id: UUID) -> tuple[Assignment | None, Ride]:
    """The ride's active assignment, with vehicle and ride locked in this order, for the caller's transaction.

    Raises Conflict when the assignment changes just now.
    """
    active = Assignment.objects.filter(ride_id=ride_id, ended_at__isnull=True).first()
    if active is not None:
        vehicles.lock(vehicle_id=active.vehicle_id)
    ride = Ride.objects.select_for_update(of=("self",)).get(pk=ride_id)
    again = Assignment.objects.filter(ride_id=ride_id, ended_at__isnull=True).first()
    if (active and active.pk) != (again and again.pk):
        raise Conflict("ride_state", "The ride has just changed.", extra={"state": ride.state})
    return again, ride


@transaction.atomic
def withdraw(*, ride_id: UUID, reason: str, actor: str, fence: Fence | None = None) -> Ride:
    """Take the car off the ride. Before the pick-up another one is looked for; with the rider on board a rescue is.

    Raises Conflict when the ride has no car, or has just changed, and LeaseLost.
    """
    if fence is not None:
        lease.check(fence)
    active, ride = locked_pair(ride_id)
    if active is None:
        raise Conflict("ride_state", f"The ride is {ride.state} and has no car.", extra={"state": ride.state})
    missions.cancel(mission_id=active.mission_id, reason=str(reason), actor=actor)
    return lose_car(ride=ride, reason=reason, actor=actor)


@transaction.atomic
def lose_car(*, ride: Ride, reason: str, actor: str) -> Ride:
    """The ride has lost its car, whose mission is closed; vehicle and ride are locked by the caller."""
    end(ride_id=ride.id, reason=reason, at=clock.now())
    state = RideState(ride.state)
    if state not in ON_BOARD:
        # Waiting since the booking counts on: the rider goes before those who came later.
        return rides.move(
            ride_id=ride.id, event=RideEvent.CAR_LOST, actor=actor, reason=reason, changes={"vehicle_id": None}
        )
    if state is RideState.ALIGHTING:  # the rider is where he wanted to be
        return rides.move(ride_id=ride.id, event=RideEvent.ENDED, actor=actor, reason=reason)
    if state in (RideState.ON_TRIP, RideState.STOPPED):
        if state is RideState.STOPPED:
            rides.move(ride_id=ride.id, event=RideEvent.RESUMED, actor=actor, reason=reason)
        rides.move(ride_id=ride.id, event=RideEvent.HELD, actor=actor, reason=reason)
    assert ride.vehicle_id is not None
    place = _rescue_place(ride.vehicle_id)
    if place is None:
        return rides.move(ride_id=ride.id, event=RideEvent.FAILED, actor=actor, reason=reason)
    return rides.move(
        ride_id=ride.id,
        event=RideEvent.RESCUE_CALLED,
        actor=actor,
        reason=reason,
        changes={"vehicle_id": None, **place},
    )


def _rescue_place(vehicle_id: UUID) -> dict[str, Any] | None:
    """Where another car can meet the rider of this one: a legal stop close by, else beside the car."""
    seen = vehicle_selectors.last_known(vehicle_id)
    if seen is None:
        return None
    network = roads.network()
    near = stops.near(seen.lon, seen.lat, at=clock.now(), limit=1, max_walk_m=RESCUE_WALK_M, network=network)
    if near:
        return {
            "pickup_stop_id": near[0].id,
            "pickup_lon": near[0].lon,
            "pickup_lat": near[0].lat,
            "pickup_name": near[0].name,
            "pickup_edge": near[0].position.edge,
            "pickup_offset_m": near[0].position.offset_m,
        }
    try:
        beside = network.snap(seen.lon, seen.lat, allowed=odd.edge_mask(network, clock.now()))
    except Refusal:
        return None
    return {
        "pickup_stop_id": None,
        "pickup_lon": beside.lon,
        "pickup_lat": beside.lat,
        "pickup_name": "",
        "pickup_edge": beside.position.edge,
        "pickup_offset_m": beside.position.offset_m,
    }


@transaction.atomic
def give_up(*, ride_id: UUID, reason: str, actor: str, note: str = "", fence: Fence | None = None) -> Ride:
    """No car will come: a waiting ride is rejected, a rescue has failed. Raises Conflict and LeaseLost."""
    if fence is not None:
        lease.check(fence)
    ride = Ride.objects.select_for_update(of=("self",)).get(pk=ride_id)
    event = RideEvent.FAILED if ride.state == RideState.TRANSFERRING else RideEvent.NOT_SERVED
    return rides.move(ride_id=ride_id, event=event, actor=actor, reason=reason, changes={"end_note": note[:200]})


@transaction.atomic
def no_show(*, ride_id: UUID, fence: Fence) -> Ride:
    """The rider has not come: the car is free again. Raises Conflict and LeaseLost."""
    lease.check(fence)
    active, ride = locked_pair(ride_id)
    if active is None or ride.state != RideState.ARRIVED:
        raise Conflict("ride_state", f"The ride is {ride.state}.", extra={"state": ride.state})
    reason = FleetReason.RIDER_NO_SHOW
    missions.cancel(mission_id=active.mission_id, reason=reason.value, actor=fence.actor)
    end(ride_id=ride_id, reason=reason, at=clock.now())
    return rides.move(ride_id=ride_id, event=RideEvent.NO_SHOW, actor=fence.actor, reason=reason)


@transaction.atomic
def advance(*, ride_id: UUID, event: RideEvent, fence: Fence, reason: str = "") -> Ride:
    """A step of the ride that the dispatcher takes by the clock. Raises Conflict and LeaseLost."""
    lease.check(fence)
    return rides.move(ride_id=ride_id, event=event, actor=fence.actor, reason=reason)
