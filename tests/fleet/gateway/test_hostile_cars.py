"""What must not come in: each is answered with a reason where an answer can be given, and leaves no trace."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect
from websockets.typing import Subprotocol

from autonomy.link.messages import Challenge, Fault, Reject
from fleet.base.ids import new_id
from fleet.gateway.plane import planes
from fleet.ledger import selectors as ledger
from fleet.missions.models import Command
from fleet.telemetry.models import TelemetrySample, VehicleStatus
from fleet.vehicles.models import Vehicle

Wire = Any
Car = Any


def traces() -> dict[str, Any]:
    return {
        "ledger": ledger.head(),
        "samples": TelemetrySample.objects.count(),
        "status": VehicleStatus.objects.count(),
        "commands": Command.objects.count(),
        "vehicles": list(Vehicle.objects.order_by("id").values()),
    }


@contextmanager
def nothing_happens() -> Iterator[None]:
    before = traces()
    yield
    time.sleep(0.05)
    assert traces() == before


def refusal(wire: Wire, close_code: int) -> str:
    """The code of the Reject, after which the socket is closed with `close_code`."""
    reject: Reject = wire.next(Reject, 10.0)
    with pytest.raises(ConnectionClosed) as closed:
        while True:
            wire.socket.recv(timeout=5)
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == close_code
    return reject.code


def test_a_wrong_key_is_refused(car: Car) -> None:
    car.key = Ed25519PrivateKey.generate()
    with nothing_happens(), car.plug() as wire:
        wire.send(car.hello(wire.next(Challenge).nonce))
        assert refusal(wire, 4401) == "bad_signature"


def test_an_unknown_vehicle_is_refused(car: Car) -> None:
    for unknown in (str(new_id()), "not-a-uuid"):
        car.vehicle_id = unknown
        with nothing_happens(), car.plug() as wire:
            wire.send(car.hello(wire.next(Challenge).nonce))
            assert refusal(wire, 4401) == "unknown_vehicle"


def test_another_cars_identity_is_refused(make_car: Callable[..., Car]) -> None:
    thief, victim = make_car(), make_car()
    thief.vehicle_id = victim.vehicle_id
    with nothing_happens(), thief.plug() as wire:
        wire.send(thief.hello(wire.next(Challenge).nonce))
        assert refusal(wire, 4401) == "bad_signature"


def test_the_signature_of_another_challenge_is_refused(car: Car) -> None:
    with car.plug() as first:
        old_nonce = first.next(Challenge).nonce
    with nothing_happens(), car.plug() as wire:
        wire.next(Challenge)
        wire.send(car.hello(old_nonce))
        assert refusal(wire, 4401) == "bad_signature"


def test_an_old_protocol_is_refused(car: Car) -> None:
    with nothing_happens(), car.plug() as wire:
        wire.send(car.hello(wire.next(Challenge).nonce, protocol=0))
        assert refusal(wire, 4426) == "unsupported_protocol"


def test_an_old_subprotocol_is_not_accepted(server: Any) -> None:
    with (
        nothing_happens(),
        pytest.raises(InvalidStatus),
        connect(server.url, subprotocols=[Subprotocol("hansom.v0")], proxy=None),
    ):
        pass


def test_half_a_message_is_refused(car: Car) -> None:
    with nothing_happens(), car.plug() as wire:
        wire.next(Challenge)
        wire.socket.send('{"type": "hello", "protocol": 1, "vehi')
        assert refusal(wire, 4400) == "bad_json"


def test_a_half_message_in_an_open_session_is_refused_and_stores_nothing(car: Car) -> None:
    with car.connect() as wire:
        before = traces()["samples"]
        wire.socket.send('{"type":"event","seq":1,"at_ms":1,"body":{"type":"stop_arr')
        assert refusal(wire, 4400) == "bad_json"
    assert Vehicle.objects.get(pk=car.vehicle_id).uplink_seq == 0
    assert traces()["samples"] == before


@pytest.mark.parametrize("size", [70_000, 10_000_000])
def test_an_oversized_frame_ends_the_connection(car: Car, size: int) -> None:
    with nothing_happens(), car.plug() as wire:
        wire.next(Challenge)
        with pytest.raises(ConnectionClosed) as closed:
            wire.socket.send("x" * size)
            while True:
                wire.socket.recv(timeout=5)
        # 1009: too big; the server may also have cut the line while most of it was still on its way
        assert closed.value.rcvd is None or closed.value.rcvd.code == 1009


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        (b"\x00\x01\x02", "binary_frame"),
        ("", "bad_json"),
        ("null", "bad_frame"),
        ("[" * 60_000, "bad_frame"),
        ('{"type":"hello","protocol":' + "[" * 50_000, "bad_frame"),
        ('{"type":"launch_missiles"}', "bad_frame"),
        ('{"type":"hello","protocol":1}', "bad_frame"),
        ('{"type":"heartbeat","sent_ms":-1}', "bad_frame"),
        ('{"type":"heartbeat","sent_ms":1}', "out_of_turn"),
        ('{"type":"event","seq":1,"at_ms":1,"body":{"type":"doors_changed","open":true}}', "out_of_turn"),
    ],
)
def test_nonsense_before_the_hello_is_refused(car: Car, frame: str | bytes, code: str) -> None:
    with nothing_happens(), car.plug() as wire:
        wire.next(Challenge)
        wire.socket.send(frame)
        assert refusal(wire, 4400) == code


@pytest.mark.parametrize(
    "field", [{"lon": "NaN"}, {"lon": 181}, {"lat": 95}, {"lat": 1e400}, {"soc_pct": 900}, {"speed_mps": None}]
)
def test_telemetry_out_of_range_ends_the_session_and_is_not_stored(car: Car, field: dict[str, Any]) -> None:
    sample = {"type": "telemetry", "ts_ms": 1, "lon": 7.0, "lat": 43.0, "heading_deg": 0, "speed_mps": 0, **field}
    with car.connect() as wire:
        wire.socket.send(json.dumps(sample))
        assert refusal(wire, 4400) in ("bad_frame", "bad_json")
    assert (TelemetrySample.objects.count(), VehicleStatus.objects.count()) == (0, 0)


def test_telemetry_that_can_not_be_true_is_counted_and_not_stored(car: Car, until: Callable[..., None]) -> None:
    with car.connect() as wire:
        wire.telemetry(7.42, 43.73)
        until(lambda: TelemetrySample.objects.count() == 1)
        wire.telemetry(2.35, 48.85)  # Paris, a moment later
        wire.telemetry(ts_ms=2**53)
        wire.telemetry(ts_ms=0)
        wire.telemetry(7.42001, 43.73)
        until(lambda: TelemetrySample.objects.count() == 2)
        time.sleep(0.6)
        assert TelemetrySample.objects.count() == 2
    assert VehicleStatus.objects.get().lon == 7.42001


def test_an_event_out_of_order_is_refused(car: Car) -> None:
    with car.connect() as wire:
        wire.event(5, Fault(code="x", detail="", drivable=False))
        assert refusal(wire, 4400) == "event_gap"
    assert Vehicle.objects.get(pk=car.vehicle_id).uplink_seq == 0
    assert Vehicle.objects.get(pk=car.vehicle_id).state == "available.idle"


def test_the_answer_to_a_command_never_sent_is_refused(car: Car) -> None:
    with car.connect() as wire:
        wire.ack(7)
        assert refusal(wire, 4400) == "unknown_command"


def test_a_car_that_talks_too_fast_is_refused(car: Car) -> None:
    with car.connect() as wire, pytest.raises(ConnectionClosed):
        for _ in range(3000):
            wire.telemetry()
        while True:
            wire.socket.recv(timeout=5)
    assert TelemetrySample.objects.count() <= 1000


def test_silence_instead_of_a_hello_ends_after_the_deadline(car: Car, monkeypatch: pytest.MonkeyPatch) -> None:
    with car.plug() as wire:  # the gateway starts with its first connection
        wire.next(Challenge)
    for plane in planes():
        monkeypatch.setattr(plane, "_limits", replace(plane._limits, handshake_s=1.0))
    with nothing_happens(), car.plug() as wire:
        wire.next(Challenge)
        began = time.monotonic()
        assert refusal(wire, 4408) == "handshake_timeout"
        assert 0.8 < time.monotonic() - began < 3.0


def test_a_decommissioned_car_is_refused(car: Car) -> None:
    Vehicle.objects.filter(pk=car.vehicle_id).update(state="removed.decommissioned")
    with nothing_happens(), car.plug() as wire:
        wire.send(car.hello(wire.next(Challenge).nonce))
        assert refusal(wire, 4403) == "decommissioned"


def test_a_browser_is_refused(server: Any) -> None:
    headers = {"Origin": "https://evil.example"}
    with nothing_happens(), pytest.raises(InvalidStatus), connect(server.url, additional_headers=headers, proxy=None):
        pass
