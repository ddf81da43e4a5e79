"""What becomes of an operator's hold, pull-over and release: the platform says what the car has said."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from autonomy.link.messages import CommandAck, Fault, Held, Resumed
from fleet.base import clock
from fleet.console import selectors as console
from fleet.ledger import selectors as ledger
from fleet.ledger.testing import flush
from fleet.missions import commands, sweeps, uplink, verbs
from fleet.missions.models import Command
from fleet.vehicles.models import Vehicle


def fresh(vehicle: Vehicle) -> Vehicle:
    return Vehicle.objects.get(pk=vehicle.pk)


def how(vehicle: Vehicle) -> tuple[str, str]:
    return fresh(vehicle).state, fresh(vehicle).held_by


def ack(vehicle: Vehicle, seq: int, outcome: Any = "accepted", code: str = "") -> None:
    uplink.take_ack(vehicle=fresh(vehicle), ack=CommandAck(seq=seq, outcome=outcome, code=code))


def send(vehicle: Vehicle, *, epoch: int = 1, car_downlink_seq: int = 0) -> list[int]:
    taken = commands.take_to_send(vehicle=fresh(vehicle), epoch=epoch, car_downlink_seq=car_downlink_seq)
    return [command.seq for command in taken]


def tell(vehicle: Vehicle, body: Any) -> None:
    uplink.take_event(vehicle=fresh(vehicle), body=body, at=clock.now())


def shown(vehicle: Vehicle) -> tuple[str, str, str]:
    order = console.vehicle_detail(vehicle.pk)["order"]
    return order["command"], order["outcome"], order["code"]


def told(vehicle: Vehicle) -> list[str]:
    flush()
    found = ledger.of_subject("vehicle", vehicle.pk)
    return [f"{e.kind} {e.data['command']}" for e in found if e.kind.startswith("command.")]


@pytest.fixture
def held(vehicle: Vehicle) -> Vehicle:
    """A car that an operator holds, and that has answered."""
    verbs.hold(vehicle_id=vehicle.pk, actor="user:1", reason="look at it")
    send(vehicle)
    ack(vehicle, 1)
    return vehicle


def release(vehicle: Vehicle) -> None:
    verbs.release(vehicle_id=vehicle.pk, actor="user:1", reason="looked at")


def test_a_release_counts_when_the_car_has_accepted_it(held: Vehicle) -> None:
    assert shown(held) == ("hold", "accepted", "")
    release(held)
    assert (how(held), shown(held)) == (("available.held", "operator"), ("release", "asked", ""))
    send(held)
    assert (how(held), shown(held)) == (("available.held", "operator"), ("release", "asked", ""))
    ack(held, 2)
    assert (how(held), shown(held)) == (("available.idle", ""), ("release", "accepted", ""))
    both = ("hold", "release")
    assert told(held) == [f"command.{step} {verb}" for verb in both for step in ("issued", "accepted")]


@pytest.mark.parametrize("code", ["expired", "from_future", "seq_not_rising"])
def test_a_refused_release_leaves_the_car_held_and_says_why(held: Vehicle, code: str) -> None:
    release(held)
    send(held)
    ack(held, 2, "refused", code)
    assert (how(held), shown(held)) == (("available.held", "operator"), ("release", "refused", code))
    assert told(held)[-1] == "command.refused release"
    release(held)  # and it can be given again
    ack(held, 3)
    assert how(held) == ("available.idle", "")


def test_a_car_that_says_that_nothing_holds_it_is_free(vehicle: Vehicle) -> None:
    verbs.hold(vehicle_id=vehicle.pk, actor="user:1", reason="look at it")
    ack(vehicle, 1, "refused", "expired")
    assert (how(vehicle), shown(vehicle)) == (("available.held", "operator"), ("hold", "refused", "expired"))
    release(vehicle)
    ack(vehicle, 2, "refused", "not_held")
    assert (how(vehicle), shown(vehicle)) == (("available.idle", ""), ("release", "refused", "not_held"))


def test_a_release_that_was_never_sent_expires_and_the_car_stays_held(held: Vehicle) -> None:
    release(held)
    assert sweeps.expire_orders(clock.now() + timedelta(seconds=7)) == []
    assert sweeps.expire_orders(clock.now() + timedelta(seconds=9)) == [Command.objects.get(kind="release").pk]
    assert sweeps.expire_orders(clock.now() + timedelta(seconds=9)) == []
    assert (how(held), shown(held)) == (("available.held", "operator"), ("release", "expired", "expired"))
    assert told(held)[-1] == "command.expired release"
    assert send(held, epoch=2, car_downlink_seq=1) == []
    ack(held, 2)  # nobody can have answered what was never sent
    assert how(held) == ("available.held", "operator")


def test_a_late_answer_still_counts(held: Vehicle) -> None:
    release(held)
    assert send(held) == [2]
    sweeps.expire_orders(clock.now() + timedelta(seconds=9))
    assert shown(held) == ("release", "expired", "no_answer")
    assert send(held) == []
    ack(held, 2)
    assert (how(held), shown(held)) == (("available.idle", ""), ("release", "accepted", ""))


def test_an_answer_that_was_lost_with_the_link_is_asked_for_again(held: Vehicle) -> None:
    release(held)
    send(held)
    sweeps.expire_orders(clock.now() + timedelta(seconds=9))
    assert send(held, epoch=2, car_downlink_seq=2) == [2]  # the car has decided: it repeats its answer
    assert shown(held) == ("release", "expired", "no_answer")
    ack(held, 2)
    assert how(held) == ("available.idle", "")


def test_an_order_that_the_car_never_got_is_not_sent_late(held: Vehicle) -> None:
    release(held)
    send(held)
    sweeps.expire_orders(clock.now() + timedelta(seconds=9))
    assert send(held, epoch=2, car_downlink_seq=1) == []


@pytest.mark.parametrize("verb", [verbs.hold, verbs.pull_over, verbs.ground])
def test_a_newer_order_to_stand_is_not_undone_by_an_older_release(held: Vehicle, verb: Any) -> None:
    release(held)
    send(held)
    verb(vehicle_id=held.pk, actor="user:1", reason="not yet")
    before = how(held)
    assert before[1] == "operator"
    ack(held, 2)
    assert how(held) == before
    assert "command.superseded release" in told(held)


def test_a_fault_is_not_undone_by_a_release_from_before_it(held: Vehicle) -> None:
    release(held)
    send(held)
    tell(held, Fault(code="lidar", detail="", drivable=True))
    ack(held, 2)
    assert (how(held), shown(held)) == (("available.held", "car"), ("release", "superseded", "fault"))


@pytest.mark.parametrize("event_first", [True, False])
def test_a_rider_on_board_goes_on_whichever_the_car_says_first(
    vehicle: Vehicle, ride_to: Any, owner: Any, event_first: bool
) -> None:
    ride_to(vehicle.pk)
    Vehicle.objects.filter(pk=vehicle.pk).update(state="on_trip.driving")
    verbs.hold(vehicle_id=vehicle.pk, actor="user:1", reason="look at it")
    ack(vehicle, 2)
    tell(vehicle, Held(reason="look at it"))
    release(vehicle)
    assert how(vehicle) == ("stopped.unplanned", "operator")
    if event_first:
        with pytest.raises(uplink.Ignored):
            tell(vehicle, Resumed(reason="looked at"))
        ack(vehicle, 3)
    else:
        ack(vehicle, 3)
        tell(vehicle, Resumed(reason="looked at"))
    assert how(vehicle) == ("on_trip.driving", "")
    assert owner.told[:2] == [("held", "look at it"), ("resumed", None)]


def test_a_cleared_car_is_free_when_it_has_said_that_it_goes_on(vehicle: Vehicle) -> None:
    for verb in (verbs.ground, verbs.clear, verbs.service_start):
        verb(vehicle_id=vehicle.pk, actor="user:1", reason="tyre")
    assert how(vehicle) == ("available.held", "operator")
    ack(vehicle, 2)
    assert how(vehicle) == ("available.idle", "")


def test_an_old_orders_outcome_does_not_hide_a_newer_order(held: Vehicle) -> None:
    verbs.pull_over(vehicle_id=held.pk, actor="user:1", reason="nearer to the kerb")
    verbs.hold(vehicle_id=held.pk, actor="user:1", reason="stay there")
    ack(held, 2, "refused", "expired")
    assert shown(held) == ("hold", "asked", "")
    flush()
    orders = [e.data.get("order") for e in ledger.of_subject("vehicle", held.pk) if e.kind == "command.refused"]
    assert orders == [None]


def test_a_car_that_was_never_ordered_shows_none(vehicle: Vehicle) -> None:
    assert console.vehicle_detail(UUID(str(vehicle.pk)))["order"] is None
