"""Commands that a car does not obey."""

import pytest

from autonomy.link import messages as m
from autonomy.link.guard import CommandGuard, Refused
from tests.autonomy.link.keys import FLEET_KEY, OTHER_KEY, OTHER_VEHICLE, VEHICLE, command


def guard(last_seq: int = 0) -> CommandGuard:
    return CommandGuard(VEHICLE, FLEET_KEY.public_key(), last_seq)


def refusal(of: CommandGuard, frame: m.Command, *, now_ms: int = 10_000) -> str:
    with pytest.raises(Refused) as refused:
        of.admit(frame, epoch=1, now_ms=now_ms)
    return refused.value.code


def test_a_fresh_command_passes_once() -> None:
    gate = guard()
    assert gate.admit(command(seq=3), epoch=1, now_ms=15_000).seq == 3
    assert refusal(gate, command(seq=3)) == "seq_not_rising"
    assert refusal(gate, command(seq=2)) == "seq_not_rising"
    assert gate.admit(command(seq=7), epoch=1, now_ms=10_000).seq == 7


@pytest.mark.parametrize(
    ("frame", "code", "counts"),
    [
        (command(key=OTHER_KEY), "bad_signature", False),
        (command(vehicle_id=OTHER_VEHICLE), "wrong_vehicle", False),
        (command(epoch=2), "wrong_epoch", False),
        (command(epoch=0), "wrong_epoch", False),
        (command(issued_at_ms=4_999), "expired", True),
        (command(issued_at_ms=12_001), "from_future", True),
    ],
)
def test_a_command_that_does_not_fit_is_refused(frame: m.Command, code: str, counts: bool) -> None:
    gate = guard()
    assert refusal(gate, frame) == code
    assert gate.last_seq == (1 if counts else 0)


def test_a_command_is_refused_when_a_single_byte_was_changed() -> None:
    good = command()
    changed = m.Command(signed=good.signed.replace('"hold"', '"release"'), signature=good.signature)
    assert refusal(guard(), changed) == "bad_signature"
    assert refusal(guard(), m.Command(signed=good.signed, signature="not base64!")) == "bad_signature"


def test_a_restarted_guard_remembers_what_was_decided() -> None:
    assert refusal(guard(last_seq=5), command(seq=5)) == "seq_not_rising"
