"""Looking through a car's cameras: the car shows itself to its own fleet, while it is asked to, and never at the link's
expense."""

import contextlib
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import Raw

from autonomy.link import messages as m
from autonomy.link.codec import BadFrame, decode_up, encode
from autonomy.link.driver_view import (
    MAX_PICTURE_BYTES,
    DriverView,
    OtherPlan,
    Picture,
    Thing,
    decode_view,
    encode_view,
)
from autonomy.link.guard import CommandGuard
from autonomy.link.journal import Journal
from autonomy.link.session import (
    CarIdentity,
    CarReport,
    CarSession,
    CommandRefused,
    DriverReportArrived,
    HelloArrived,
    Phase,
    PlatformSession,
    TelemetryArrived,
)
from autonomy.link.session.car import MAX_WATCH_S
from autonomy.link.signing import hello_bytes, public_text, sign, watch_bytes
from tests.autonomy.link.keys import CAR_KEY, FLEET_KEY, OTHER_KEY, OTHER_VEHICLE, VEHICLE

EPOCH = 4
VIEW = DriverView(
    taken_ms=0,
    release="vla-2.0",
    pictures=[Picture(camera="front_wide", jpeg=b"\xff\xd8\xff\xd9")],
    plan=[(1.0, 0.1, 5.0), (2.0, 0.2, 5.1)],
    alternatives=[OtherPlan(weight=0.2, points=[(1.0, 0.0)])],
    things=[Thing(kind="pedestrian", ahead_m=9.0, left_m=-1.0)],
    uncertainty=0.1,
    explanation="Waiting: pedestrian on the crossing.",
)


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    journal = Journal(tmp_path / "journal.db", VEHICLE)
    yield journal
    journal.close()


def opened(journal: Journal, *, driver_view: bool = True) -> tuple[PlatformSession, CarSession]:
    """Platform time 1,000,100 ms at 0.1 s of the clock."""
    platform = PlatformSession(signer=FLEET_KEY, now_s=0.0, now_ms=1_000_000)
    identity = CarIdentity(VEHICLE, CAR_KEY, FLEET_KEY.public_key(), boot_id="b1", driver_view=driver_view)
    guard = CommandGuard(VEHICLE, FLEET_KEY.public_key(), 0)
    car = CarSession(identity=identity, report=CarReport("available.idle"), outbox=journal, guard=guard, now_s=0.0)
    for text in platform.outgoing():
        car.receive(text, now_s=0.0)
    [hello] = car.outgoing()
    [arrived] = platform.receive(hello, now_s=0.0)
    assert isinstance(arrived, HelloArrived)
    assert platform.authenticate(public_text(CAR_KEY)) is None
    platform.open(epoch=EPOCH, uplink_seq=0, now_s=0.1, now_ms=1_000_100)
    for text in platform.outgoing():
        car.receive(text, now_s=0.1)
    return platform, car


def watch(platform: PlatformSession, car: CarSession, *, until_ms: int, now_s: float = 0.1) -> None:
    platform.watch(until_ms=until_ms, now_s=now_s)
    for text in platform.outgoing():
        assert car.receive(text, now_s=now_s) == []


def test_a_car_shows_what_it_sees_only_while_somebody_looks(journal: Journal) -> None:
    platform, car = opened(journal)
    car.show(VIEW, taken_s=0.1, now_s=0.1)
    assert (car.watched(0.1), car.outgoing()) == (False, [])
    watch(platform, car, until_ms=1_006_100)
    # By the car's clock, which takes the platform's to be 100 ms further: the hello's way.
    assert (car.watched(5.99), car.watched(6.01)) == (True, False)
    car.show(VIEW, taken_s=5.8, now_s=5.9)
    [text] = car.outgoing()
    [arrived] = platform.receive(text, now_s=5.9)
    assert isinstance(arrived, DriverReportArrived)
    car.show(VIEW, taken_s=6.0, now_s=6.1)
    assert car.outgoing() == []


def test_a_view_says_when_its_pictures_were_taken_in_the_platforms_time(journal: Journal) -> None:
    platform, car = opened(journal)
    watch(platform, car, until_ms=1_006_100)
    car.show(VIEW, taken_s=1.9, now_s=2.4)
    [text] = car.outgoing()
    [arrived] = platform.receive(text, now_s=2.5)
    assert isinstance(arrived, DriverReportArrived)
    # The car takes the latest that the platform's clock can have been when the welcome came: 100 ms of hello's way.
    assert decode_view(arrived.view).taken_ms == 1_000_100 + 100 + 1_800


def test_each_saying_prolongs_the_look_and_none_shortens_it(journal: Journal) -> None:
    platform, car = opened(journal)
    watch(platform, car, until_ms=1_006_100)
    watch(platform, car, until_ms=1_003_100, now_s=1.0)
    assert car.watched(5.9)
    watch(platform, car, until_ms=1_009_100, now_s=3.0)
    assert car.watched(8.8)


def test_no_lease_is_longer_than_a_minute(journal: Journal) -> None:
    platform, car = opened(journal)
    watch(platform, car, until_ms=2**52)
    assert (car.watched(MAX_WATCH_S), car.watched(0.1 + MAX_WATCH_S)) == (True, False)


@pytest.mark.parametrize(
    ("key", "vehicle", "epoch"),
    [(OTHER_KEY, VEHICLE, EPOCH), (FLEET_KEY, OTHER_VEHICLE, EPOCH), (FLEET_KEY, VEHICLE, EPOCH - 1)],
    ids=["another fleet's key", "another car's", "another session's"],
)
def test_a_watch_that_is_not_for_this_car_now_shows_nothing_and_ends_nothing(
    journal: Journal, key: Any, vehicle: str, epoch: int
) -> None:
    _, car = opened(journal)
    signature = sign(key, watch_bytes(vehicle_id=vehicle, epoch=epoch, until_ms=1_006_100))
    [output] = car.receive(encode(m.Watch(until_ms=1_006_100, signature=signature)), now_s=0.2)
    assert isinstance(output, CommandRefused)
    assert (output.code, car.watched(0.2), car.phase) == ("bad_watch", False, Phase.OPEN)


def test_a_watch_signature_is_not_good_for_longer(journal: Journal) -> None:
    _, car = opened(journal)
    signature = sign(FLEET_KEY, watch_bytes(vehicle_id=VEHICLE, epoch=EPOCH, until_ms=1_006_100))
    car.receive(encode(m.Watch(until_ms=1_009_100, signature=signature)), now_s=0.2)
    assert not car.watched(0.3)


def test_a_car_that_does_not_know_the_watch_is_not_asked(journal: Journal) -> None:
    platform, car = opened(journal, driver_view=False)
    platform.watch(until_ms=1_006_100, now_s=0.2)
    assert platform.outgoing() == []
    assert not car.watched(0.3)


def test_a_hello_of_a_car_that_never_heard_of_views_is_still_its_own() -> None:
    """What an older car signs has no such field."""
    hello = m.Hello(
        protocol=1, vehicle_id=VEHICLE, signature="", car_nonce="n", boot_id="b", uplink_seq=0, downlink_seq=0,
        reported_state="available.idle",
    )  # fmt: skip
    fields = msgspec.structs.asdict(hello)
    del fields["signature"], fields["driver_view"]
    assert hello_bytes(hello, "nonce") == msgspec.json.encode(["hansom.hello.v1", "nonce", sorted(fields.items())])
    able = msgspec.structs.replace(hello, driver_view=True)
    assert hello_bytes(able, "nonce") != hello_bytes(hello, "nonce")


@pytest.mark.parametrize("body", ["1", '"x"', "{}", '{"taken_ms":-1,"release":"r"}', "[[[]]]", "null"])
def test_a_view_that_is_none_costs_the_picture_and_not_the_link(journal: Journal, body: str) -> None:
    platform, _ = opened(journal)
    [arrived] = platform.receive(f'{{"type":"driver_report","view":{body}}}', now_s=0.5)
    assert isinstance(arrived, DriverReportArrived)
    with pytest.raises(BadFrame):
        decode_view(arrived.view)
    [after] = platform.receive(
        encode(m.Telemetry(ts_ms=1, lon=7.4, lat=43.7, heading_deg=0.0, speed_mps=1.0)), now_s=0.6
    )
    assert isinstance(after, TelemetryArrived)
    assert platform.phase is Phase.OPEN


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"pictures": [{"camera": "front", "jpeg": "x"}]}, "jpeg"),
        ({"pictures": [{"camera": "../front", "jpeg": "AAAA"}]}, "camera"),
        ({"pictures": [{"camera": "front", "jpeg": "A" * (MAX_PICTURE_BYTES * 4 // 3 + 8)}]}, "jpeg"),
        ({"pictures": [{"camera": str(i), "jpeg": "AAAA"} for i in range(9)]}, "pictures"),
        ({"plan": [[1, 2]]}, "plan"),
        ({"plan": [[1, 2, None]]}, "plan"),
        ({"plan": [[2000, 0, 1]]}, "plan"),
        ({"plan": [[1, 0, 1]] * 41}, "plan"),
        ({"plan_step_s": 0}, "plan_step_s"),
        ({"uncertainty": 1.5}, "uncertainty"),
        ({"explanation": "two\nlines"}, "explanation"),
        ({"explanation": "x" * 401}, "explanation"),
        ({"cause": "<script>"}, "cause"),
        ({"things": [{"kind": "x", "ahead_m": 1, "left_m": 0, "length_m": -1}]}, "things"),
        ({"missed": -1}, "missed"),
        ({"latency_ms": 1e12}, "latency_ms"),
    ],
)
def test_a_view_out_of_bounds_is_refused_by_the_name_of_its_field(changes: dict[str, Any], field: str) -> None:
    whole = {"taken_ms": 1, "release": "vla-2.0", **changes}
    with pytest.raises(BadFrame) as refused:
        decode_view(msgspec.json.encode(whole))
    assert field in str(refused.value)


def test_pictures_have_room_for_forty_kilobytes_together() -> None:
    part = b"\xff\xd8" + b"x" * 19_996 + b"\xff\xd9"
    two = msgspec.structs.replace(VIEW, pictures=[Picture(camera=name, jpeg=part) for name in ("left", "right")])
    assert len(encode(m.DriverReport(view=encode_view(two)))) < m.MAX_FRAME_BYTES
    three = [*two.pictures, Picture(camera="rear", jpeg=b"\xff\xd8xx\xff\xd9")]
    with pytest.raises(BadFrame, match="40006 bytes, at most 40000"):
        encode_view(msgspec.structs.replace(VIEW, pictures=three))


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_a_number_that_is_none_is_not_sent(bad: float) -> None:
    with pytest.raises(BadFrame):
        encode_view(msgspec.structs.replace(VIEW, plan=[(bad, 0.0, 1.0)]))


near = st.floats(-1000, 1000)
views = st.builds(
    DriverView,
    taken_ms=st.integers(0, 2**53),
    release=st.from_regex(r"[a-z0-9.-]{0,40}", fullmatch=True),
    plan=st.lists(st.tuples(near, near, st.floats(-20, 100)), max_size=40),
    route=st.lists(st.tuples(near, near), max_size=60),
    alternatives=st.lists(st.builds(OtherPlan, weight=st.floats(0, 1), points=st.lists(st.tuples(near, near)))),
    uncertainty=st.none() | st.floats(0, 1),
    ood=st.none() | st.floats(0, 1e6),
    explanation=st.text(st.characters(min_codepoint=32, exclude_categories=["Cs", "Cc"]), max_size=100),
)


@settings(max_examples=40)
@given(views)
def test_what_may_be_sent_is_read_as_it_was_meant(view: DriverView) -> None:
    try:
        body = encode_view(view)
    except BadFrame:
        assert len(view.alternatives) > 8 or any(len(one.points) > 40 for one in view.alternatives)
        return
    frame = decode_up(encode(m.DriverReport(view=body)))
    assert isinstance(frame, m.DriverReport)
    assert decode_view(frame.view) == view


@given(st.binary(max_size=300))
def test_no_body_breaks_the_reader(body: bytes) -> None:
    with contextlib.suppress(BadFrame):
        decode_view(Raw(body))
