"""What the console shows of rides: a snapshot plus the events since is the snapshot of now."""

from collections.abc import Callable
from typing import Any

import pytest

from autonomy.link.messages import Fault, Held
from dispatch.assignments.dispatcher import TickReport
from dispatch.rides import board
from dispatch.rides import services as rides
from dispatch.rides.models import Ride
from dispatch.rides.selectors import board as rows_now
from fleet.base import clock
from fleet.console import snapshot
from fleet.ledger import selectors as ledger
from fleet.ledger.testing import flush
from geofence.stops.selectors import StopChoice
from tests.dispatch.actors import Booker, Cars

pytestmark = pytest.mark.django_db


class Replay:
    """A browser that took a snapshot and applies what comes."""

    def __init__(self) -> None:
        flush()
        self.seq = ledger.head()
        self.state: dict[str, Any] = {"rides": rows_now()}

    def check(self) -> None:
        flush()
        for event in ledger.after(self.seq):
            snapshot.apply(self.state, board.patch(event))
            self.seq = event.seq
        assert self.state["rides"] == rows_now()


def test_snapshot_plus_events_is_the_next_snapshot_at_every_step(
    cars: Cars,
    booker: Booker,
    new_booker: Callable[[], Booker],
    tick: Callable[[], TickReport],
    places: list[StopChoice],
) -> None:
    replay = Replay()
    vehicle = cars.add(places[4])
    ride_id = booker.book(places[5], places[-5])
    replay.check()
    tick()
    replay.check()
    mine = replay.state["rides"][str(ride_id)]
    assert (mine["state"], mine["vehicle_id"]) == ("reserved", str(vehicle.id))
    assert "rider" not in mine
    rides.update_eta(ride_id=ride_id, actor="t", pickup_eta_at=clock.now(), dropoff_eta_at=clock.now())
    replay.check()
    cars.arrive(ride_id, 0)
    booker.order(ride_id, "unlock")
    replay.check()
    cars.depart(ride_id)
    cars.report(ride_id, lambda m, v: Held(reason="x"))
    replay.check()
    cars.report(ride_id, lambda m, v: Fault(code="c", detail="d", drivable=False))
    replay.check()
    assert replay.state["rides"][str(ride_id)]["vehicle_id"] is None
    cars.add(places[-1])
    tick()
    replay.check()
    cars.arrive(ride_id, 0)
    booker.order(ride_id, "unlock")
    cars.depart(ride_id)
    cars.arrive(ride_id, 1)
    other = new_booker().book(places[9], places[-9])
    replay.check()
    cars.finish(ride_id)
    replay.check()
    assert set(replay.state["rides"]) == {str(other)}


def test_a_quote_that_nobody_books_never_shows(
    booker: Booker, tick: Callable[[], TickReport], places: list[StopChoice]
) -> None:
    replay = Replay()
    booker.quote(places[5], places[-5])
    replay.check()
    assert replay.state["rides"] == {}
    past = clock.now()
    ride = Ride.objects.get()
    ride.quote.created_at, ride.quote.expires_at = past.replace(year=2020), past.replace(year=2021)
    ride.quote.save()
    tick()
    replay.check()
    assert replay.state["rides"] == {}
