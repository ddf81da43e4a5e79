"""What the driver asks of a person stands in the console until the car says that it is answered."""

import msgspec
import pytest

from autonomy.link.messages import HelpAsked, HelpEnded
from fleet.base import clock
from fleet.console import snapshot
from fleet.ledger import selectors as ledger
from fleet.ledger.testing import flush
from fleet.missions import uplink
from fleet.vehicles.models import Vehicle

QUESTION = "May I pass the truck on the left?"


def tell(vehicle: Vehicle, body: HelpAsked | HelpEnded) -> None:
    uplink.take_event(vehicle=Vehicle.objects.get(pk=vehicle.pk), body=body, at=clock.now())


def shown(vehicle: Vehicle) -> str:
    return str(snapshot.rows("vehicles")[str(vehicle.pk)]["question"])


def test_a_question_is_shown_until_it_is_answered(vehicle: Vehicle) -> None:
    assert shown(vehicle) == ""
    tell(vehicle, HelpAsked(question=QUESTION, reason="blocked"))
    assert shown(vehicle) == QUESTION
    tell(vehicle, HelpEnded(reason="the way is free"))
    assert shown(vehicle) == ""


def test_asking_moves_no_state_and_ends_no_mission(vehicle: Vehicle) -> None:
    before = Vehicle.objects.get(pk=vehicle.pk).state
    tell(vehicle, HelpAsked(question=QUESTION, reason="blocked"))
    assert Vehicle.objects.get(pk=vehicle.pk).state == before


def test_the_same_question_again_is_one_entry(vehicle: Vehicle) -> None:
    for _ in range(3):
        tell(vehicle, HelpAsked(question=QUESTION, reason="blocked"))
    flush()
    told = [e.data for e in ledger.of_subject("vehicle", vehicle.pk) if e.kind == "vehicle.axes_changed"]
    assert told == [{"question": QUESTION, "reason": "blocked"}]


def test_the_event_alone_brings_an_open_console_up_to_date(vehicle: Vehicle) -> None:
    flush()
    before, seq = snapshot.take(), ledger.head()
    tell(vehicle, HelpAsked(question=QUESTION, reason="blocked"))
    flush()
    for event in ledger.after(seq):
        snapshot.apply(before, snapshot.patch_of(event))
    assert before["vehicles"][str(vehicle.pk)] == snapshot.take()["vehicles"][str(vehicle.pk)]


@pytest.mark.parametrize("question", ["", "x" * 201, "two\nlines", "nul\x00"])
def test_a_question_that_can_not_be_shown_is_no_event(question: str) -> None:
    plain = {"type": "help_asked", "question": question, "reason": ""}
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(plain, HelpAsked)
