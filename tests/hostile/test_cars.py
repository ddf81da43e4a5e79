"""Cars with a good key and bad manners; and what a car may write at most into every field."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from autonomy.link.messages import (
    Challenge,
    CommandAck,
    DriveModeChanged,
    Fault,
    Held,
    Resumed,
    StopArrived,
    Telemetry,
    TelemetryBatch,
    Welcome,
)
from fleet.base import clock
from fleet.ledger import selectors as ledger
from fleet.missions.models import Command, Mission
from fleet.telemetry.models import TelemetrySample
from fleet.vehicles.models import Vehicle
from tests.fleet.conftest import assign_ride, committed, make_vehicle, owner
from tests.fleet.gateway.conftest import car, db, make_car, module_server, server, until
from tests.fleet.gateway.test_hostile_cars import refusal, traces

__all__ = ["car", "committed", "db", "make_car", "make_vehicle", "module_server", "owner", "server", "until"]
Car = Any
LONGEST = "é" * 200


def kinds_of(vehicle_id: str) -> list[str]:
    return [event.kind for event in ledger.of_subject("vehicle", vehicle_id)]


def test_a_second_hello_ends_the_session(car: Car) -> None:
    with car.plug() as wire:
        nonce = wire.next(Challenge).nonce
        wire.send(car.hello(nonce))
        wire.next(Welcome)
        epoch = Vehicle.objects.get(pk=car.vehicle_id).session_epoch
        wire.send(car.hello(nonce))
        assert refusal(wire, 4400) == "out_of_turn"
    assert Vehicle.objects.get(pk=car.vehicle_id).session_epoch == epoch


def test_what_is_said_between_hello_and_welcome_is_not_heard(car: Car) -> None:
    with car.plug() as wire:
        wire.send(car.hello(wire.next(Challenge).nonce))
        wire.event(1, Fault(code="x", detail="", drivable=False))
        assert refusal(wire, 4400) == "out_of_turn"
    seen = Vehicle.objects.get(pk=car.vehicle_id)
    assert (seen.uplink_seq, seen.state) == (0, "available.idle")
    assert "vehicle.fault" not in kinds_of(car.vehicle_id)


@pytest.mark.parametrize(
    "frame",
    [
        b"\x89PNG\r\n\x1a\n" * 100,
        '{"type":"event","seq":1,"at_ms":1,"body":{"type":"held","reason":"a\\u0000b"}}',
        '{"type":"event","seq":1,"at_ms":1,"body":{"type":"held","reason":"\\ud800"}}',
        '{"type":"event","seq":1,"at_ms":1,"body":{"type":"held","reason":"' + "x" * 201 + '"}}',
        '{"type":"event","seq":1,"at_ms":1,"body":{"type":"drive_mode_changed","drive_mode":"LOUD","reason":""}}',
        '{"type":"event","seq":-1,"at_ms":1,"body":{"type":"held","reason":"x"}}',
        '{"type":"event","seq":1e3,"at_ms":1,"body":{"type":"held","reason":"x"}}',
        '{"type":"event","seq":1,"at_ms":99999999999999999999,"body":{"type":"held","reason":"x"}}',
        '{"type":"command_ack","seq":1,"outcome":"perhaps"}',
        '{"type":"welcome","epoch":99,"uplink_seq":0}',
        '{"type":"telemetry_batch","samples":[1,2,3]}',
    ],
)
def test_nonsense_in_an_open_session_ends_it_and_is_not_stored(car: Car, frame: str | bytes) -> None:
    with car.connect() as wire:
        before = traces()
        wire.socket.send(frame)
        assert refusal(wire, 4400) in ("bad_frame", "bad_json", "binary_frame", "out_of_turn")
        seen = Vehicle.objects.get(pk=car.vehicle_id)
        assert (seen.uplink_seq, seen.state) == (0, "available.idle")
        assert TelemetrySample.objects.count() == before["samples"]


@pytest.mark.parametrize(
    "field",
    [
        {"speed_mps": -21},
        {"heading_deg": -1},
        {"odometer_m": -1},
        {"soc_pct": -0.1},
        {"remaining_m": -1},
        {"stop_index": -1},
        {"stop_index": 2**31},
        {"edge": -1},
        {"ts_ms": -1},
        {"ts_ms": 2**63},
        {"lat": -95},
        {"lon": "7"},
        {"mission_id": "'; DROP TABLE"},
    ],
)
def test_negative_and_absurd_telemetry_ends_the_session(car: Car, field: dict[str, Any]) -> None:
    sample = {"type": "telemetry", "ts_ms": 1, "lon": 7.0, "lat": 43.0, "heading_deg": 0, "speed_mps": 0, **field}
    with car.connect() as wire:
        wire.socket.send(json.dumps(sample))
        assert refusal(wire, 4400) == "bad_frame"
    assert TelemetrySample.objects.count() == 0


def test_a_batch_of_the_future_is_not_stored(car: Car, until: Callable[..., None]) -> None:
    now = clock.unix_ms(clock.now())
    base: dict[str, Any] = {"lon": 7.42, "lat": 43.73, "heading_deg": 0.0, "speed_mps": 0.0}
    times = [0, now + 3_600_000, now + 10**12, 2**53, now]
    with car.connect() as wire:
        wire.send(TelemetryBatch(samples=[Telemetry(ts_ms=ts, **base) for ts in times]))
        until(TelemetrySample.objects.exists)
    assert [clock.unix_ms(at) for at in TelemetrySample.objects.values_list("ts", flat=True)] == [now]


def test_the_longest_words_of_a_car_are_taken_in(car: Car) -> None:
    """A fault must be heard, however long its code is."""
    bodies = (
        DriveModeChanged(drive_mode="MRC_REACHED", reason=LONGEST),
        Held(reason=LONGEST),
        Resumed(reason=LONGEST),
        StopArrived(mission_id="no-such-mission", version=2**31 - 1, stop_index=2**31 - 1),
        Fault(code=LONGEST, detail=LONGEST, drivable=False),
    )
    with car.connect(reported_state=LONGEST, software=LONGEST, map_digest=LONGEST, mission_id="x" * 64) as wire:
        for seq, body in enumerate(bodies, start=1):
            wire.event(seq, body)
        wire.stored(len(bodies))
    kinds = kinds_of(car.vehicle_id)
    assert "vehicle.event_quarantined" not in kinds
    assert "vehicle.fault" in kinds
    assert Vehicle.objects.get(pk=car.vehicle_id).state == "non_operational.grounded"


def test_a_fault_with_the_longest_code_ends_the_mission(car: Car, owner: Any) -> None:
    mission = assign_ride(car.vehicle_id)
    with car.connect() as wire:
        wire.ack(wire.command().seq)
        wire.event(1, Fault(code=LONGEST, detail=LONGEST, drivable=True))
        wire.stored(1)
        assert wire.command().body.mission_id == str(mission.pk)
    mission.refresh_from_db()
    assert mission.state == "failed"
    assert mission.end_reason == f"fault {LONGEST}"[:200]
    assert owner.told == [("failed", f"fault {LONGEST}"[:200])]


def test_a_refusal_with_the_longest_code_is_taken_in_and_the_session_goes_on(car: Car, owner: Any) -> None:
    mission = assign_ride(car.vehicle_id)
    with car.connect() as wire:
        seq = wire.command().seq
        wire.send(CommandAck(seq=seq, outcome="refused", code=LONGEST, detail=LONGEST))
        wire.event(1, Held(reason="still here"))
        wire.stored(1)
    assert Command.objects.get(seq=seq, vehicle_id=car.vehicle_id).code == LONGEST
    assert Mission.objects.get(pk=mission.pk).end_reason == f"refused: {LONGEST}"[:200]
    assert owner.told[0] == ("refused", f"refused: {LONGEST}"[:200])
