"""One ride through the real services: quoted, booked, matched, met, driven, ended, and billed once."""

from collections.abc import Callable

import pytest
from rest_framework.test import APIClient

from dispatch.assignments.dispatcher import TickReport
from dispatch.assignments.models import Assignment
from dispatch.rides import receipts
from dispatch.rides.models import Receipt, Ride
from fleet.base import clock
from fleet.ledger import selectors as ledger
from fleet.ledger.testing import flush
from fleet.missions.models import Command, Mission
from fleet.vehicles.models import Vehicle
from geofence.odd import selectors as odd
from geofence.roads.domain.network import Network
from geofence.roads.domain.router import RoadPosition
from geofence.stops.selectors import StopChoice
from tests.dispatch.actors import Booker, Cars

pytestmark = pytest.mark.django_db


def test_a_ride_is_served_from_booking_to_receipt(
    cars: Cars, booker: Booker, tick: Callable[[], TickReport], places: list[StopChoice]
) -> None:
    vehicle = cars.add(places[2])
    ride_id = booker.book(places[5], places[-5])
    assert booker.ride(ride_id)["state"] == "requested"

    report = tick()
    assert report.counts["assigned"] == 1
    body = booker.ride(ride_id)
    assert (body["state"], body["vehicle"]["plate"]) == ("reserved", vehicle.plate)
    assert body["pickup"]["eta_at"] < body["dropoff"]["eta_at"]
    mission = Mission.objects.get(purpose_id=ride_id)
    assert [stop["kind"] for stop in mission.stops] == ["pickup", "dropoff"]
    assert [stop["wait_for_proceed"] for stop in mission.stops] == [True, False]
    assert Vehicle.objects.get(pk=vehicle.pk).state == "reserved.enroute"

    cars.arrive(ride_id, 0)
    assert booker.ride(ride_id)["state"] == "arrived"
    assert booker.order(ride_id, "start").status_code == 409  # doors are shut
    assert booker.order(ride_id, "unlock").json()["state"] == "boarding"
    assert Command.objects.filter(vehicle=vehicle, kind="unlock_doors").count() == 1
    started = booker.order(ride_id, "start")
    assert (started.status_code, started.json()["state"]) == (200, "boarding")
    assert Command.objects.get(vehicle=vehicle, kind="proceed").body["stop_index"] == 0

    cars.depart(ride_id)
    assert booker.ride(ride_id)["state"] == "on_trip"
    cars.arrive(ride_id, 1)
    assert booker.ride(ride_id)["state"] == "alighting"
    cars.finish(ride_id)
    body = booker.ride(ride_id)
    assert (body["state"], body["ended"], body["receipt"]) == ("completed", True, None)
    assert Vehicle.objects.get(pk=vehicle.pk).state == "available.idle"
    assert Assignment.objects.get(ride_id=ride_id).end_reason == "completed"

    assert receipts.issue_waiting() == 1
    assert receipts.issue_waiting() == 0
    receipt = booker.ride(ride_id)["receipt"]
    assert receipt["amount_minor"] == body["price"]["amount_minor"] == sum(p["amount_minor"] for p in receipt["lines"])
    assert Receipt.objects.count() == 1


def test_the_ledger_tells_the_whole_life_in_order(
    cars: Cars, booker: Booker, tick: Callable[[], TickReport], places: list[StopChoice]
) -> None:
    cars.add(places[2])
    ride_id = booker.book(places[5], places[-5])
    tick()
    cars.arrive(ride_id, 0)
    booker.order(ride_id, "unlock")
    cars.depart(ride_id)
    cars.arrive(ride_id, 1)
    cars.finish(ride_id)
    flush()
    events = [e for e in ledger.of_subject("ride", ride_id) if e.kind == "ride.state_changed"]
    assert [e.data["to"] for e in events] == (
        ["requested", "matching", "reserved", "arrived", "boarding", "on_trip", "alighting", "completed"]
    )
    assert [e.data["mds_event"] for e in events] == (
        [None, None, "reservation_start", "reservation_stop", None, "trip_start", "trip_stop", "trip_end"]
    )
    assert set(events[0].data["fields"]) >= {"state", "pickup", "dropoff", "label", "seats", "price_minor"}
    assert events[2].data["fields"]["vehicle_id"] == str(Assignment.objects.get().vehicle_id)


def test_two_rides_and_two_cars_are_matched_for_the_least_whole(
    cars: Cars,
    new_booker: Callable[[], Booker],
    tick: Callable[[], TickReport],
    places: list[StopChoice],
    city: Network,
) -> None:
    standing = [places[10], places[-1]]
    vehicles = [cars.add(stop) for stop in standing]
    wishes = [new_booker().book(places[20], places[-5]), new_booker().book(places[30], places[-20])]
    pickups = [
        RoadPosition(ride.pickup_edge, ride.pickup_offset_m) for ride in (Ride.objects.get(pk=wish) for wish in wishes)
    ]
    assert tick().counts["assigned"] == 2
    drive = odd.planner(clock.now(), network=city).travel_times([stop.position for stop in standing], pickups)
    straight, crossed = drive[0, 0] + drive[1, 1], drive[0, 1] + drive[1, 0]
    first = 0 if straight < crossed else 1
    served = dict(Ride.objects.values_list("id", "vehicle_id"))
    assert served == {wishes[first]: vehicles[0].id, wishes[1 - first]: vehicles[1].id}


def test_a_second_unlock_or_start_changes_nothing(
    cars: Cars, booker: Booker, tick: Callable[[], TickReport], places: list[StopChoice]
) -> None:
    vehicle = cars.add(places[2])
    ride_id = booker.book(places[5], places[-5])
    tick()
    cars.arrive(ride_id, 0)
    for _ in range(2):
        assert booker.order(ride_id, "unlock").status_code == 200
    for _ in range(3):
        assert booker.order(ride_id, "start").status_code == 200
    assert Command.objects.filter(vehicle=vehicle, kind="proceed").count() == 1


def test_nobody_else_may_see_or_direct_the_ride(
    cars: Cars,
    booker: Booker,
    new_booker: Callable[[], Booker],
    client_of: Callable[..., APIClient],
    tick: Callable[[], TickReport],
    places: list[StopChoice],
) -> None:
    from fleet.access.domain import Role

    cars.add(places[2])
    ride_id = booker.book(places[5], places[-5])
    tick()
    cars.arrive(ride_id, 0)
    stranger = new_booker()
    assert stranger.api.get(f"/api/rides/{ride_id}").status_code == 404
    assert stranger.api.get(f"/api/rides/{ride_id}/tracking").status_code == 404
    for verb in ("unlock", "start", "cancel"):
        assert stranger.order(ride_id, verb).status_code == 404
    assert stranger.api.get("/api/rides").json()["results"] == []
    assert Ride.objects.get(pk=ride_id).state == "arrived"
    operator = client_of(Role.OPERATOR)
    assert operator.get(f"/api/rides/{ride_id}").status_code == 200
    assert operator.get("/api/rides").json()["results"][0]["id"] == str(ride_id)
    assert client_of(Role.REGULATOR).post(f"/api/rides/{ride_id}/cancel", {}, format="json").status_code == 403


def test_tracking_shows_the_car_and_the_road_before_it(
    cars: Cars, booker: Booker, tick: Callable[[], TickReport], places: list[StopChoice]
) -> None:
    vehicle = cars.add(places[2])
    ride_id = booker.book(places[5], places[-5])
    before = booker.api.get(f"/api/rides/{ride_id}/tracking").json()
    assert (before["car"], before["route"]) == (None, [])
    tick()
    cars.seen(vehicle.id, places[2], remaining_s=77.0)
    shown = booker.api.get(f"/api/rides/{ride_id}/tracking").json()
    assert (shown["car"]["lon"], shown["car"]["stale"]) == (places[2].lon, False)
    assert [leg["stop"] for leg in shown["route"]] == ["pickup", "dropoff"]
    assert shown["pickup_eta_at"] < shown["dropoff_eta_at"]
