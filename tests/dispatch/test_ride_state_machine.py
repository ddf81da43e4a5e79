"""The ride's table: every pair of state and event, the reference table, and random lives against the database."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dispatch.rides import services
from dispatch.rides.domain.machine import (
    MDS_STATE,
    OPEN,
    TERMINAL,
    TRANSITIONS,
    WITH_CAR,
    RideEvent,
    RideState,
    may,
    transition,
)
from dispatch.rides.models import Receipt, Ride
from fleet.access.domain import Role
from fleet.access.models import User
from fleet.base import clock
from fleet.ledger import selectors as ledger
from fleet.ledger.testing import flush
from fleet.vehicles import services as vehicles
from geofence.base.errors import Conflict, NotFound


@pytest.fixture(scope="module")
def reference(shared: Path) -> dict[str, Any]:
    table: dict[str, Any] = json.loads((shared / "reference" / "statemachines.json").read_text())["ride"]
    return table


def test_table_is_the_reference_table_row_for_row(reference: dict[str, Any]) -> None:
    ours = sorted((row.source.value, row.target.value, row.mds_event or "") for row in TRANSITIONS)
    theirs = sorted((source, target, event or "") for source, target, event in reference["transitions"])
    assert ours == theirs
    assert len(ours) == 39
    assert {state.value for state in TERMINAL} == set(reference["terminal"])
    assert {state.value: projected for state, projected in MDS_STATE.items()} == reference["projection"]


@pytest.mark.parametrize("state", list(RideState))
def test_every_pair_of_state_and_event_leads_where_the_table_says_or_nowhere(state: RideState) -> None:
    rows = {row.event: row for row in TRANSITIONS if row.source is state}
    assert len(rows) == sum(row.source is state for row in TRANSITIONS)  # an event decides the next state
    for event in RideEvent:
        assert transition(state, event) is rows.get(event)
        assert may(state, event) == (event in rows)


def test_no_way_leads_out_of_an_ended_ride_and_every_other_state_can_end() -> None:
    assert not [row for row in TRANSITIONS if row.source in TERMINAL]
    reaches_end = set(TERMINAL)
    while more := {row.source for row in TRANSITIONS if row.target in reaches_end} - reaches_end:
        reaches_end |= more
    assert reaches_end == set(RideState)


def new_ride(**more: Any) -> Ride:
    rider = User.objects.filter(username="liver").first() or User.objects.create(
        username="liver", password="!", role=Role.RIDER
    )
    place = {"lon": 7.4, "lat": 43.7, "name": "", "edge": 0, "offset_m": 1.0}
    ends = {f"{end}_{key}": value for end in ("pickup", "dropoff") for key, value in place.items()}
    from fleet.base.ids import new_id

    values = {"rider": rider, "state_since": clock.now(), "dropoff_stop_id": new_id(), "map_digest": "m", "seats": 1}
    return Ride.objects.create(**ends, **values, price_minor=500, currency="EUR", **more)


def new_car(number: int = 1) -> Any:
    return vehicles.register(
        plate=f"SM-{number}", vin=f"SM{number:015d}", platform="test", seats=4, public_key=f"sm{number:042d}", actor="t"
    )


@pytest.mark.django_db
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(list(RideEvent)), max_size=25))
def test_random_lives_agree_with_the_table_and_with_the_ledger(db: None, events: list[RideEvent]) -> None:
    with transaction.atomic():
        ride, car = new_ride(), new_car()
        expected = [RideState.QUOTED]
        for event in events:
            row = transition(expected[-1], event)
            changes = {"vehicle_id": car.id} if event is RideEvent.MATCHED else {}
            if row is None:
                with pytest.raises(Conflict):
                    services.move(ride_id=ride.id, event=event, actor="t", changes=changes)
            else:
                services.move(ride_id=ride.id, event=event, actor="t", changes=changes)
                expected.append(row.target)
            ride.refresh_from_db()
            assert ride.state == expected[-1]
        flush()
        told = [e.data["to"] for e in ledger.of_subject("ride", ride.id)]
        assert told == [state.value for state in expected[1:]]
        assert (ride.ended_at is not None) == (expected[-1] in TERMINAL)
        assert (ride.requested_at is not None) == (len(expected) > 1 and expected[1] is RideState.REQUESTED)
        assert Receipt.objects.filter(ride=ride).count() == (expected[-1] is RideState.COMPLETED)
        transaction.set_rollback(True)


@pytest.mark.django_db
def test_a_stale_writer_changes_nothing_and_records_nothing() -> None:
    ride = new_ride()
    services.move(ride_id=ride.id, event=RideEvent.BOOKED, actor="t")
    with pytest.raises(Conflict):
        services.move(ride_id=ride.id, event=RideEvent.OPENED, actor="t", expected_version=0)
    flush()
    assert Ride.objects.get(pk=ride.id).state == "requested"
    assert len(ledger.of_subject("ride", ride.id)) == 1


@pytest.mark.django_db
def test_an_unknown_ride_is_not_found() -> None:
    from fleet.base.ids import new_id

    with pytest.raises(NotFound):
        services.move(ride_id=new_id(), event=RideEvent.BOOKED, actor="t")


@pytest.mark.django_db
@pytest.mark.parametrize(
    "broken",
    [
        {"state": "teleported"},
        {"state": "reserved", "requested_at": "2026-01-01T00:00:00Z"},
        {"state": "matching"},
        {"seats": 0},
    ],
    ids=["unknown state", "with a car but without one", "open but never requested", "no seat"],
)
def test_the_database_itself_refuses_an_impossible_ride(broken: dict[str, Any]) -> None:
    ride = new_ride()
    with pytest.raises(IntegrityError), transaction.atomic():
        Ride.objects.filter(pk=ride.pk).update(**broken)
    assert Ride.objects.get(pk=ride.pk).state == "quoted"


def test_states_with_a_car_are_open() -> None:
    assert WITH_CAR <= OPEN
