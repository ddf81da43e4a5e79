"""The opening of a connection, and what ends one."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from autonomy.link import messages as m
from autonomy.link.codec import encode
from autonomy.link.guard import CommandGuard
from autonomy.link.journal import Journal
from autonomy.link.session import (
    CarIdentity,
    CarReport,
    CarSession,
    CommandRefused,
    Ended,
    EventArrived,
    HelloArrived,
    Opened,
    Phase,
    PlatformSession,
)
from autonomy.link.signing import public_text
from tests.autonomy.link.keys import CAR_KEY, FLEET_KEY, OTHER_KEY, VEHICLE


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    journal = Journal(tmp_path / "journal.db", VEHICLE)
    yield journal
    journal.close()


def code_of(output: object) -> str:
    assert isinstance(output, Ended)
    return output.code


def sides(
    journal: Journal, *, key: Ed25519PrivateKey = CAR_KEY, fleet_key: Ed25519PrivateKey = FLEET_KEY
) -> tuple[PlatformSession, CarSession]:
    platform = PlatformSession(signer=FLEET_KEY, now_s=0.0, now_ms=1_000_000)
    identity = CarIdentity(VEHICLE, key, fleet_key.public_key(), boot_id="b1", map_digest="abc")
    guard = CommandGuard(VEHICLE, fleet_key.public_key(), journal.downlink_seq)
    car = CarSession(identity=identity, report=CarReport("available.idle"), outbox=journal, guard=guard, now_s=0.0)
    return platform, car


def say_hello(platform: PlatformSession, car: CarSession) -> m.Hello:
    for text in platform.outgoing():
        assert car.receive(text, now_s=0.0) == []
    [hello] = car.outgoing()
    [arrived] = platform.receive(hello, now_s=0.0)
    assert isinstance(arrived, HelloArrived)
    return arrived.hello


def opened(journal: Journal, *, uplink_seq: int = 0) -> tuple[PlatformSession, CarSession]:
    platform, car = sides(journal)
    say_hello(platform, car)
    assert platform.authenticate(public_text(CAR_KEY)) is None
    platform.open(epoch=4, uplink_seq=uplink_seq, now_s=0.1, now_ms=1_000_100)
    [welcome] = platform.outgoing()
    assert car.receive(welcome, now_s=0.2) == [Opened(epoch=4, lease_s=10.0, platform_time_ms=1_000_300)]
    return platform, car


def test_a_car_and_its_platform_prove_themselves_to_each_other(journal: Journal) -> None:
    platform, car = opened(journal)
    assert (platform.phase, car.phase, platform.vehicle_id) == (Phase.OPEN, Phase.OPEN, VEHICLE)


def test_a_car_with_a_wrong_key_is_refused_for_good(journal: Journal) -> None:
    platform, car = sides(journal, key=OTHER_KEY)
    say_hello(platform, car)
    ended = platform.authenticate(public_text(CAR_KEY))
    assert ended is not None
    assert (ended.code, ended.retry_after_s, platform.phase) == ("bad_signature", None, Phase.ENDED)
    [reject] = platform.outgoing()
    assert car.receive(reject, now_s=0.0) == [Ended("bad_signature", ended.detail, None)]


def test_a_hello_that_was_signed_for_another_connection_is_refused(journal: Journal) -> None:
    platform, car = sides(journal)
    say_hello(platform, car)
    other, _ = sides(journal)
    other.outgoing()
    assert platform._hello is not None
    again = encode(platform._hello)
    other.receive(again, now_s=0.0)
    assert code_of(other.authenticate(public_text(CAR_KEY))) == "bad_signature"


def test_no_field_of_a_hello_can_be_changed_on_the_way(journal: Journal) -> None:
    platform, car = sides(journal)
    for text in platform.outgoing():
        car.receive(text, now_s=0.0)
    [hello] = car.outgoing()
    platform.receive(hello.replace('"available.idle"', '"on_trip.driving"'), now_s=0.0)
    assert code_of(platform.authenticate(public_text(CAR_KEY))) == "bad_signature"


def test_a_car_does_not_listen_to_a_platform_that_is_not_its_fleet(journal: Journal) -> None:
    platform, car = sides(journal, fleet_key=OTHER_KEY)
    say_hello(platform, car)
    platform.authenticate(public_text(CAR_KEY))
    platform.open(epoch=1, uplink_seq=0, now_s=0.0, now_ms=0)
    [ended] = car.receive(platform.outgoing()[0], now_s=0.0)
    assert (code_of(ended), car.phase) == ("bad_welcome", Phase.ENDED)


def test_an_unproven_car_can_not_be_welcomed(journal: Journal) -> None:
    platform, car = sides(journal)
    say_hello(platform, car)
    with pytest.raises(RuntimeError):
        platform.open(epoch=1, uplink_seq=0, now_s=0.0, now_ms=0)


def test_another_protocol_is_refused_for_good(journal: Journal) -> None:
    platform, car = sides(journal)
    for text in platform.outgoing():
        car.receive(text, now_s=0.0)
    [hello] = car.outgoing()
    [ended] = platform.receive(hello.replace('"protocol":1', '"protocol":99'), now_s=0.0)
    assert isinstance(ended, Ended)
    assert (ended.code, ended.retry_after_s) == ("unsupported_protocol", None)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ('{"type":"hello","proto', "bad_json"),
        ("x" * 10_000_000, "frame_too_large"),
        (b"\x00\x01", "binary_frame"),
        ('{"type":"hello"}', "bad_frame"),
        ('{"type":"heartbeat","sent_ms":1}', "out_of_turn"),
    ],
)
def test_a_bad_frame_ends_the_connection_with_a_reason(journal: Journal, text: str | bytes, code: str) -> None:
    platform, _ = sides(journal)
    platform.outgoing()
    [ended] = platform.receive(text, now_s=0.0)
    assert (code_of(ended), platform.phase) == (code, Phase.ENDED)
    assert '"reject"' in platform.outgoing()[0]
    assert platform.receive('{"type":"heartbeat","sent_ms":1}', now_s=0.0) == []


def test_a_slow_opening_and_a_silent_car_are_given_up(journal: Journal) -> None:
    platform, _ = sides(journal)
    assert platform.tick(now_s=5.0, now_ms=0) == []
    assert [code_of(o) for o in platform.tick(now_s=5.1, now_ms=0)] == ["handshake_timeout"]
    platform, car = opened(journal)
    assert platform.tick(now_s=10.0, now_ms=0) == []
    assert [code_of(o) for o in platform.tick(now_s=10.2, now_ms=0)] == ["silent"]
    assert [code_of(o) for o in car.tick(now_s=10.3, now_ms=0)] == ["silent"]


def test_silence_is_filled_with_heartbeats(journal: Journal) -> None:
    platform, car = opened(journal)
    for second in range(1, 60):
        platform.tick(now_s=second, now_ms=second * 1000)
        car.tick(now_s=second, now_ms=second * 1000)
        for text in car.outgoing():
            platform.receive(text, now_s=second)
        for text in platform.outgoing():
            car.receive(text, now_s=second)
    assert (platform.phase, car.phase) == (Phase.OPEN, Phase.OPEN)


def test_a_gap_in_the_events_ends_the_session_and_nothing_of_it_counts(journal: Journal) -> None:
    platform, _ = opened(journal)
    for seq in (1, 3):
        outputs = platform.receive(encode(m.Event(seq=seq, at_ms=0, body=m.Held(reason="x"))), now_s=0.3)
    assert [code_of(output) for output in outputs] == ["event_gap"]


def test_a_car_that_lost_its_journal_numbers_on_from_what_the_platform_has(journal: Journal) -> None:
    journal.commit(parts={}, events=[m.Held(reason="new life")], at_ms=1)
    platform, car = opened(journal, uplink_seq=50)
    arrived = [output for text in car.outgoing() for output in platform.receive(text, now_s=0.3)]
    assert arrived == [EventArrived(m.Event(seq=51, at_ms=1, body=m.Held(reason="new life")))]


def test_a_delayed_welcome_does_not_make_old_commands_look_young(journal: Journal) -> None:
    platform, car = sides(journal)
    say_hello(platform, car)
    platform.authenticate(public_text(CAR_KEY))
    platform.open(epoch=1, uplink_seq=0, now_s=0.0, now_ms=1_000_000)
    platform.command(seq=1, issued_at_ms=1_000_000, ttl_ms=3_000, issuer="user:1", reason="", body=m.Hold(), now_s=0.0)
    welcome, command = platform.outgoing()
    car.receive(welcome, now_s=4.0)
    [refused] = car.receive(command, now_s=4.0)
    assert isinstance(refused, CommandRefused)
    assert refused.code == "expired"
    outcome = journal.outcome_of(1)
    assert outcome is not None
    assert outcome.code == "expired"


def test_commands_of_a_session_must_rise(journal: Journal) -> None:
    platform, _ = opened(journal)

    def send(seq: int) -> None:
        platform.command(seq=seq, issued_at_ms=0, ttl_ms=1, issuer="user:1", reason="", body=m.Hold(), now_s=0.0)

    send(2)
    with pytest.raises(ValueError, match="command 2 after 2"):
        send(2)
