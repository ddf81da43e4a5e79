"""Plays riders: each wishes, books, meets the car, rides and gets out."""

import asyncio
import random
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from shapely import Point
from shapely.geometry import shape

from dispatch.demand.client import App, Refused
from dispatch.demand.domain import Outcome, Tally, Trip

MIN_APART_DEG = 0.004  # places closer together than about 400 m are drawn again
TRIES = 25
START_AGAIN_S = 12.0


@dataclass(frozen=True)
class Pace:
    """`time_factor`: how many seconds of the cars' world pass in a second; the others are wall seconds."""

    time_factor: float = 1.0
    poll_s: float = 1.0
    board_s: float = 4.0  # of the cars' world: opening the door
    seat_s: float = 8.0  # of the cars' world: sitting down and fastening the belt
    ride_limit_s: float = 1800.0


@dataclass
class Player:
    """Plays trips against one server. `random_trip` draws places when a trip has none."""

    app: App
    pace: Pace
    rng: random.Random
    run: str
    ws_url: str | None = None
    on_end: Callable[[Outcome], None] = lambda _: None
    tally: Tally = field(default_factory=Tally)
    _idle_tokens: list[str] = field(default_factory=list)
    _riders: int = 0
    _area: list[Any] = field(default_factory=list)

    async def play(self, trips: Iterable[Trip]) -> Tally:
        """Play all trips, which come in the order of their times; returns when all have ended or given up."""
        await self.learn_area()
        began = time.monotonic()
        async with asyncio.TaskGroup() as group:
            for trip in trips:
                await asyncio.sleep(max(0.0, began + trip.at_s / self.pace.time_factor - time.monotonic()))
                group.create_task(self._one(trip))
        self.tally.retries = self.app.retries
        return self.tally

    async def learn_area(self) -> None:
        """Find out where places may be drawn. Raises Refused `no_service_area`."""
        area = await self.app.call("GET", "/api/service-area")
        polygons = [shape(f["geometry"]) for f in area["features"] if f["properties"]["kind"] == "service_area"]
        if not polygons:
            raise Refused(422, {"code": "no_service_area", "detail": "No service area is published."})
        self._area = polygons

    def _place(self) -> tuple[float, float]:
        areas = [float(polygon.area) for polygon in self._area]
        while True:
            polygon = self.rng.choices(self._area, areas)[0]
            west, south, east, north = polygon.bounds
            lon, lat = self.rng.uniform(west, east), self.rng.uniform(south, north)
            if polygon.contains(Point(lon, lat)):
                return lon, lat

    def ends(self, trip: Trip) -> tuple[tuple[float, float], tuple[float, float]]:
        """The trip's places, or two drawn in the service area that are not close together."""
        if trip.pickup is not None and trip.dropoff is not None:
            return trip.pickup, trip.dropoff
        for _ in range(100):
            a, b = self._place(), self._place()
            if abs(a[0] - b[0]) + abs(a[1] - b[1]) > MIN_APART_DEG:
                break
        return a, b

    async def _one(self, trip: Trip) -> None:
        outcome = Outcome()
        self.tally.outcomes.append(outcome)
        token = self._idle_tokens.pop() if self._idle_tokens else await self.new_rider()
        try:
            ride = await self._book(trip, token)
            if ride is not None:
                outcome.ride_id, outcome.state = ride["id"], "unfinished"
                async with asyncio.timeout(self.pace.ride_limit_s):
                    await self._ride_along(ride["id"], token, outcome)
                self._idle_tokens.append(token)
        except (TimeoutError, Refused) as error:
            outcome.reason = f"{type(error).__name__} {error}".strip()[:120]
        self.on_end(outcome)

    async def new_rider(self) -> str:
        """Sign somebody up; the token."""
        self._riders += 1
        name = f"demand-{self.run}-{self._riders}"
        return await self.app.sign_up(name, f"play {self.run} number {self._riders} as a rider")

    async def _book(self, trip: Trip, token: str) -> dict[str, Any] | None:
        """Ask for quotes until one comes, when the places may be drawn anew; None when none comes."""
        drawn = trip.pickup is None
        for _ in range(TRIES if drawn else 2):
            (a, b), (c, d) = self.ends(trip)
            wish = {"pickup": {"lon": a, "lat": b}, "dropoff": {"lon": c, "lat": d}}
            wish |= {"seats": trip.seats, "wheelchair": trip.wheelchair}  # type: ignore[dict-item]  # plain JSON
            try:
                quote = await self.app.call("POST", "/api/quotes", token=token, body=wish)
                return await self.app.call("POST", "/api/rides", token=token, body={"quote_id": quote["id"]})
            except Refused as refusal:
                self.tally.refusals[refusal.code] += 1
        return None

    async def _ride_along(self, ride_id: str, token: str, outcome: Outcome) -> None:
        done: dict[str, float] = {}
        async for ride in self.app.follow(ride_id, token, every_s=self.pace.poll_s, ws_url=self.ws_url):
            if ride["state"] == "arrived" and self._again(done, "unlock"):
                await asyncio.sleep(self.pace.board_s / self.pace.time_factor)
                await self._order(ride_id, "unlock", token)
            elif ride["state"] == "boarding" and self._again(done, "start"):
                await asyncio.sleep(self.pace.seat_s / self.pace.time_factor)
                await self._order(ride_id, "start", token)
            if ride["ended"]:
                self._note(ride, outcome)
                return

    def _again(self, done: dict[str, float], verb: str) -> bool:
        """Whether to press the button now: the first time, and again when nothing has come of it."""
        now = time.monotonic()
        if now - done.get(verb, -START_AGAIN_S) < START_AGAIN_S:
            return False
        done[verb] = now
        return True

    async def _order(self, ride_id: str, verb: str, token: str) -> None:
        try:
            await self.app.call("POST", f"/api/rides/{ride_id}/{verb}", token=token, body={})
        except Refused as refusal:
            if refusal.status != 409:  # the ride has moved on meanwhile
                raise

    def _note(self, ride: dict[str, Any], outcome: Outcome) -> None:
        outcome.state, outcome.reason = ride["state"], ride["end_reason"]
        outcome.wait_s = self._between(ride["requested_at"], ride["arrived_at"])
        outcome.ride_s = self._between(ride["started_at"], ride["ended_at"])

    def _between(self, first: str | None, then: str | None) -> float | None:
        if not first or not then:
            return None
        seconds = (datetime.fromisoformat(then) - datetime.fromisoformat(first)).total_seconds()
        return max(0.0, seconds) * self.pace.time_factor
