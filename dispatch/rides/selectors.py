"""Readers of rides."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from dispatch.rides.domain.machine import OPEN, RideState
from dispatch.rides.domain.public import public_row
from dispatch.rides.models import Receipt, Ride
from fleet.access.domain import WATCHERS
from fleet.access.models import User
from geofence.base.errors import NotFound


def visible_to(viewer: User) -> QuerySet[Ride]:
    """The rides that `viewer` may see: a rider his own booked ones, staff and regulators all."""
    booked = Ride.objects.exclude(requested_at=None)
    return booked if viewer.role in WATCHERS else booked.filter(rider=viewer)


def visible_ride(viewer: User, ride_id: UUID) -> Ride:
    """One ride; raises NotFound also for a ride that `viewer` may not know of."""
    ride = visible_to(viewer).select_related("vehicle", "quote", "receipt").filter(pk=ride_id).first()
    if ride is None:
        raise NotFound("There is no such ride.")
    return ride


def own_ride(rider: User, ride_id: UUID) -> Ride:
    """A ride of `rider` himself; raises NotFound for anybody else's."""
    ride = Ride.objects.filter(pk=ride_id, rider=rider).exclude(requested_at=None).first()
    if ride is None:
        raise NotFound("There is no such ride.")
    return ride


def in_states(states: Iterable[RideState]) -> QuerySet[Ride]:
    """Rides in one of `states`, oldest wish first."""
    return Ride.objects.filter(state__in=[state.value for state in states]).order_by("wanting_since", "id")


def open_count(rider_id: UUID) -> int:
    """How many rides of the rider are booked and not ended."""
    return Ride.objects.filter(rider_id=rider_id, state__in=[state.value for state in OPEN]).count()


def board() -> dict[str, dict[str, Any]]:
    """The open rides for the console's snapshot: {id: public row}."""
    return {str(ride.id): public_row(ride) for ride in in_states(OPEN)}


def receipt_of(ride: Ride) -> Receipt | None:
    """The ride's receipt once it is issued."""
    receipt = Receipt.objects.filter(ride=ride).first()
    return receipt if receipt is not None and receipt.issued_at else None
