"""The only writers of quotes: making one, booking it, letting it lapse."""

from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction

from dispatch.quotes import selectors
from dispatch.quotes.domain.meeting import Preference
from dispatch.quotes.models import Quote
from dispatch.quotes.offer import Offer, Wish
from dispatch.rides import selectors as ride_selectors
from dispatch.rides import services as rides
from dispatch.rides.domain.machine import RideEvent, RideState
from dispatch.rides.domain.reasons import FleetReason
from dispatch.rides.models import Ride
from fleet.access.domain import actor_of
from fleet.access.models import User
from fleet.base import clock, doorbell
from fleet.ledger import services as ledger
from geofence.base.errors import Conflict, Refusal

# Rung when a ride wants a car, so that the dispatcher need not wait for its next beat.
WAKE_CHANNEL = "dispatch"


def _ride_of(rider: User, offer: Offer, now: datetime) -> Ride:
    return Ride(
        rider=rider,
        state=RideState.QUOTED,
        state_since=now,
        pickup_stop_id=offer.pickup.id,
        pickup_lon=offer.pickup.lon,
        pickup_lat=offer.pickup.lat,
        pickup_name=offer.pickup.name,
        pickup_edge=offer.pickup.position.edge,
        pickup_offset_m=offer.pickup.position.offset_m,
        dropoff_stop_id=offer.dropoff.id,
        dropoff_lon=offer.dropoff.lon,
        dropoff_lat=offer.dropoff.lat,
        dropoff_name=offer.dropoff.name,
        dropoff_edge=offer.dropoff.position.edge,
        dropoff_offset_m=offer.dropoff.position.offset_m,
        map_digest=offer.map_digest,
        seats=offer.wish.seats,
        wheelchair=offer.wish.wheelchair,
        price_minor=offer.price.amount_minor,
        currency=offer.price.currency,
        price_parts=[{"code": code, "amount_minor": amount} for code, amount in offer.price.parts],
    )


def _quote_of(ride: Ride, offer: Offer, now: datetime) -> Quote:
    return Quote(
        ride=ride,
        created_at=now,
        expires_at=now + timedelta(seconds=settings.HANSOM_TIMING["quote_ttl_s"]),
        wanted_pickup_lon=offer.wish.pickup.lon,
        wanted_pickup_lat=offer.wish.pickup.lat,
        wanted_dropoff_lon=offer.wish.dropoff.lon,
        wanted_dropoff_lat=offer.wish.dropoff.lat,
        shortest_walk=offer.wish.preference is Preference.SHORTEST_WALK,
        pickup_walk_m=offer.pickup.walk_m,
        pickup_walk_s=offer.pickup.walk_s,
        dropoff_walk_m=offer.dropoff.walk_m,
        dropoff_walk_s=offer.dropoff.walk_s,
        distance_m=offer.route.distance_m,
        duration_s=offer.route.duration_s,
        line=[[round(float(lon), 6), round(float(lat), 6)] for lon, lat in offer.route.lonlat],
        pickup_eta_s=offer.pickup_eta_s,
        odd_version=offer.odd_version,
        odd_digest=offer.odd_digest,
        tariff=dict(settings.HANSOM_TARIFF),
    )


@transaction.atomic
def quote(*, rider: User, wish: Wish) -> Quote:
    """Promise the best offer to the rider for `quote_ttl_s`; its ride is born `quoted`. Raises Refusal."""
    now = clock.now()
    offer = selectors.offer(wish, now=now)
    ride = _ride_of(rider, offer, now)
    ride.save(force_insert=True)
    made = _quote_of(ride, offer, now)
    made.save(force_insert=True)
    ledger.record(
        kind="ride.quoted",
        subject_type="ride",
        subject_id=ride.id,
        actor=actor_of(rider),
        data={
            "price_minor": ride.price_minor,
            "currency": ride.currency,
            "odd_version": made.odd_version,
            "pickup_eta_s": made.pickup_eta_s,
        },
    )
    return made


@transaction.atomic
def book(*, rider: User, quote_id: UUID) -> Ride:
    """Turn the rider's quote into a ride that wants a car.

    Raises NotFound for a foreign quote, Refusal `quote_expired` (410), Conflict `quote_used` and
    `too_many_open_rides`, and what `selectors.still_allowed` raises when the domain has changed since.
    """
    # One booking of a rider at a time, so that the cap holds against any number of requests at once.
    User.objects.select_for_update(no_key=True).get(pk=rider.pk)
    made = selectors.own_quote(rider, quote_id)
    now = clock.now()
    if made.ride.state == RideState.EXPIRED or (made.ride.state == RideState.QUOTED and made.expires_at <= now):
        raise Refusal("quote_expired", "This quote has expired. Ask for a new one.", field="quote_id", status=410)
    if made.ride.state != RideState.QUOTED:
        raise Conflict("quote_used", "This quote is booked already.", field="quote_id")
    limit = settings.HANSOM_MAX_OPEN_RIDES_PER_RIDER
    if ride_selectors.open_count(rider.pk) >= limit:
        raise Conflict("too_many_open_rides", f"At most {limit} rides may be open at a time.", extra={"limit": limit})
    selectors.still_allowed(made, now=now)
    pickup_eta_at = now + timedelta(seconds=made.pickup_eta_s) if made.pickup_eta_s is not None else None
    ride = rides.move(
        ride_id=made.ride_id,
        event=RideEvent.BOOKED,
        actor=actor_of(rider),
        now=now,
        changes={"pickup_eta_at": pickup_eta_at},
    )
    doorbell.ring(WAKE_CHANNEL)
    return ride


def expire(*, now: datetime, actor: str, limit: int = 500) -> int:
    """Let up to `limit` quotes lapse that nobody booked in time; returns how many.

    Rows that are just being booked are passed over: the booking decides.
    """
    with transaction.atomic():
        lapsed = list(
            Ride.objects.select_for_update(skip_locked=True, of=("self",))
            .filter(state=RideState.QUOTED, quote__expires_at__lte=now)
            .order_by("quote__expires_at")
            .values_list("id", flat=True)[:limit]
        )
        for ride_id in lapsed:
            rides.move(ride_id=ride_id, event=RideEvent.LAPSED, actor=actor, reason=FleetReason.QUOTE_EXPIRED, now=now)
    return len(lapsed)
