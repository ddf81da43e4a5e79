from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fleet.base import clock
from fleet.ledger import selectors as ledger
from fleet.ledger.testing import flush
from fleet.vehicles import services
from fleet.vehicles.domain import TRANSITIONS, Transition, VehicleEvent, VehicleState, targets
from fleet.vehicles.models import Vehicle
from fleet.vehicles.moves import back_to
from geofence.base.errors import Conflict

MakeVehicle = Callable[..., Vehicle]
ROWS = sorted(TRANSITIONS, key=lambda t: (t.source, t.target, t.event or ""))


def put(vehicle: Vehicle, state: VehicleState) -> None:
    resume = "available.idle" if state is VehicleState.NON_CONTACTABLE else ""
    Vehicle.objects.filter(pk=vehicle.pk).update(state=state.value, resume_state=resume)


def changes_of(vehicle: Vehicle) -> list[tuple[str, str, str | None]]:
    flush()
    events = ledger.of_subject("vehicle", vehicle.pk)
    return [(e.data["from"], e.data["to"], e.data["event"]) for e in events if e.kind == "vehicle.state_changed"]


@pytest.mark.parametrize("row", ROWS, ids=lambda t: f"{t.source}-{t.event}-{t.target}")
def test_each_transition_moves_the_row_and_writes_one_event(row: Transition, make_vehicle: MakeVehicle) -> None:
    vehicle = make_vehicle(in_service=False)
    put(vehicle, row.source)
    services.transition(
        vehicle_id=vehicle.pk, from_states=[row.source], to=row.target, event=row.event, actor="t", reason="r"
    )
    vehicle.refresh_from_db()
    assert (vehicle.state, vehicle.state_version) == (row.target, 2)
    assert changes_of(vehicle) == [(row.source, row.target, row.event)]


def test_what_is_not_in_the_table_is_refused_and_changes_nothing(vehicle: Vehicle) -> None:
    before = changes_of(vehicle)
    for state in VehicleState:
        for event in [*VehicleEvent, None]:
            for target in set(VehicleState) - targets(state, event):
                with pytest.raises(ValueError, match="no transition"):
                    services.transition(
                        vehicle_id=vehicle.pk, from_states=[state], to=target, event=event, actor="t", reason="r"
                    )
    vehicle.refresh_from_db()
    assert vehicle.state == VehicleState.AVAILABLE_IDLE
    assert changes_of(vehicle) == before


def test_a_transition_from_another_state_is_a_conflict_and_changes_nothing(vehicle: Vehicle) -> None:
    before = changes_of(vehicle)
    with pytest.raises(Conflict) as refused:
        services.transition(
            vehicle_id=vehicle.pk,
            from_states=[VehicleState.NON_OPERATIONAL_IDLE],
            to=VehicleState.AVAILABLE_IDLE,
            event=VehicleEvent.SERVICE_START,
            actor="t",
            reason="r",
        )
    assert (refused.value.code, refused.value.extra) == ("vehicle_state", {"state": "available.idle"})
    assert changes_of(vehicle) == before


def test_a_stale_row_can_not_be_moved(vehicle: Vehicle) -> None:
    stale = Vehicle.objects.get(pk=vehicle.pk)
    services.follow(vehicle=vehicle, path=((VehicleState.AVAILABLE_HELD, None),), actor="t", reason="r")
    before = changes_of(vehicle)
    with pytest.raises(Conflict), transaction.atomic():
        services.follow(vehicle=stale, path=((VehicleState.AVAILABLE_REPOSITIONING, None),), actor="t", reason="r")
    vehicle.refresh_from_db()
    assert vehicle.state == VehicleState.AVAILABLE_HELD
    assert changes_of(vehicle) == before


@pytest.mark.parametrize(
    "columns",
    [
        {"state": "available.nowhere"},
        {"link": "wobbly"},
        {"drive_mode": "SLEEPING"},
        {"held_by": "somebody"},
        {"odd_status": "maybe"},
        {"seats": 0},
        {"state": "non_contactable"},
        {"resume_state": "available.idle"},
    ],
)
def test_the_database_refuses_values_that_do_not_exist(vehicle: Vehicle, columns: dict[str, object]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Vehicle.objects.filter(pk=vehicle.pk).update(**columns)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(choices=st.lists(st.integers(0, 1000), min_size=1, max_size=25))
def test_random_lives_stay_in_the_table_and_in_the_ledger(make_vehicle: MakeVehicle, choices: list[int]) -> None:
    """A life of legal steps: the row, the version and the ledger agree at its end."""
    vehicle = make_vehicle(in_service=False)
    lived: list[tuple[str, str, str | None]] = []
    for choice in choices:
        state = VehicleState(vehicle.state)
        rows = [t for t in ROWS if t.source is state]
        row = rows[choice % len(rows)]
        vehicle = services.transition(
            vehicle_id=vehicle.pk, from_states=[state], to=row.target, event=row.event, actor="t", reason="r"
        )
        lived.append((row.source, row.target, row.event))
    fresh = Vehicle.objects.get(pk=vehicle.pk)
    assert (fresh.state, fresh.state_version) == (lived[-1][1], 1 + len(lived))
    assert changes_of(vehicle) == lived


def test_a_silent_car_is_found_and_comes_back_to_where_it_was(make_vehicle: MakeVehicle) -> None:
    vehicle = make_vehicle()
    now = clock.now()
    assert services.sweep_silent(now) == []
    assert services.sweep_silent(now + timedelta(seconds=11)) == [vehicle.pk]
    vehicle.refresh_from_db()
    assert (vehicle.state, vehicle.resume_state, vehicle.link) == ("non_contactable", "available.idle", "lost")
    assert services.sweep_silent(now + timedelta(seconds=60)) == []
    services.restore_contact(vehicle=vehicle, reported_state="available.idle", actor="t")
    vehicle.refresh_from_db()
    assert (vehicle.state, vehicle.resume_state, vehicle.link) == ("available.idle", "", "online")
    assert changes_of(vehicle)[-2:] == [
        ("available.idle", "non_contactable", "comms_lost"),
        ("non_contactable", "available.idle", "comms_restored"),
    ]


@pytest.mark.parametrize("state", sorted({t.source for t in TRANSITIONS if t.event is VehicleEvent.COMMS_LOST}))
def test_silence_ends_in_the_state_in_which_it_began(state: VehicleState, make_vehicle: MakeVehicle) -> None:
    vehicle = make_vehicle(in_service=False)
    put(vehicle, state)
    vehicle.refresh_from_db()
    services.lose_contact(vehicle=vehicle, actor="t", reason="silent")
    services.restore_contact(vehicle=vehicle, reported_state="", actor="t")
    vehicle.refresh_from_db()
    assert (vehicle.state, vehicle.link) == (state, "online")
    assert len(changes_of(vehicle)) == 1 + len(back_to(state))


def test_a_car_in_the_workshop_is_not_called_silent(make_vehicle: MakeVehicle) -> None:
    vehicle = make_vehicle(in_service=False)
    put(vehicle, VehicleState.NON_OPERATIONAL_MAINTENANCE)
    assert services.sweep_silent(clock.now() + timedelta(days=1)) == []
