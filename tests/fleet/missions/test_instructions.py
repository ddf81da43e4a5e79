"""Telling the driver something in plain English."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from rest_framework.test import APIClient

from autonomy.link.messages import CommandAck, Instruct
from fleet.access.domain import STAFF, Role
from fleet.base import clock
from fleet.console import selectors as console
from fleet.console import snapshot
from fleet.ledger import selectors as ledger
from fleet.ledger.testing import flush
from fleet.missions import commands, sweeps, uplink, verbs
from fleet.missions.models import Command
from fleet.missions.wire import body_message
from fleet.vehicles.models import Vehicle

ClientOf = Callable[..., APIClient]


@pytest.fixture
def online(vehicle: Vehicle) -> Vehicle:
    Vehicle.objects.filter(pk=vehicle.pk).update(link="online")
    return vehicle


def tell(client: APIClient, vehicle: Vehicle, text: Any, key: str = "k") -> Any:
    path = f"/api/vehicles/{vehicle.pk}/instruct"
    return client.post(path, {"text": text}, format="json", headers={"Idempotency-Key": key})


def send(vehicle: Vehicle, epoch: int = 1) -> list[Any]:
    fresh = Vehicle.objects.get(pk=vehicle.pk)
    return [one.body for one in commands.take_to_send(vehicle=fresh, epoch=epoch, car_downlink_seq=0)]


@pytest.mark.parametrize("role", STAFF)
def test_staff_tell_the_driver_and_the_ledger_has_the_words(online: Vehicle, client_of: ClientOf, role: Role) -> None:
    before = Vehicle.objects.get(pk=online.pk).state
    answer = tell(client_of(role), online, "  pull over  past the crossing ")
    assert (answer.status_code, answer.data["state"]) == (200, before)
    assert send(online) == [Instruct(text="pull over past the crossing")]
    flush()
    [issued] = [e for e in ledger.of_subject("vehicle", online.pk) if e.kind == "command.issued"]
    assert (issued.data["command"], issued.data["reason"]) == ("instruct", "pull over past the crossing")


@pytest.mark.parametrize("role", [Role.RIDER, Role.REGULATOR])
def test_others_tell_the_driver_nothing(online: Vehicle, client_of: ClientOf, role: Role) -> None:
    assert tell(client_of(role), online, "go on").status_code == 403
    assert not Command.objects.exists()


@pytest.mark.parametrize("text", [None, 5, ["a"], "x" * 201, "a\x00b", "two\nlines", "bell\x07", "a\u2028b"])
def test_what_no_driver_could_read_is_refused_by_name(online: Vehicle, client_of: ClientOf, text: Any) -> None:
    answer = tell(client_of(Role.OPERATOR), online, text)
    assert answer.status_code == 400
    assert answer.data["errors"][0]["field"] == "text"
    assert not Command.objects.exists()


def test_a_car_without_a_link_is_not_told(vehicle: Vehicle, client_of: ClientOf) -> None:
    Vehicle.objects.filter(pk=vehicle.pk).update(link="lost")
    answer = tell(client_of(Role.OPERATOR), vehicle, "go on")
    assert (answer.status_code, answer.data["code"]) == (409, "no_link")
    assert not Command.objects.exists()


def test_the_same_press_twice_tells_once(online: Vehicle, client_of: ClientOf) -> None:
    operator = client_of(Role.OPERATOR)
    assert tell(operator, online, "wait").status_code == tell(operator, online, "wait").status_code == 200
    assert Command.objects.count() == 1


def test_an_empty_text_takes_back_what_was_told(online: Vehicle, client_of: ClientOf) -> None:
    assert tell(client_of(Role.OPERATOR), online, "").status_code == 200
    assert send(online) == [Instruct(text="")]


def test_an_instruction_is_for_now_and_expires(online: Vehicle, monkeypatch: pytest.MonkeyPatch) -> None:
    verbs.instruct(vehicle_id=online.pk, actor="user:1", text="wait")
    later = clock.now() + timedelta(seconds=60)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert send(online) == []
    assert Command.objects.get().state == "expired"


def test_one_that_the_car_never_answers_is_given_up(online: Vehicle) -> None:
    verbs.instruct(vehicle_id=online.pk, actor="user:1", text="wait")
    send(online)
    sweeps.expire_orders(clock.now() + timedelta(seconds=60))
    assert (Command.objects.get().state, Command.objects.get().code) == ("expired", "no_answer")


def test_an_instruction_hides_no_order_and_blocks_no_mission(online: Vehicle) -> None:
    verbs.hold(vehicle_id=online.pk, actor="user:1", reason="look at it")
    verbs.instruct(vehicle_id=online.pk, actor="user:1", text="pull over past the crossing")
    assert console.vehicle_detail(online.pk)["order"]["command"] == "hold"
    assert not commands.unsettled_mission_commands(online.pk)


def told(vehicle: Vehicle) -> tuple[str, str, str]:
    row = snapshot.rows("vehicles")[str(vehicle.pk)]["told"]
    return row["reason"], row["outcome"], row["code"]


def test_what_became_of_the_last_words_is_shown(online: Vehicle) -> None:
    verbs.instruct(vehicle_id=online.pk, actor="user:1", text="wait")
    assert told(online) == ("wait", "asked", "")
    send(online)
    fresh = Vehicle.objects.get(pk=online.pk)
    uplink.take_ack(vehicle=fresh, ack=CommandAck(seq=1, outcome="accepted"))
    assert told(online) == ("wait", "accepted", "")
    verbs.instruct(vehicle_id=online.pk, actor="user:1", text="go on")
    sweeps.expire_orders(clock.now() + timedelta(seconds=60))
    assert told(online) == ("go on", "expired", "expired")


def test_events_alone_keep_an_open_console_right_about_the_words(online: Vehicle) -> None:
    flush()
    state, seq = snapshot.take(), ledger.head()
    verbs.instruct(vehicle_id=online.pk, actor="user:1", text="wait")
    verbs.hold(vehicle_id=online.pk, actor="user:1", reason="look at it")
    send(online)
    uplink.take_ack(vehicle=Vehicle.objects.get(pk=online.pk), ack=CommandAck(seq=1, outcome="accepted"))
    flush()
    for event in ledger.after(seq):
        snapshot.apply(state, snapshot.patch_of(event))
    assert state["vehicles"] == snapshot.take()["vehicles"]


def test_the_cars_refusal_is_written_down(online: Vehicle) -> None:
    verbs.instruct(vehicle_id=online.pk, actor="user:1", text="drive on the pavement")
    send(online)
    fresh = Vehicle.objects.get(pk=online.pk)
    uplink.take_ack(vehicle=fresh, ack=CommandAck(seq=1, outcome="refused", code="unknown", detail=""))
    flush()
    kinds = [e.kind for e in ledger.of_subject("vehicle", online.pk) if e.kind.startswith("command.")]
    assert kinds == ["command.issued", "command.refused"]


def test_what_is_kept_can_be_sent() -> None:
    assert body_message({"type": "instruct", "text": "wait"}) == Instruct(text="wait")
