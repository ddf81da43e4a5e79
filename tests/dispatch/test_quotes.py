"""Quotes: the best legal places, an honest time, an exact price; and refusals that say why and where."""

from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings

from dispatch.quotes.domain.meeting import Preference, ranked_pairs
from dispatch.quotes.domain.price import price
from dispatch.quotes.models import Quote
from dispatch.rides.models import Ride
from fleet.base import clock
from geofence.odd import selectors as odd
from geofence.roads.domain.network import Network
from geofence.stops.selectors import StopChoice
from tests.dispatch.actors import Booker, Cars
from tests.dispatch.stories import close_area

pytestmark = pytest.mark.django_db


def test_a_quote_names_legal_stops_price_times_and_the_road(
    booker: Booker, cars: Cars, places: list[StopChoice]
) -> None:
    cars.add(places[0])
    answer = booker.quote(places[5], places[-5], seats=2)
    body = answer.json()
    assert answer.status_code == 201
    assert (body["seats"], body["car_free"]) == (2, True)
    known = {str(stop.id) for stop in places}
    assert {body["pickup"]["stop_id"], body["dropoff"]["stop_id"]} <= known
    exact = price(
        distance_m=Quote.objects.get().distance_m,
        duration_s=Quote.objects.get().duration_s,
        tariff=settings.HANSOM_TARIFF,
    )
    assert body["price"]["amount_minor"] == exact.amount_minor == sum(p["amount_minor"] for p in body["price"]["parts"])
    assert body["pickup"]["eta_at"] < body["dropoff"]["eta_at"]
    assert len(body["trip"]["lonlat"]) >= 2
    assert Ride.objects.get().state == "quoted"


def test_pickup_time_is_the_drive_of_the_nearest_free_car(
    booker: Booker, cars: Cars, places: list[StopChoice], city: Network
) -> None:
    for stop in (places[0], places[-1], places[20]):
        cars.add(stop)
    body = booker.quote(places[5], places[-5]).json()
    pickup = next(stop for stop in places if str(stop.id) == body["pickup"]["stop_id"])
    planner = odd.planner(clock.now(), network=city)
    drives = planner.travel_times([s.position for s in (places[0], places[-1], places[20])], [pickup.position])
    assert body["pickup_eta_s"] == pytest.approx(float(drives.min()), abs=0.1)


def test_without_a_free_car_the_quote_says_so(booker: Booker, places: list[StopChoice]) -> None:
    body = booker.quote(places[5], places[-5]).json()
    assert (body["car_free"], body["pickup_eta_s"], body["pickup"]["eta_at"]) == (False, None, None)


def test_cars_for_which_others_wait_are_not_promised_twice(
    cars: Cars, booker: Booker, new_booker: Callable[[], Booker], places: list[StopChoice]
) -> None:
    cars.add(places[0])
    booker.book(places[5], places[-5])
    assert new_booker().quote(places[5], places[-5]).json()["car_free"] is False


def test_shortest_walk_walks_less_and_fastest_takes_less_time_in_all(booker: Booker, places: list[StopChoice]) -> None:
    import numpy as np

    drive = np.array([[100.0, 400.0], [20.0, np.inf]])
    assert ranked_pairs([10, 60], [5, 5], drive, Preference.FASTEST)[0] == (1, 0)
    assert ranked_pairs([10, 60], [5, 5], drive, Preference.SHORTEST_WALK)[0] == (0, 0)
    assert (1, 1) not in ranked_pairs([10, 60], [5, 5], drive, Preference.FASTEST)
    walks = {}
    for preference in ("fastest", "shortest_walk"):
        body = booker.quote(places[5], places[-5], preference=preference).json()
        walks[preference] = body["pickup"]["walk_s"] + body["dropoff"]["walk_s"]
    assert walks["shortest_walk"] <= walks["fastest"]


def test_a_pickup_outside_the_area_is_refused_with_place_and_reason(booker: Booker, places: list[StopChoice]) -> None:
    answer = booker.post(
        "/api/quotes", {"pickup": {"lon": 0.0, "lat": 0.0}, "dropoff": {"lon": places[0].lon, "lat": places[0].lat}}
    )
    body = answer.json()
    assert (answer.status_code, body["code"]) == (422, "outside_service_area")
    assert body["errors"][0]["field"] == "pickup"
    assert body["place"] == {"lon": 0.0, "lat": 0.0}
    assert Ride.objects.count() == Quote.objects.count() == 0


def test_a_dropoff_in_a_new_no_go_zone_is_refused_with_the_zones_name(booker: Booker, places: list[StopChoice]) -> None:
    assert booker.quote(places[5], places[-5]).status_code == 201
    close_area("no_go", "Street market", places[-5].lon, places[-5].lat)
    body = booker.quote(places[5], places[-5]).json()
    assert (body["code"], body["zone_name"], body["errors"][0]["field"]) == ("no_go", "Street market", "dropoff")
    assert body["reasons"] == ["no_go"]


def test_a_route_goes_around_a_no_go_zone(booker: Booker, places: list[StopChoice], city: Network) -> None:
    before = booker.quote(places[5], places[-5]).json()
    middle = before["trip"]["lonlat"][len(before["trip"]["lonlat"]) // 2]
    close_area("no_go", "Closed square", middle[0], middle[1], 0.0003)
    after = booker.quote(places[5], places[-5])
    assert after.status_code in (201, 422)
    if after.status_code == 201:
        line = after.json()["trip"]["lonlat"]
        inside = [p for p in line if abs(p[0] - middle[0]) < 0.0003 and abs(p[1] - middle[1]) < 0.0003]
        assert inside == []
        assert after.json()["odd_version"] == before["odd_version"] + 1
    else:
        assert after.json()["code"] in ("outside_odd", "no_route")
        assert after.json()["violations"][0]["reason"] == "no_go"


def test_without_a_stop_in_reach_the_quote_is_refused(booker: Booker, places: list[StopChoice]) -> None:
    assert booker.quote(places[5], places[-5]).status_code == 201
    # More than 500 m each way: nobody may get in anywhere near.
    close_area("no_stop", "Parade", places[5].lon, places[5].lat, 0.01)
    body = booker.quote(places[5], places[-5]).json()
    assert body["code"] == "no_stop_near"
    assert body["errors"][0]["field"] in ("pickup", "dropoff")
    assert Ride.objects.count() == 1


def test_walking_distance_and_capacity_are_refused_with_the_limit(
    booker: Booker, cars: Cars, places: list[StopChoice]
) -> None:
    cars.add(places[0], seats=4)
    near = booker.quote(places[5], places[5]).json()
    assert near["code"] == "too_close"
    assert near["min_m"] == 150.0
    many = booker.quote(places[5], places[-5], seats=5).json()
    assert (many["code"], many["max_seats"]) == ("too_many_seats", 4)
    assert booker.quote(places[5], places[-5], wheelchair=True).json()["code"] == "no_accessible_car"


@pytest.mark.parametrize(
    ("place", "field"),
    [
        ({"lon": 181, "lat": 0}, "pickup.lon"),
        ({"lon": 0, "lat": 95}, "pickup.lat"),
        ({"lon": "east", "lat": 0}, "pickup.lon"),
        ({"lat": 0}, "pickup.lon"),
        (None, "pickup"),
        ([1, 2], "pickup"),
        ({"lon": True, "lat": None}, "pickup.lat"),
    ],
)
def test_a_place_that_is_none_is_refused_by_field(
    booker: Booker, places: list[StopChoice], place: Any, field: str
) -> None:
    body = booker.post("/api/quotes", {"pickup": place, "dropoff": {"lon": places[0].lon, "lat": places[0].lat}}).json()
    assert body["status"] == 400
    assert field in [error["field"] for error in body["errors"]]
    assert Quote.objects.count() == 0


@pytest.mark.parametrize("number", ["NaN", "Infinity", "1e400"])
def test_a_number_that_is_none_never_arrives(booker: Booker, number: str) -> None:
    text = f'{{"pickup": {{"lon": {number}, "lat": 0}}, "dropoff": {{"lon": 0, "lat": 0}}}}'
    answer = booker.api.generic(
        "POST", "/api/quotes", text, content_type="application/json", headers={"Idempotency-Key": "n"}
    )
    assert answer.status_code == 400
    assert answer.json()["code"] == "parse_error"


def test_a_quote_without_a_key_is_refused(booker: Booker, places: list[StopChoice]) -> None:
    answer = booker.api.post("/api/quotes", {}, format="json")
    assert (answer.status_code, answer.json()["code"]) == (400, "idempotency_key_required")


def test_the_same_key_gives_the_same_quote_and_another_body_is_refused(
    booker: Booker, places: list[StopChoice]
) -> None:
    ends = {"pickup": {"lon": places[5].lon, "lat": places[5].lat}}
    ends |= {"dropoff": {"lon": places[-5].lon, "lat": places[-5].lat}}
    first = booker.post("/api/quotes", ends, key="once")
    assert booker.post("/api/quotes", ends, key="once").json() == first.json()
    assert booker.post("/api/quotes", {**ends, "seats": 2}, key="once").status_code == 422
    assert Quote.objects.count() == 1


def test_only_riders_ask_for_quotes(client_of: Callable[..., Any], places: list[StopChoice]) -> None:
    from fleet.access.domain import Role

    for role in (Role.OPERATOR, Role.REGULATOR):
        assert client_of(role).post("/api/quotes", {}, format="json").status_code == 403


def test_the_service_area_is_public_geojson(booker: Booker, places: list[StopChoice]) -> None:
    from rest_framework.test import APIClient

    body = APIClient().get("/api/service-area").json()
    assert body["type"] == "FeatureCollection"
    assert [f["properties"]["kind"] for f in body["features"]] == ["service_area"]
    assert len(body["bbox"]) == 4
