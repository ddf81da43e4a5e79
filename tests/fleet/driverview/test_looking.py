"""Somebody looks through a car's cameras: browser, socket server, gateway and car, each speaking its own wire."""

import base64
import contextlib
import io
import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client
from PIL import Image
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from autonomy.link.driver_view import DriverView, OtherPlan, Picture, encode_view
from autonomy.link.messages import DriverReport, Heartbeat, Reject, Watch
from autonomy.link.signing import parse_public, verify, watch_bytes
from fleet.access.domain import STAFF, Role, actor_of
from fleet.access.models import User
from fleet.base import clock
from fleet.base.ids import new_id
from fleet.driverview import consumers, hub, services
from fleet.gateway.plane import planes
from fleet.ledger import selectors as ledger
from fleet.telemetry.models import TelemetrySample
from fleet.vehicles.models import Vehicle
from tests.fleet.conftest import committed, make_vehicle
from tests.fleet.gateway.conftest import Car, Wire, db, make_car, module_server, server, until

__all__ = ["committed", "db", "make_car", "make_vehicle", "module_server", "server", "until"]
ORIGIN = "http://127.0.0.1:8000"
NOBODY = "00000000-0000-7000-8000-000000000000"
MakeCar = Callable[..., Car]


RENEW_S = 0.25


@pytest.fixture(autouse=True)
def our_origin(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.HANSOM_ORIGINS = [ORIGIN]
    monkeypatch.setattr(hub, "RENEW_S", RENEW_S)  # so that what must not come is waited for in a moment


@pytest.fixture
def car(make_car: MakeCar) -> Car:
    return make_car()


def account(role: Role) -> User:
    return User.objects.create_user(username=f"{role}-{new_id().hex}", password="x" * 12, role=role)


def cookie_of(user: User) -> dict[str, str]:
    client = Client()
    client.force_login(user)
    return {"Cookie": f"sessionid={client.cookies['sessionid'].value}"}


@contextlib.contextmanager
def look(
    car: Car, user: User | None, vehicle_id: str | None = None, origin: str = ORIGIN
) -> Iterator[ClientConnection]:
    url = car.url.replace("/ws/vehicle", f"/ws/console/driver/{vehicle_id or car.vehicle_id}")
    headers = {"Origin": origin, **(cookie_of(user) if user else {})}
    with connect(url, additional_headers=headers, proxy=None, open_timeout=10) as line:
        yield line


def turned_away(car: Car, user: User | None, **options: Any) -> int:
    """The HTTP status of the refused handshake."""
    with pytest.raises(InvalidStatus) as refused, look(car, user, **options):
        pass
    return int(refused.value.response.status_code)


def picture(width: int = 128, height: int = 64) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (width, height), (90, 120, 90)).save(out, "JPEG")
    return out.getvalue()


def view(**changes: Any) -> DriverView:
    whole: dict[str, Any] = {
        "taken_ms": clock.unix_ms(clock.now()) - 40,
        "release": "vla-2.0",
        "pictures": [Picture(camera="front_wide", jpeg=picture())],
        "plan": [(1.0, 0.0, 5.0)],
        "alternatives": [OtherPlan(weight=0.2, points=[(1.0, 0.3)])],
        "uncertainty": 0.2,
        "cause": "pedestrian",
        "explanation": "Waiting: pedestrian on the crossing.",
    }
    return DriverView(**{**whole, **changes})


def show(wire: Wire, **changes: Any) -> None:
    wire.send(DriverReport(view=encode_view(view(**changes))))


def able(car: Car) -> Any:
    return car.connect(driver_view=True)


def seen(line: ClientConnection, kind: str = "view", timeout: float = 8.0) -> dict[str, Any]:
    """The next message of this kind; pulses pass."""
    deadline = time.monotonic() + timeout
    while True:
        message = dict(json.loads(line.recv(timeout=max(0.01, deadline - time.monotonic()))))
        if message["type"] == kind:
            return message
        assert message["type"] == "pulse", message


def nothing_but_pulses(line: ClientConnection, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    with contextlib.suppress(TimeoutError):
        while time.monotonic() < deadline:
            assert json.loads(line.recv(timeout=max(0.01, deadline - time.monotonic()))) == {"type": "pulse"}


def looks(car: Car) -> list[tuple[str, str]]:
    found = ledger.of_subject("vehicle", car.vehicle_id)
    return [(event.kind, event.actor) for event in found if "cameras" in event.kind]


def counts() -> dict[str, int]:
    return dict(sum((plane.relay.counts for plane in planes()), start=planes()[0].relay.counts.__class__()))


@pytest.mark.parametrize("role", STAFF)
def test_staff_see_what_the_car_shows_and_the_ledger_has_who_looked(car: Car, role: Role, until: Any) -> None:
    user = account(role)
    with able(car) as wire:
        with look(car, user) as line:
            watch: Watch = wire.next(Watch)
            signed = watch_bytes(vehicle_id=car.vehicle_id, epoch=wire.epoch, until_ms=watch.until_ms)
            verify(parse_public(wire.fleet_key), watch.signature, signed)
            assert 4000 < watch.until_ms - clock.unix_ms(clock.now()) <= 6000
            assert looks(car) == [("vehicle.cameras_opened", actor_of(user))]
            show(wire)
            got = seen(line)
            assert got["view"]["explanation"] == "Waiting: pedestrian on the crossing."
            assert base64.b64decode(got["view"]["pictures"][0]["jpeg"]) == picture()
            assert 0 <= got["at"] - got["view"]["taken_ms"] < 5000
        until(lambda: len(looks(car)) == 2)
    assert looks(car)[1] == ("vehicle.cameras_closed", actor_of(user))
    told = ledger.of_subject("vehicle", car.vehicle_id)[-2:]
    closed = next(event for event in told if event.kind == "vehicle.cameras_closed")
    assert closed.data["pictures"] == 1
    assert TelemetrySample.objects.count() == 0


@pytest.mark.parametrize("role", [Role.RIDER, Role.REGULATOR, None])
def test_who_may_not_look_gets_no_line_and_the_car_is_not_asked(car: Car, role: Role | None) -> None:
    user = account(role) if role else None
    with able(car) as wire:
        assert turned_away(car, user) == 403
        with pytest.raises(TimeoutError):
            wire.next(Watch, timeout=3 * RENEW_S)
    assert looks(car) == []


def test_a_page_of_another_origin_can_not_look_with_the_operators_cookie(car: Car) -> None:
    assert turned_away(car, account(Role.OPERATOR), origin="http://evil.example") == 403
    assert looks(car) == []


def test_a_car_that_is_not_in_the_fleet_can_not_be_looked_through(car: Car) -> None:
    before = ledger.head()
    assert turned_away(car, account(Role.OPERATOR), vehicle_id=NOBODY) == 403
    assert ledger.head() == before


def test_a_look_that_can_not_be_written_down_is_not_given(car: Car, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(**_: Any) -> None:
        raise RuntimeError("the ledger is away")

    monkeypatch.setattr(services, "opened", broken)
    with able(car) as wire:
        assert turned_away(car, account(Role.OPERATOR)) == 403
        with pytest.raises(TimeoutError):
            wire.next(Watch, timeout=3 * RENEW_S)


def test_views_of_one_car_go_to_those_who_look_through_that_car_only(make_car: MakeCar) -> None:
    one, other = make_car(), make_car()
    user = account(Role.OPERATOR)
    with able(one) as wire, able(other) as quiet, look(one, user) as line, look(other, user) as elsewhere:
        wire.next(Watch)
        quiet.next(Watch)
        show(wire, explanation="mine")
        assert seen(line)["view"]["explanation"] == "mine"
        nothing_but_pulses(elsewhere, 1.0)


def test_two_who_look_get_the_same_view_and_each_is_in_the_ledger(car: Car, until: Any) -> None:
    first, second = account(Role.OPERATOR), account(Role.ASSISTANT)
    with able(car) as wire, look(car, first) as line:
        with look(car, second) as later:
            wire.next(Watch)
            until(lambda: len(looks(car)) == 2)
            time.sleep(0.3)  # both lines listen
            show(wire)
            assert seen(line) == seen(later)
        until(lambda: len(looks(car)) == 3)
        show(wire, explanation="still")
        assert seen(line)["view"]["explanation"] == "still"
    assert {actor for _, actor in looks(car)} == {actor_of(first), actor_of(second)}


def test_what_nobody_asked_for_goes_nowhere(car: Car, until: Any) -> None:
    with able(car) as wire:
        before, sent = counts().get("unwatched", 0), counts().get("sent", 0)
        show(wire)
        show(wire)
        until(lambda: counts().get("unwatched", 0) == before + 2)
    assert counts().get("sent", 0) == sent
    assert looks(car) == []


def test_the_asking_ends_with_the_look(car: Car, until: Any) -> None:
    with able(car) as wire:
        with look(car, account(Role.OPERATOR)):
            wire.next(Watch)
            wire.next(Watch, timeout=4.0)  # renewed
        until(lambda: len(looks(car)) == 2)
        with contextlib.suppress(TimeoutError):
            while True:
                wire.next(Watch, timeout=2 * RENEW_S)  # those that were on their way
        with pytest.raises(TimeoutError):
            wire.next(Watch, timeout=4 * RENEW_S)


@pytest.mark.parametrize(
    "body",
    [
        "17",
        '{"taken_ms":1}',
        '{"taken_ms":1,"release":"r","plan":[[1,2]]}',
        '{"taken_ms":1,"release":"r","explanation":"a\\u0000b"}',
        '{"taken_ms":1,"release":"r","pictures":[{"camera":"left","jpeg":"' + "A" * 40_000 + '"}]}',
        '{"taken_ms":1,"release":"r","pictures":[{"camera":"left","jpeg":"PHN2Zz48L3N2Zz4="}]}',
        "[" * 100 + "]" * 100,
    ],
)
def test_a_malformed_view_ends_nothing_and_shows_nothing(car: Car, body: str, until: Any) -> None:
    with able(car) as wire, look(car, account(Role.OPERATOR)) as line:
        wire.next(Watch)
        before = counts().get("bad", 0)
        wire.socket.send('{"type":"driver_report","view":' + body + "}")
        until(lambda: counts().get("bad", 0) == before + 1)
        wire.telemetry()
        show(wire, explanation="the next one is fine")
        assert seen(line)["view"]["explanation"] == "the next one is fine"
    assert Vehicle.objects.get(pk=car.vehicle_id).session_epoch == wire.epoch


def test_a_frame_that_is_no_json_ends_its_own_session_and_no_others(make_car: MakeCar) -> None:
    bad, good = make_car(), make_car()
    with able(bad) as wire, able(good) as other, look(good, account(Role.OPERATOR)) as line:
        other.next(Watch)
        wire.socket.send('{"type":"driver_report","view":' + "[" * 5000 + "]" * 5000 + "}")
        assert wire.next(Reject).code == "bad_json"
        show(other, explanation="untouched")
        assert seen(line)["view"]["explanation"] == "untouched"


def test_a_picture_that_asks_for_gigabytes_does_not_reach_the_browser(car: Car, until: Any) -> None:
    small = picture()
    at = small.index(b"\xff\xc0")
    bomb = small[: at + 5] + b"\xff\xff\xff\xff" + small[at + 9 :]
    with able(car) as wire, look(car, account(Role.OPERATOR)) as line:
        wire.next(Watch)
        before = counts().get("bad", 0)
        show(wire, pictures=[Picture(camera="left", jpeg=bomb)])
        until(lambda: counts().get("bad", 0) == before + 1)
        nothing_but_pulses(line, 0.5)


def test_a_flood_of_views_is_thinned_and_the_newest_is_shown(car: Car) -> None:
    with able(car) as wire, look(car, account(Role.OPERATOR)) as line:
        wire.next(Watch)
        for number in range(60):
            show(wire, missed=number)
        last, shown = -1, 0
        while last < 59:
            last = seen(line)["view"]["missed"]
            shown += 1
        assert shown < 40


def test_pictures_of_the_future_are_of_now(car: Car) -> None:
    with able(car) as wire, look(car, account(Role.OPERATOR)) as line:
        wire.next(Watch)
        show(wire, taken_ms=2**52)
        got = seen(line)
        assert got["view"]["taken_ms"] == got["at"]


def test_a_car_whose_software_shows_nothing_is_told_so(car: Car) -> None:
    with car.connect() as wire, look(car, account(Role.OPERATOR)) as line:
        assert seen(line, "unable") == {"type": "unable"}
        with pytest.raises(TimeoutError):
            wire.next(Watch, timeout=0.5)


def test_a_look_goes_on_when_the_car_comes_back(car: Car) -> None:
    with look(car, account(Role.OPERATOR)) as line:
        with able(car) as wire:
            wire.next(Watch)
        with able(car) as again:
            again.next(Watch, timeout=6.0)
            show(again, explanation="back")
            assert seen(line)["view"]["explanation"] == "back"


@pytest.mark.parametrize("said", ["", "{}", "x" * 5000, b"\0\1"])
def test_who_talks_on_a_line_for_looking_is_hung_up_on(car: Car, said: Any) -> None:
    with look(car, account(Role.OPERATOR)) as line:
        line.send(said)
        with pytest.raises(ConnectionClosed) as closed:
            while True:
                line.recv(timeout=5)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == consumers.CLOSE_PROTOCOL


def test_who_is_blocked_while_looking_sees_no_more(car: Car, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(consumers, "RECHECK_S", 0.0)
    user = account(Role.OPERATOR)
    with able(car) as wire, look(car, user) as line:
        wire.next(Watch)
        show(wire)
        seen(line)
        User.objects.filter(pk=user.pk).update(is_active=False)
        with pytest.raises(ConnectionClosed) as closed:
            while True:
                line.recv(timeout=5)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == consumers.CLOSE_FORBIDDEN


def test_a_forgotten_look_ends_by_itself(car: Car, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(consumers, "MAX_LOOK_S", 0.2)
    monkeypatch.setattr(consumers, "PULSE_S", 0.1)
    with look(car, account(Role.OPERATOR)) as line:
        with pytest.raises(ConnectionClosed) as closed:
            while True:
                line.recv(timeout=5)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == consumers.CLOSE_LONG


def test_a_look_leaves_the_cars_session_as_it_is(car: Car) -> None:
    with able(car) as wire, look(car, account(Role.OPERATOR)):
        wire.next(Watch)
        deadline = time.monotonic() + 1.0
        while time.monotonic() < deadline:
            show(wire)
            wire.send(Heartbeat(sent_ms=clock.unix_ms(clock.now())))
            time.sleep(0.05)
        wire.telemetry()
        wire.next(Watch, timeout=4.0)
    assert Vehicle.objects.get(pk=car.vehicle_id).session_epoch == wire.epoch
