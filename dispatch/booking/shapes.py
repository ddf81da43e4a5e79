"""What goes over the wire: requests checked field by field, answers in one shape each."""

from datetime import timedelta
from typing import Any

from rest_framework import serializers

from dispatch.assignments.selectors import tracking
from dispatch.quotes.domain.meeting import Preference
from dispatch.quotes.models import Quote
from dispatch.quotes.offer import Place, Wish
from dispatch.quotes.selectors import BOARDING_S
from dispatch.rides import selectors as rides
from dispatch.rides.domain.machine import RideState
from dispatch.rides.domain.public import label_of
from dispatch.rides.domain.reasons import RiderReason
from dispatch.rides.models import Ride
from fleet.base import clock
from fleet.base.fields import IdField, LineField, NumberField, TruthField, WholeField

MAX_SEATS = 16


class PlaceIn(serializers.Serializer[Any]):
    lon = NumberField(min_value=-180, max_value=180, help_text="WGS84 degrees")
    lat = NumberField(min_value=-90, max_value=90, help_text="WGS84 degrees")


class QuoteIn(serializers.Serializer[Any]):
    pickup = PlaceIn()
    dropoff = PlaceIn()
    seats = WholeField(min_value=1, max_value=MAX_SEATS, default=1)
    wheelchair = TruthField(default=False)
    preference = serializers.ChoiceField(
        [choice.value for choice in Preference],
        default=Preference.FASTEST.value,
        help_text="fastest: least walking and driving together; shortest_walk: as little walking as possible",
    )

    def wish(self) -> Wish:
        """The checked request. Call after `is_valid`."""
        given = self.validated_data
        return Wish(
            Place(**given["pickup"]),
            Place(**given["dropoff"]),
            given["seats"],
            given["wheelchair"],
            Preference(given["preference"]),
        )


class BookIn(serializers.Serializer[Any]):
    quote_id = IdField()


class CancelIn(serializers.Serializer[Any]):
    reason = serializers.ChoiceField([reason.value for reason in RiderReason], default=RiderReason.OTHER.value)
    note = LineField(max_length=200, allow_blank=True, default="")


class NothingIn(serializers.Serializer[Any]):
    """An empty object."""


class NoteIn(serializers.Serializer[Any]):
    note = LineField(max_length=200, min_length=3)


class ReassignIn(serializers.Serializer[Any]):
    note = LineField(max_length=200, allow_blank=True, default="", help_text="Why; it goes into the ledger.")


class MoneyPart(serializers.Serializer[Any]):
    code = serializers.CharField()
    amount_minor = serializers.IntegerField()


class PriceOut(serializers.Serializer[Any]):
    amount_minor = serializers.IntegerField(help_text="in minor units, such as cents")
    currency = serializers.CharField()
    parts = MoneyPart(many=True)


class StopOut(serializers.Serializer[Any]):
    stop_id = serializers.UUIDField(allow_null=True)
    lon = serializers.FloatField()
    lat = serializers.FloatField()
    name = serializers.CharField()
    walk_m = serializers.FloatField()
    walk_s = serializers.FloatField()
    eta_at = serializers.DateTimeField(allow_null=True, help_text="null: nobody can say now")


class TripOut(serializers.Serializer[Any]):
    distance_m = serializers.FloatField()
    duration_s = serializers.FloatField()
    lonlat = serializers.ListField(child=serializers.ListField(child=serializers.FloatField()))


class QuoteOut(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    created_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField()
    price = PriceOut()
    pickup = StopOut()
    dropoff = StopOut()
    trip = TripOut()
    car_free = serializers.BooleanField(help_text="false: no car is free now, so that no time can be promised")
    pickup_eta_s = serializers.FloatField(allow_null=True)
    seats = serializers.IntegerField()
    wheelchair = serializers.BooleanField()
    odd_version = serializers.IntegerField()


class CarOut(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    plate = serializers.CharField()
    platform = serializers.CharField()


class ReceiptOut(serializers.Serializer[Any]):
    number = serializers.CharField()
    issued_at = serializers.DateTimeField()
    amount_minor = serializers.IntegerField()
    currency = serializers.CharField()
    lines = MoneyPart(many=True)


class RideOut(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    label = serializers.CharField()  # type: ignore[assignment]  # a field of that name, not the label of a field
    state = serializers.ChoiceField([state.value for state in RideState])
    state_since = serializers.DateTimeField()
    ended = serializers.BooleanField()
    requested_at = serializers.DateTimeField()
    pickup = StopOut()
    dropoff = StopOut()
    seats = serializers.IntegerField()
    wheelchair = serializers.BooleanField()
    price = PriceOut()
    vehicle = CarOut(allow_null=True)
    arrived_at = serializers.DateTimeField(allow_null=True)
    start_asked_at = serializers.DateTimeField(allow_null=True)
    started_at = serializers.DateTimeField(allow_null=True)
    ended_at = serializers.DateTimeField(allow_null=True)
    end_reason = serializers.CharField()
    receipt = ReceiptOut(allow_null=True)


class CarPositionOut(serializers.Serializer[Any]):
    lon = serializers.FloatField()
    lat = serializers.FloatField()
    heading_deg = serializers.FloatField(help_text="clockwise from north")
    speed_mps = serializers.FloatField()
    seen_at = serializers.DateTimeField()
    stale = serializers.BooleanField()


class LegOut(serializers.Serializer[Any]):
    stop = serializers.CharField()
    lonlat = serializers.ListField(child=serializers.ListField(child=serializers.FloatField()))


class TrackingOut(serializers.Serializer[Any]):
    state = serializers.CharField()
    car = CarPositionOut(allow_null=True)
    pickup_eta_at = serializers.DateTimeField(allow_null=True)
    dropoff_eta_at = serializers.DateTimeField(allow_null=True)
    route = LegOut(many=True)


def price_row(ride: Ride) -> dict[str, Any]:
    return {"amount_minor": ride.price_minor, "currency": ride.currency, "parts": ride.price_parts}


def _stop_row(ride: Ride, end: str, quote: Quote, eta_at: Any) -> dict[str, Any]:
    names = ("stop_id", "lon", "lat", "name")
    walks = ("walk_m", "walk_s")
    return {
        **{name: getattr(ride, f"{end}_{name}") for name in names},
        **{name: round(getattr(quote, f"{end}_{name}"), 1) for name in walks},
        "eta_at": eta_at,
    }


def quote_body(quote: Quote) -> dict[str, Any]:
    """A quote as `QuoteOut`."""
    ride, eta_s = quote.ride, quote.pickup_eta_s
    pickup_at = quote.created_at + timedelta(seconds=eta_s) if eta_s is not None else None
    dropoff_at = pickup_at + timedelta(seconds=BOARDING_S + quote.duration_s) if pickup_at else None
    row = {
        "id": quote.id,
        "created_at": quote.created_at,
        "expires_at": quote.expires_at,
        "price": price_row(ride),
        "pickup": _stop_row(ride, "pickup", quote, pickup_at),
        "dropoff": _stop_row(ride, "dropoff", quote, dropoff_at),
        "trip": {
            "distance_m": round(quote.distance_m, 1),
            "duration_s": round(quote.duration_s, 1),
            "lonlat": quote.line,
        },
        "car_free": eta_s is not None,
        "pickup_eta_s": None if eta_s is None else round(eta_s, 1),
        "seats": ride.seats,
        "wheelchair": ride.wheelchair,
        "odd_version": quote.odd_version,
    }
    return dict(QuoteOut(row).data)


def ride_row(ride: Ride) -> dict[str, Any]:
    """The fields of `RideOut`."""
    names = ["id", "state", "state_since", "requested_at", "seats", "wheelchair", "arrived_at", "start_asked_at"]
    names += ["started_at", "ended_at", "end_reason"]
    receipt = rides.receipt_of(ride)
    car = ride.vehicle
    return {
        **{name: getattr(ride, name) for name in names},
        "label": label_of(ride.id),
        "ended": ride.ended_at is not None,
        "pickup": _stop_row(ride, "pickup", ride.quote, ride.pickup_eta_at),
        "dropoff": _stop_row(ride, "dropoff", ride.quote, ride.dropoff_eta_at),
        "price": price_row(ride),
        "vehicle": car and {"id": car.id, "plate": car.plate, "platform": car.platform},
        "receipt": receipt,
    }


def ride_body(ride: Ride) -> dict[str, Any]:
    """A ride as `RideOut`."""
    return dict(RideOut(ride_row(ride)).data)


def tracking_body(ride: Ride) -> dict[str, Any]:
    """Where the car is, as `TrackingOut`; without a car only the state."""
    none: dict[str, Any] = {"car": None, "pickup_eta_at": None, "dropoff_eta_at": None, "route": []}
    return {"state": ride.state, **(tracking(ride, clock.now()) or none)}
