"""What a quote says, before anybody has stored it."""

from dataclasses import dataclass

from dispatch.quotes.domain.meeting import Preference
from dispatch.quotes.domain.price import Price
from geofence.roads.domain.router import Route
from geofence.stops.selectors import StopChoice


@dataclass(frozen=True, slots=True)
class Place:
    """WGS84 degrees."""

    lon: float
    lat: float


@dataclass(frozen=True, slots=True)
class Wish:
    """What the rider asks for."""

    pickup: Place
    dropoff: Place
    seats: int
    wheelchair: bool
    preference: Preference


@dataclass(frozen=True, eq=False)
class Offer:
    """Where to meet and get out, the trip between, what it costs, and when a car could come (None: none is free)."""

    wish: Wish
    pickup: StopChoice
    dropoff: StopChoice
    route: Route
    price: Price
    pickup_eta_s: float | None
    odd_version: int
    odd_digest: str
    map_digest: str
