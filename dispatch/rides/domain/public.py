"""The ride as staff see it on the map: no personal data, and one shape for the snapshot and for ledger events."""

from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from dispatch.rides.domain.machine import OPEN, RideState


class RideRow(Protocol):
    """The columns that the public row is made of."""

    id: UUID
    state: str
    pickup_lon: float
    pickup_lat: float
    pickup_name: str
    dropoff_lon: float
    dropoff_lat: float
    dropoff_name: str
    vehicle_id: UUID | None
    requested_at: datetime | None
    pickup_eta_at: datetime | None
    dropoff_eta_at: datetime | None
    price_minor: int
    currency: str
    wheelchair: bool
    seats: int


def label_of(ride_id: UUID) -> str:
    """A short name to say over the phone: the random tail of the id, not the person."""
    return "R-" + ride_id.hex[-5:].upper()


def _text(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def public_row(ride: RideRow) -> dict[str, Any]:
    """Plain JSON of one ride: state, pickup, dropoff, vehicle_id, times (ISO 8601), price, label, seats."""
    return {
        "state": ride.state,
        "pickup": {"lon": ride.pickup_lon, "lat": ride.pickup_lat, "name": ride.pickup_name},
        "dropoff": {"lon": ride.dropoff_lon, "lat": ride.dropoff_lat, "name": ride.dropoff_name},
        "vehicle_id": str(ride.vehicle_id) if ride.vehicle_id else None,
        "requested_at": _text(ride.requested_at),
        "pickup_eta_at": _text(ride.pickup_eta_at),
        "dropoff_eta_at": _text(ride.dropoff_eta_at),
        "price_minor": ride.price_minor,
        "currency": ride.currency,
        "label": label_of(ride.id),
        "wheelchair": ride.wheelchair,
        "seats": ride.seats,
    }


def patch_of(ride_id: str, data: dict[str, Any]) -> dict[str, Any] | None:
    """What the ledger event `ride.state_changed` with `data` does to the rows on the map.

    Returns {ride id: changed fields}, {ride id: None} when the ride leaves the map, or None when nothing is shown.
    """
    if RideState(data["to"]) not in OPEN:
        return {ride_id: None} if data["from"] is not None and RideState(data["from"]) in OPEN else None
    return {ride_id: data["fields"]}
