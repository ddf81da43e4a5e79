"""The checks find what they are for: each one with a world that breaks it."""

from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from dispatch.assignments.dispatcher import TickReport
from dispatch.assignments.models import Assignment
from dispatch.rides.models import Receipt, Ride
from fleet.ledger.testing import flush
from fleet.missions.models import Mission
from geofence.stops.selectors import StopChoice
from tests.dispatch.actors import Booker, Cars

pytestmark = pytest.mark.django_db


def break_ride(ride: Ride) -> None:
    Assignment.objects.all().delete()


def break_ledger(ride: Ride) -> None:
    Ride.objects.filter(pk=ride.pk).update(state="on_trip")


def break_mission(ride: Ride) -> None:
    Assignment.objects.update(ended_at=ride.state_since)
    Ride.objects.filter(pk=ride.pk).update(state="matching")


def break_overlap(ride: Ride) -> None:
    row = Assignment.objects.get()
    row.pk, row.ended_at = None, None
    other = Ride.objects.get(pk=ride.pk)
    other.pk, other._state.adding = None, True
    from fleet.base.ids import new_id

    other.id = new_id()
    other.state = "matching"
    other.save()
    first = Assignment.objects.get()
    Assignment.objects.update(ended_at=first.created_at.replace(year=first.created_at.year + 1))
    row.id, row.ride_id = new_id(), other.id
    row.save(force_insert=True)


def break_route(ride: Ride) -> None:
    mission = Mission.objects.get()
    mission.legs[1]["lonlat"].append([0.0, 0.0])
    mission.save()


def break_receipt(ride: Ride) -> None:
    Receipt.objects.create(ride=ride, due_at=ride.state_since)


def break_chain(ride: Ride) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(
            "UPDATE fleet_ledgerentry SET actor = 'nobody' WHERE seq = (SELECT max(seq) FROM fleet_ledgerentry)"
        )
        cursor.execute("SET session_replication_role = DEFAULT")


@pytest.mark.parametrize(
    ("breaking", "named"),
    [
        (break_ride, "cars and rides agree"),
        (break_ledger, "lives are whole"),
        (break_mission, "missions have rides"),
        (break_overlap, "no car has two rides"),
        (break_route, "routes stay inside"),
        (break_receipt, "completed rides are billed"),
        (break_chain, "chain verifies"),
    ],
)
def test_a_broken_world_is_noticed_and_a_sound_one_passes(
    cars: Cars,
    booker: Booker,
    tick: Callable[[], TickReport],
    places: list[StopChoice],
    breaking: Callable[[Ride], Any],
    named: str,
) -> None:
    cars.add(places[4])
    ride_id = booker.book(places[5], places[-5])
    tick()
    flush()
    told = StringIO()
    call_command("check_invariants", stdout=told)
    assert "NOT" not in told.getvalue()
    try:
        breaking(Ride.objects.get(pk=ride_id))
    except Exception as error:  # superuser rights are needed to forge the ledger
        if breaking is break_chain:
            pytest.skip(f"the database does not even let us try: {error}")
        raise
    flush()
    told = StringIO()
    with pytest.raises(CommandError, match="violation"):
        call_command("check_invariants", stdout=told)
    assert f"NOT  {named}" in told.getvalue()


def test_an_open_ride_counts_only_when_all_should_have_ended(booker: Booker, places: list[StopChoice]) -> None:
    booker.book(places[5], places[-5])
    flush()
    call_command("check_invariants", stdout=StringIO())
    with pytest.raises(CommandError):
        call_command("check_invariants", "--ended", stdout=StringIO())
