"""The demand player: trips from seeds and files, and an app that is patient and books once."""

import random
from itertools import islice

import httpx
import pytest

from dispatch.demand.client import App, Refused
from dispatch.demand.domain import Outcome, Tally, burst, from_csv, over_the_day, steady
from dispatch.demand.player import Pace, Player


def test_steady_demand_has_its_rate_and_the_same_seed_gives_the_same_trips() -> None:
    trips = list(islice(steady(30.0, random.Random(3)), 2000))
    assert trips == list(islice(steady(30.0, random.Random(3)), 2000))
    assert trips[-1].at_s / 2000 == pytest.approx(2.0, rel=0.1)


def test_demand_over_the_day_has_peaks() -> None:
    trips = list(islice(over_the_day(14.0, random.Random(5), start_hour=0.0), 20000))
    hours = [int(trip.at_s // 3600) % 24 for trip in trips if trip.at_s < 86400]
    assert hours.count(18) > 3 * hours.count(3)


def test_trips_are_read_from_a_file_and_a_bad_line_is_named() -> None:
    head = "at_s,pickup_lon,pickup_lat,dropoff_lon,dropoff_lat,seats,wheelchair"
    trips = list(from_csv([head, "5,7.41,43.73,7.42,43.74,2,yes", "9,7.41,43.73,7.42,43.74,,"]))
    assert [(t.at_s, t.seats, t.wheelchair) for t in trips] == [(5.0, 2, True), (9.0, 1, False)]
    for bad in ("5,east,43,7,43,1,", "5,7,99,7,43,1,", "-1,7,43,7,43,1,"):
        with pytest.raises(ValueError, match="line 2"):
            list(from_csv([head, bad]))
    with pytest.raises(ValueError, match="pickup_lon"):
        list(from_csv(["at_s", "1"]))


def test_the_summary_counts_waits_and_ends() -> None:
    tally = Tally([Outcome("a", "completed", "", 60.0, 300.0), Outcome("b", "unfinished"), Outcome()])
    tally.refusals["no_go"] += 2
    summary = tally.summary()
    assert (summary["wished"], summary["booked"], summary["wait_mean_s"]) == (3, 2, 60.0)
    assert summary["ends"] == {"completed": 1, "unfinished": 1, "not_booked": 1}
    assert [o.ride_id for o in tally.unfinished] == ["b"]


async def test_a_call_is_repeated_with_the_same_key_while_the_server_is_away() -> None:
    keys: list[str] = []

    def server(request: httpx.Request) -> httpx.Response:
        keys.append(request.headers["Idempotency-Key"])
        if len(keys) == 1:
            raise httpx.ConnectError("refused")
        return httpx.Response(503 if len(keys) == 2 else 201, json={"id": "r"})

    async with httpx.AsyncClient(transport=httpx.MockTransport(server), base_url="http://x") as http:
        app = App(http)
        assert await app.call("POST", "/api/rides", body={}) == {"id": "r"}
    assert len(keys) == 3
    assert len(set(keys)) == 1
    assert app.retries == 2


async def test_a_refusal_is_not_repeated() -> None:
    calls: list[str] = []

    def server(request: httpx.Request) -> httpx.Response:
        calls.append(request.url.path)
        return httpx.Response(409, json={"code": "quote_used", "detail": "x"})

    async with httpx.AsyncClient(transport=httpx.MockTransport(server), base_url="http://x") as http:
        with pytest.raises(Refused) as refused:
            await App(http).call("POST", "/api/rides", body={})
    assert (refused.value.code, len(calls)) == ("quote_used", 1)


async def test_a_rider_presses_the_buttons_and_rides_to_the_end() -> None:
    """Against a small server that tells a ride's life, one state a look."""
    states = iter(["requested", "reserved", "arrived", "arrived", "boarding", "boarding", "on_trip", "completed"])
    pressed: list[str] = []
    area = {"type": "Polygon", "coordinates": [[[7.0, 43.0], [7.1, 43.0], [7.1, 43.1], [7.0, 43.1], [7.0, 43.0]]]}
    ride = {"id": "r", "requested_at": "2026-01-01T00:00:00Z", "arrived_at": "2026-01-01T00:00:30Z", "end_reason": ""}
    ride |= {"started_at": "2026-01-01T00:01:00Z", "ended_at": "2026-01-01T00:02:00Z"}

    def server(request: httpx.Request) -> httpx.Response:
        path = request.url.path
        if path == "/api/service-area":
            return httpx.Response(200, json={"features": [{"properties": {"kind": "service_area"}, "geometry": area}]})
        if request.method == "POST" and path.startswith("/api/rides/"):
            pressed.append(path.rsplit("/", 1)[1])
        if path == "/api/rides/r":
            state = next(states)
            return httpx.Response(200, json={**ride, "state": state, "ended": state == "completed"})
        return httpx.Response(201, json={"id": "r", "token": "t"})

    async with httpx.AsyncClient(transport=httpx.MockTransport(server), base_url="http://x") as http:
        pace = Pace(time_factor=1000.0, poll_s=0.0)
        player = Player(app=App(http), pace=pace, rng=random.Random(1), run="t")
        tally = await player.play(islice(steady(60, random.Random(1)), 1))
    assert pressed == ["unlock", "start"]
    assert tally.outcomes == [Outcome("r", "completed", "", 30_000.0, 60_000.0)]


def test_a_burst_comes_in_the_first_minute_and_in_order() -> None:
    trips = burst(30, 60.0, random.Random(2))
    assert len(trips) == 30
    assert 0.0 <= trips[0].at_s <= trips[-1].at_s <= 60.0
    assert [trip.at_s for trip in trips] == sorted(trip.at_s for trip in trips)
