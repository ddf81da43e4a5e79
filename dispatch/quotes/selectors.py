"""Finding out what can be offered: legal stops, an allowed road, and the nearest free car. Nothing is written here."""

from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db.models import Max, Q

from dispatch.quotes.cars import free_cars
from dispatch.quotes.domain.meeting import ranked_pairs
from dispatch.quotes.domain.price import price
from dispatch.quotes.models import Quote
from dispatch.quotes.offer import Offer, Place, Wish
from dispatch.rides import selectors as rides
from dispatch.rides.domain.machine import WANTING, RideState
from fleet.access.models import User
from fleet.vehicles.models import Vehicle
from geofence.base.errors import NotFound, Refusal, Unprocessable
from geofence.odd import selectors as odd
from geofence.odd.domain.planner import RoutePlanner
from geofence.odd.domain.verdict import SENTENCES
from geofence.roads import selectors as roads
from geofence.roads.domain.router import RoadPosition, Route
from geofence.stops import selectors as stops
from geofence.stops.selectors import StopChoice

# Boarding and shutting doors, between arrival and departure.
BOARDING_S = 30.0
# Somebody who wants to go less far than this is there on foot before a car has come.
MIN_TRIP_M = 150.0
# How many pairs of stops are tried when zones with hours refuse the best ones.
PAIRS_TRIED = 5


def _point_refusal(planner: RoutePlanner, place: Place, field: str) -> Refusal | None:
    verdict = planner.odd.verdict(place.lon, place.lat, planner.at)
    if verdict.allowed or verdict.reason is None:
        return None
    zone = f" ({verdict.zone_name})" if verdict.zone_name else ""
    return Unprocessable(
        verdict.reason.value,
        f"The {field} can't be served. {SENTENCES[verdict.reason]}{zone}",
        field=field,
        extra={
            "reasons": [verdict.reason.value],
            "place": {"lon": place.lon, "lat": place.lat},
            "zone_id": str(verdict.zone_id) if verdict.zone_id else None,
            "zone_name": verdict.zone_name,
            "odd_version": planner.odd.version,
        },
    )


def _stops_near(planner: RoutePlanner, place: Place, field: str) -> list[StopChoice]:
    refusal = _point_refusal(planner, place, field)
    if refusal is not None:
        raise refusal
    found = stops.near(place.lon, place.lat, at=planner.at, network=planner.network, odd=planner.odd)
    if not found:
        raise Unprocessable(
            "no_stop_near",
            f"No place where a car may stop is within walking distance of the {field}.",
            field=field,
            extra={"place": {"lon": place.lon, "lat": place.lat}},
        )
    return found


def check_capacity(seats: int, wheelchair: bool) -> None:
    """Raises Refusal `too_many_seats` or `no_accessible_car` when no car of the fleet could ever take the ride."""
    fleet = Vehicle.objects.exclude(state__startswith="removed.")
    most = fleet.aggregate(most=Max("seats"), ramp=Max("seats", filter=Q(wheelchair_accessible=True)))
    if most["most"] is not None and seats > most["most"]:
        raise Unprocessable(
            "too_many_seats",
            f"The largest car has {most['most']} seats.",
            field="seats",
            extra={"max_seats": most["most"]},
        )
    if most["most"] is not None and wheelchair and (most["ramp"] or 0) < seats:
        raise Unprocessable(
            "no_accessible_car",
            "No wheelchair accessible car has that many seats.",
            field="wheelchair",
            extra={"max_seats": most["ramp"] or 0},
        )


def pickup_eta_s(planner: RoutePlanner, pickup: RoadPosition, seats: int, wheelchair: bool) -> float | None:
    """Seconds until a free car could be at `pickup`; None when there is none that others don't wait for already.

    With w rides waiting before this one, w cars are taken as gone, and the nearest ones at that.
    """
    fit = [
        car.position
        for car in free_cars(planner.at, planner.network)
        if car.vehicle.seats >= seats and (car.vehicle.wheelchair_accessible or not wheelchair)
    ]
    waiting = rides.in_states(WANTING | {RideState.REQUESTED}).count()
    if len(fit) <= waiting:
        return None
    drive_s = sorted(float(seconds) for seconds in planner.travel_times(fit, [pickup])[:, 0])
    reachable = [seconds for seconds in drive_s if seconds < float("inf")]
    return reachable[waiting] if waiting < len(reachable) else None


def _best_trip(planner: RoutePlanner, wish: Wish) -> tuple[StopChoice, StopChoice, Route]:
    ups = _stops_near(planner, wish.pickup, "pickup")
    downs = _stops_near(planner, wish.dropoff, "dropoff")
    drive_s = planner.travel_times([stop.position for stop in ups], [stop.position for stop in downs])
    pairs = ranked_pairs([stop.walk_s for stop in ups], [stop.walk_s for stop in downs], drive_s, wish.preference)
    refused: Refusal | None = None
    # Without any way the first pair is asked all the same, because its refusal names reasons and places.
    for i, j in pairs[:PAIRS_TRIED] or [(0, 0)]:
        try:
            return ups[i], downs[j], planner.route(ups[i].position, downs[j].position)
        except Refusal as error:
            refused = refused or error
    assert refused is not None
    raise refused


def offer(wish: Wish, *, now: datetime) -> Offer:
    """The best that can be offered at `now`. Raises Refusal with a code, the field at fault and places.

    Codes: `no_service_area`, `outside_service_area`, `no_go`, `emergency`, `no_stop_near`, `outside_odd`, `no_route`,
    `too_close`, `too_many_seats`, `no_accessible_car`, `no_network`.
    """
    check_capacity(wish.seats, wish.wheelchair)
    network = roads.network()
    planner = odd.planner(now, network=network)
    pickup, dropoff, route = _best_trip(planner, wish)
    eta_s = pickup_eta_s(planner, pickup.position, wish.seats, wish.wheelchair)
    # Once more for the time when the car will be there: hours may open or close an area until then.
    departs = now + timedelta(seconds=max(eta_s or 0.0, pickup.walk_s) + BOARDING_S)
    route = odd.planner(departs, network=network, odd=planner.odd).route(pickup.position, dropoff.position)
    if route.distance_m < MIN_TRIP_M:
        raise Unprocessable(
            "too_close",
            f"Pick-up and drop-off are {route.distance_m:.0f} m apart; it is quicker to walk.",
            field="dropoff",
            extra={"distance_m": round(route.distance_m), "min_m": MIN_TRIP_M},
        )
    return Offer(
        wish=wish,
        pickup=pickup,
        dropoff=dropoff,
        route=route,
        price=price(distance_m=route.distance_m, duration_s=route.duration_s, tariff=settings.HANSOM_TARIFF),
        pickup_eta_s=eta_s,
        odd_version=planner.odd.version,
        odd_digest=planner.odd.digest,
        map_digest=network.digest,
    )


def own_quote(rider: User, quote_id: UUID) -> Quote:
    """The rider's quote; raises NotFound for anybody else's."""
    quote = Quote.objects.select_related("ride").filter(pk=quote_id, ride__rider=rider).first()
    if quote is None:
        raise NotFound("There is no such quote.", field="quote_id")
    return quote


def still_allowed(quote: Quote, *, now: datetime) -> None:
    """Raise Refusal, with reasons, when the promised trip may not be driven any more.

    Codes: `map_changed`, `stop_closed`, and those of planning a route.
    """
    ride = quote.ride
    network = roads.network()
    if ride.map_digest != network.digest:
        raise Unprocessable("map_changed", "The map has changed since. Ask for a new quote.", field="quote_id")
    departs = now + timedelta(seconds=max(quote.pickup_eta_s or 0.0, quote.pickup_walk_s) + BOARDING_S)
    planner = odd.planner(departs, network=network)
    for name, lon, lat in (
        ("pickup", ride.pickup_lon, ride.pickup_lat),
        ("dropoff", ride.dropoff_lon, ride.dropoff_lat),
    ):
        verdict = planner.odd.may_stop(lon, lat, departs)
        if not verdict.allowed and verdict.reason is not None:
            raise Unprocessable(
                "stop_closed",
                f"The {name} has been closed since the quote. {SENTENCES[verdict.reason]}",
                field="quote_id",
                extra={
                    "reasons": [verdict.reason.value],
                    "place": {"lon": lon, "lat": lat},
                    "zone_name": verdict.zone_name,
                    "odd_version": planner.odd.version,
                },
            )
    planner.route(
        RoadPosition(ride.pickup_edge, ride.pickup_offset_m), RoadPosition(ride.dropoff_edge, ride.dropoff_offset_m)
    )
