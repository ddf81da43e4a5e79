"""Booking once: expired, foreign and used quotes, a domain that changed, the cap, and cancelling."""

import threading
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.conf import settings
from django.db import connection
from rest_framework.test import APIClient

from dispatch.assignments.dispatcher import TickReport
from dispatch.quotes import services as quotes
from dispatch.quotes.models import Quote
from dispatch.rides.models import Ride
from fleet.access.models import User
from fleet.base import clock
from fleet.vehicles.models import Vehicle
from geofence.base.errors import Conflict
from geofence.roads.domain.network import Network
from geofence.stops.selectors import StopChoice
from geofence.zones import services as zones
from tests.dispatch.actors import Booker, Cars
from tests.dispatch.stories import close_area

pytestmark = pytest.mark.django_db


def test_booking_twice_with_one_key_makes_one_ride(booker: Booker, places: list[StopChoice]) -> None:
    quote_id = booker.quote(places[5], places[-5]).json()["id"]
    first = booker.post("/api/rides", {"quote_id": quote_id}, key="mine")
    again = booker.post("/api/rides", {"quote_id": quote_id}, key="mine")
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json()["id"] == again.json()["id"]
    assert again.headers["Idempotent-Replayed"] == "true"
    other = booker.post("/api/rides", {"quote_id": quote_id}, key="another")
    assert (other.status_code, other.json()["code"]) == (409, "quote_used")
    assert Ride.objects.exclude(requested_at=None).count() == 1


def test_an_expired_quote_is_gone_before_and_after_it_has_lapsed(
    booker: Booker, places: list[StopChoice], tick: Callable[[], TickReport]
) -> None:
    quote_id = booker.quote(places[5], places[-5]).json()["id"]
    past = clock.now() - timedelta(seconds=1)
    Quote.objects.filter(pk=quote_id).update(created_at=past - timedelta(seconds=9), expires_at=past)
    for _ in range(2):
        answer = booker.post("/api/rides", {"quote_id": quote_id})
        assert (answer.status_code, answer.json()["code"]) == (410, "quote_expired")
        tick()
    ride = Ride.objects.get()
    assert (ride.state, ride.end_reason, ride.requested_at) == ("expired", "quote_expired", None)


def test_a_foreign_or_unknown_quote_is_not_found(
    booker: Booker, new_booker: Callable[[], Booker], places: list[StopChoice]
) -> None:
    quote_id = booker.quote(places[5], places[-5]).json()["id"]
    for asker, wanted in ((new_booker(), quote_id), (booker, str(uuid4()))):
        answer = asker.post("/api/rides", {"quote_id": wanted})
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert Ride.objects.get().state == "quoted"


def test_a_quote_whose_stop_was_closed_since_is_refused_with_the_reason(
    booker: Booker, places: list[StopChoice]
) -> None:
    body = booker.quote(places[5], places[-5]).json()
    close_area("no_go", "Fire", body["dropoff"]["lon"], body["dropoff"]["lat"])
    answer = booker.post("/api/rides", {"quote_id": body["id"]})
    assert (answer.status_code, answer.json()["code"]) == (422, "stop_closed")
    assert answer.json()["zone_name"] == "Fire"
    assert Ride.objects.get().state == "quoted"


def test_an_open_ride_whose_area_is_closed_is_rejected_with_the_reason(
    booker: Booker, cars: Cars, places: list[StopChoice], tick: Callable[[], TickReport]
) -> None:
    cars.add(places[0])
    ride_id = booker.book(places[5], places[-5])
    close_area("emergency", "Flood", Ride.objects.get().dropoff_lon, Ride.objects.get().dropoff_lat)
    tick()
    body = booker.ride(ride_id)
    assert (body["state"], body["end_reason"], body["ended"]) == ("rejected", "outside_odd", True)


def test_the_cap_of_open_rides_is_told(booker: Booker, places: list[StopChoice]) -> None:
    for _ in range(settings.HANSOM_MAX_OPEN_RIDES_PER_RIDER):
        booker.book(places[5], places[-5])
    quote_id = booker.quote(places[5], places[-5]).json()["id"]
    answer = booker.post("/api/rides", {"quote_id": quote_id})
    assert (answer.status_code, answer.json()["code"]) == (409, "too_many_open_rides")
    assert Ride.objects.filter(state="quoted").count() == 1


def test_a_body_of_a_megabyte_is_refused(booker: Booker, places: list[StopChoice]) -> None:
    answer = booker.post("/api/rides", {"quote_id": "x" * 1_000_000})
    assert answer.status_code == 413
    assert Ride.objects.count() == 0


@pytest.mark.parametrize("body", [{}, {"quote_id": "7"}, {"quote_id": None}, [], {"quote_id": ["a"]}])
def test_a_booking_that_is_none_is_refused(booker: Booker, places: list[StopChoice], body: object) -> None:
    answer = booker.post("/api/rides", body)
    assert answer.status_code == 400
    assert Ride.objects.count() == 0


def test_cancelling_while_waiting_ends_the_ride_with_its_reason(
    booker: Booker, places: list[StopChoice], tick: Callable[[], TickReport]
) -> None:
    ride_id = booker.book(places[5], places[-5])
    tick()
    answer = booker.order(ride_id, "cancel", {"reason": "wait_too_long", "note": "took the tram"})
    assert (answer.json()["state"], answer.json()["end_reason"]) == ("cancelled", "wait_too_long")
    assert booker.order(ride_id, "cancel").status_code == 409
    assert booker.order(ride_id, "cancel", {"reason": "because"}).status_code == 400


def test_cancelling_frees_the_car_at_once(
    booker: Booker, cars: Cars, places: list[StopChoice], tick: Callable[[], TickReport]
) -> None:
    vehicle = cars.add(places[0])
    ride_id = booker.book(places[5], places[-5])
    tick()
    assert booker.order(ride_id, "cancel", {"reason": "changed_plans"}).json()["state"] == "cancelled"
    assert Vehicle.objects.get(pk=vehicle.pk).state == "available.idle"
    assert vehicle.missions.get().state == "cancelled"


def test_on_board_it_is_too_late_to_cancel(
    booker: Booker, cars: Cars, places: list[StopChoice], tick: Callable[[], TickReport]
) -> None:
    cars.add(places[0])
    ride_id = booker.book(places[5], places[-5])
    tick()
    cars.arrive(ride_id, 0)
    booker.order(ride_id, "unlock")
    cars.depart(ride_id)
    answer = booker.order(ride_id, "cancel", {"reason": "other"})
    assert (answer.status_code, answer.json()["code"], answer.json()["state"]) == (409, "ride_state", "on_trip")
    assert Ride.objects.get(pk=ride_id).state == "on_trip"


def test_an_operator_cancels_and_reassigns_with_a_note(
    booker: Booker,
    cars: Cars,
    places: list[StopChoice],
    tick: Callable[[], TickReport],
    client_of: Callable[..., APIClient],
) -> None:
    from fleet.access.domain import Role

    first, second = cars.add(places[4]), cars.add(places[-1])
    ride_id = booker.book(places[5], places[-5])
    tick()
    operator = client_of(Role.OPERATOR)
    url = f"/api/rides/{ride_id}"
    assert operator.post(f"{url}/reassign", {}, format="json", headers={"Idempotency-Key": "r"}).status_code == 200
    assert Ride.objects.get(pk=ride_id).state == "matching"
    tick()
    served = {first.id, second.id} - {Ride.objects.get(pk=ride_id).vehicle_id}
    assert len(served) == 1  # the other car, not the same again
    assert Vehicle.objects.get(pk=served.pop()).state == "available.idle"
    short = operator.post(f"{url}/cancel", {"note": ""}, format="json", headers={"Idempotency-Key": "c"})
    assert short.status_code == 400
    done = operator.post(f"{url}/cancel", {"note": "road closed"}, format="json", headers={"Idempotency-Key": "d"})
    assert (done.json()["state"], done.json()["end_reason"]) == ("cancelled", "operator")


@pytest.mark.django_db(transaction=True)
def test_the_cap_holds_against_bookings_at_the_same_moment(
    city: Network, booker: Booker, places: list[StopChoice]
) -> None:
    limit = settings.HANSOM_MAX_OPEN_RIDES_PER_RIDER
    quote_ids = [UUID(booker.quote(places[5], places[-5]).json()["id"]) for _ in range(limit + 4)]
    rider = User.objects.get(pk=booker.user.pk)
    answers: list[str] = []
    barrier = threading.Barrier(len(quote_ids))

    def book(quote_id: UUID) -> None:
        barrier.wait()
        try:
            quotes.book(rider=rider, quote_id=quote_id)
            answers.append("booked")
        except Conflict as error:
            answers.append(error.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=book, args=(quote_id,)) for quote_id in quote_ids]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == ["booked"] * limit + ["too_many_open_rides"] * 4
    assert Ride.objects.filter(state="requested").count() == limit


def test_publishing_elsewhere_does_not_hinder_a_booking(booker: Booker, places: list[StopChoice]) -> None:
    quote_id = booker.quote(places[5], places[-5]).json()["id"]
    west = min(stop.lon for stop in places) - 1
    area = {"type": "Polygon", "coordinates": [[[west, 0], [west + 0.1, 0], [west + 0.1, 0.1], [west, 0]]]}
    zone = zones.draft(kind="no_go", name="Far away", geometry=area, by="test", params={})
    zones.publish(zone_ids=[zone.id], by="test", note="test")
    assert booker.post("/api/rides", {"quote_id": quote_id}).status_code == 201
