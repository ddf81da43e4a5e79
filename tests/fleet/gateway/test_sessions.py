from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import OperationalError, transaction
from websockets.exceptions import ConnectionClosed

from autonomy.link.messages import (
    AssignMission,
    CabinEmpty,
    CancelMission,
    Challenge,
    DoorsChanged,
    Event,
    EventAck,
    EventBody,
    Fault,
    Held,
    Hello,
    Hold,
    MissionCompleted,
    Proceed,
    Reject,
    Release,
    Resumed,
    StopArrived,
    StopDeparted,
    UnlockDoors,
    Welcome,
)
from fleet.base import clock
from fleet.base.ids import new_id
from fleet.gateway import services as gateway
from fleet.ledger import selectors as ledger
from fleet.missions import services as missions
from fleet.missions import uplink, verbs
from fleet.missions.domain import Previous
from fleet.missions.models import Command, Mission
from fleet.telemetry.models import TelemetrySample, VehicleStatus
from fleet.vehicles import services as vehicles
from fleet.vehicles.models import Vehicle
from geofence.base.errors import Refusal

Car = Any
Until = Callable[..., None]


def fresh(car: Car) -> Vehicle:
    return Vehicle.objects.get(pk=car.vehicle_id)


def kinds(car: Car) -> list[str]:
    return [event.kind for event in ledger.of_subject("vehicle", car.vehicle_id)]


def test_a_whole_ride_over_the_socket(car: Car, ride_to: Any, owner: Any, until: Until) -> None:
    with car.connect() as wire:
        assert (fresh(car).link, fresh(car).session_epoch) == ("online", wire.epoch)
        mission = ride_to(UUID(car.vehicle_id))
        order = wire.command()
        assert isinstance(order.body, AssignMission)
        assert (order.body.mission_id, order.seq, order.epoch) == (str(mission.pk), 1, wire.epoch)
        assert [leg.edges for leg in order.body.legs] == [[0, 1, 2, 3], [3, 4, 5, 6, 7, 8, 9]]
        wire.ack(1)
        until(lambda: Mission.objects.get().state == "accepted")
        assert fresh(car).state == "reserved.enroute"

        here: Any = {"mission_id": str(mission.pk), "version": 1}
        wire.event(1, StopArrived(**here, stop_index=0))
        wire.stored(1)
        assert fresh(car).state == "stopped.at_pickup"
        missions.unlock(mission_id=mission.pk, actor="user:rider")
        assert isinstance(wire.command().body, UnlockDoors)
        assert fresh(car).state == "stopped.boarding"
        missions.proceed(mission_id=mission.pk, stop_index=0, actor="user:rider")
        missions.proceed(mission_id=mission.pk, stop_index=0, actor="user:rider")
        assert wire.command().body == Proceed(**here, stop_index=0)
        wire.event(2, StopDeparted(**here, stop_index=0))
        wire.event(3, StopArrived(**here, stop_index=1))
        wire.stored(2)
        wire.stored(3)
        assert fresh(car).state == "stopped.alighting"
        wire.event(4, CabinEmpty(**here, stop_index=1))
        wire.event(5, MissionCompleted(**here))
        wire.stored(4)
        wire.stored(5)
    assert (fresh(car).state, fresh(car).uplink_seq) == ("available.idle", 5)
    assert Mission.objects.get().state == "completed"
    assert owner.told == [
        ("stop_arrived", 0),
        ("stop_departed", 0),
        ("stop_arrived", 1),
        ("cabin_empty", 1),
        ("completed", None),
    ]
    assert Command.objects.filter(kind="proceed").count() == 1


def test_a_closed_connection_degrades_the_link_and_a_new_one_restores_it(car: Car, until: Until) -> None:
    with car.connect():
        pass
    until(lambda: fresh(car).link == "degraded")
    with car.connect():
        assert (fresh(car).link, fresh(car).session_epoch) == ("online", 2)


def events_sent_again_count_once(car: Car, ride_to: Any, owner: Any) -> None:
    """The story: the answers to the first events are lost with the line; the car offers them again, then a new one."""
    with car.connect() as wire:
        mission = ride_to(UUID(car.vehicle_id))
        wire.command()
        news: list[EventBody] = [
            StopArrived(mission_id=str(mission.pk), version=1, stop_index=0),
            Fault(code="lidar", detail="", drivable=True),
            DoorsChanged(open=True),
        ]
        for seq in (1, 2):
            wire.event(seq, news[seq - 1])
            wire.stored(seq)
    with car.plug() as wire:
        wire.send(car.hello(wire.next(Challenge).nonce, uplink_seq=3, downlink_seq=1))
        wire.next(Welcome)
        for seq in (1, 2, 3):
            wire.event(seq, news[seq - 1])
            wire.next(EventAck)
    assert fresh(car).uplink_seq == 3
    assert owner.told == [("stop_arrived", 0), ("failed", "fault lidar")]
    assert kinds(car).count("vehicle.fault") == 1, "a fault counted twice"
    assert "vehicle.event_ignored" not in kinds(car), "an event was taken twice"


def test_events_sent_again_after_a_lost_answer_count_once(car: Car, ride_to: Any, owner: Any) -> None:
    events_sent_again_count_once(car, ride_to, owner)


@transaction.atomic
def store_whatever_comes(*, vehicle_id: UUID, epoch: int, event: Event, skip_effect: str = "") -> int:
    """`gateway.services.store_event` as somebody writes it who forgets that events come again."""
    vehicle = gateway._locked(vehicle_id, epoch)
    try:
        with transaction.atomic():
            uplink.take_event(vehicle=vehicle, body=event.body, at=clock.now())
    except (uplink.Ignored, Refusal) as reason:
        gateway._note_event(vehicle, event, "vehicle.event_ignored", str(reason))
    Vehicle.objects.filter(pk=vehicle_id).update(uplink_seq=event.seq)
    return event.seq


def welcome_as_if_new(*, vehicle_id: UUID, hello: Hello) -> gateway.SessionOpened:
    """`gateway.services.open_session` that has forgotten what was stored: the session asks for everything again."""
    return replace(open_session(vehicle_id=vehicle_id, hello=hello), uplink_seq=0)


open_session, store_event = gateway.open_session, gateway.store_event


def test_what_a_session_lets_through_twice_the_database_still_takes_once(
    car: Car, ride_to: Any, owner: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There are two gates. With the session's own one open, the number in the event's transaction is the only one."""
    monkeypatch.setattr(gateway, "open_session", welcome_as_if_new)
    events_sent_again_count_once(car, ride_to, owner)


def test_the_same_story_finds_a_gateway_that_does_not_compare_numbers(
    car: Car, ride_to: Any, owner: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Negative control of both. The arrival is caught by the mission's own state; the fault has only its number."""
    monkeypatch.setattr(gateway, "open_session", welcome_as_if_new)
    monkeypatch.setattr(gateway, "store_event", store_whatever_comes)
    with pytest.raises(AssertionError, match="a fault counted twice"):
        events_sent_again_count_once(car, ride_to, owner)


@pytest.mark.parametrize(("store", "times"), [(store_event, 1), (store_whatever_comes, 2)])
def test_an_event_whose_commit_was_not_confirmed_is_tried_again_and_counts_once(
    car: Car, monkeypatch: pytest.MonkeyPatch, store: Any, times: int
) -> None:
    """The line to the database breaks between commit and answer. The control, without the number, counts twice."""
    broken: list[int] = []

    def store_and_lose_the_answer(*, event: Event, **more: Any) -> int:
        stored: int = store(event=event, **more)
        if event.seq not in broken:
            broken.append(event.seq)
            raise OperationalError("server closed the connection unexpectedly")
        return stored

    monkeypatch.setattr(gateway, "store_event", store_and_lose_the_answer)
    with car.connect() as wire:
        wire.event(1, Fault(code="lidar", detail="", drivable=True))
        wire.stored(1)
    assert kinds(car).count("vehicle.fault") == times


def test_a_clone_fences_the_first_and_is_reported(car: Car, until: Until) -> None:
    with car.connect() as first:
        first.telemetry()
        until(lambda: TelemetrySample.objects.count() == 1)
        car.boot_id = "boot-2"
        with car.connect() as second:
            reject: Reject = first.next(Reject)
            assert (reject.code, reject.retry_after_s) == ("superseded", 60.0)
            with pytest.raises(ConnectionClosed):
                while True:
                    first.telemetry()
                    first.socket.recv(timeout=2)
            second.telemetry(7.4201)
            until(lambda: VehicleStatus.objects.get().lon == 7.4201)
            second.event(1, DoorsChanged(open=True))
            second.stored(1)
            assert fresh(car).session_epoch == second.epoch == first.epoch + 1
    assert TelemetrySample.objects.count() == 2
    assert kinds(car).count("vehicle.clone_suspected") == 1


def test_the_same_boot_that_comes_back_is_no_clone(car: Car) -> None:
    with car.connect() as first, car.connect():
        reject: Reject = first.next(Reject)
        assert (reject.code, reject.retry_after_s) == ("superseded", 1.0)
    assert "vehicle.clone_suspected" not in kinds(car)


def test_a_motion_command_expires_and_a_mission_does_not(car: Car, ride_to: Any, owner: Any) -> None:
    vehicle_id = UUID(car.vehicle_id)
    mission = ride_to(vehicle_id)
    verbs.hold(vehicle_id=vehicle_id, actor="user:1", reason="smoke ahead")
    Command.objects.filter(kind="hold").update(ttl_ms=1)
    Command.objects.filter(kind="assign_mission").update(ttl_ms=60_000, issued_at="2020-01-01T00:00:00Z")
    with car.connect() as wire:
        order = wire.command()
        assert (order.seq, order.body.mission_id) == (1, str(mission.pk))
        assert order.issued_at_ms > 1_700_000_000_000
        wire.no_command(0.6)
    assert Command.objects.get(kind="hold").state == "expired"
    assert kinds(car).count("command.expired") == 1


def test_a_command_that_was_not_answered_is_sent_again_and_then_settled(car: Car, ride_to: Any, until: Until) -> None:
    with car.connect() as wire:
        ride_to(UUID(car.vehicle_id))
        assert wire.command().seq == 1
    with car.connect() as wire:
        again = wire.command()
        assert (again.seq, again.epoch) == (1, wire.epoch)
        wire.ack(1)
        until(lambda: Mission.objects.get().state == "accepted")
    with car.connect(downlink_seq=1, mission_id=str(Mission.objects.get().pk), mission_version=1) as wire:
        wire.no_command(0.6)


def test_a_refused_mission_frees_the_car_and_tells_its_owner(car: Car, ride_to: Any, owner: Any, until: Until) -> None:
    with car.connect() as wire:
        ride_to(UUID(car.vehicle_id))
        wire.ack(wire.command().seq, "refused", "unknown_map")
        until(lambda: Mission.objects.get().state == "refused")
    assert fresh(car).state == "available.idle"
    assert owner.told == [("refused", "refused: unknown_map")]


def test_a_mission_that_came_too_late_is_sent_afresh(car: Car, ride_to: Any, owner: Any) -> None:
    with car.connect() as wire:
        ride_to(UUID(car.vehicle_id))
        wire.ack(wire.command().seq, "refused", "expired")
        second = wire.command()
        assert second.seq == 2
        wire.ack(2, "refused", "expired")
        assert wire.command().seq == 3
    assert Mission.objects.get().state == "sent"
    assert owner.told == []


def test_a_car_that_lost_its_mission_gets_it_again(car: Car, ride_to: Any, until: Until) -> None:
    with car.connect() as wire:
        mission = ride_to(UUID(car.vehicle_id))
        wire.ack(wire.command().seq)
        until(lambda: Mission.objects.get().state == "accepted")
    with car.connect(downlink_seq=0) as wire:  # its journal is gone
        order = wire.command()
        assert (order.seq, order.body.mission_id) == (2, str(mission.pk))
        assert order.body.previous_mission_id is None


def test_a_car_with_a_mission_that_was_cancelled_meanwhile_is_told(car: Car, ride_to: Any, until: Until) -> None:
    with car.connect() as wire:
        mission = ride_to(UUID(car.vehicle_id))
        wire.ack(wire.command().seq)
        until(lambda: Mission.objects.get().state == "accepted")
    missions.cancel(mission_id=mission.pk, reason="rider changed plans", actor="user:1", by_passenger=True)
    with car.connect(downlink_seq=1, mission_id=str(mission.pk), mission_version=1) as wire:
        assert wire.command().body == CancelMission(mission_id=str(mission.pk), version=1)
    assert fresh(car).state == "available.idle"


def test_even_when_the_cancellation_was_answered_and_forgotten(car: Car, ride_to: Any) -> None:
    mission = ride_to(UUID(car.vehicle_id))
    missions.cancel(mission_id=mission.pk, reason="no longer needed", actor="user:1")
    Command.objects.update(state="accepted")
    with car.connect(downlink_seq=2, mission_id=str(mission.pk), mission_version=1) as wire:
        order = wire.command()
        assert (order.seq, order.body) == (3, CancelMission(mission_id=str(mission.pk), version=1))


def test_a_car_is_compared_only_after_its_own_news_are_in(car: Car, ride_to: Any, owner: Any, until: Until) -> None:
    with car.connect() as wire:
        mission = ride_to(UUID(car.vehicle_id))
        wire.ack(wire.command().seq)
        until(lambda: Mission.objects.get().state == "accepted")
        wire.event(1, StopArrived(mission_id=str(mission.pk), version=1, stop_index=0))
        wire.stored(1)
    # While the link was away it left, arrived, and completed; its hello knows no mission any more.
    here: Any = {"mission_id": str(mission.pk), "version": 1}
    with car.connect(uplink_seq=4, downlink_seq=1) as wire:
        wire.no_command(0.4)
        wire.event(2, StopDeparted(**here, stop_index=0))
        wire.event(3, StopArrived(**here, stop_index=1))
        wire.event(4, MissionCompleted(**here))
        wire.stored(2)
        wire.stored(3)
        wire.stored(4)
        wire.no_command(0.4)
    assert Mission.objects.get().state == "completed"


def test_a_silent_car_comes_back_with_its_buffered_news(car: Car, ride_to: Any, owner: Any, until: Until) -> None:
    with car.connect() as wire:
        mission = ride_to(UUID(car.vehicle_id))
        wire.ack(wire.command().seq)
        until(lambda: Mission.objects.get().state == "accepted")
    until(lambda: fresh(car).link == "degraded")
    assert vehicles.sweep_silent(clock.now() + timedelta(seconds=90)) == [UUID(car.vehicle_id)]
    assert (fresh(car).state, fresh(car).resume_state) == ("non_contactable", "reserved.enroute")
    about: Any = {"uplink_seq": 1, "downlink_seq": 1, "mission_id": str(mission.pk), "mission_version": 1}
    with car.connect(reported_state="stopped.at_pickup", **about) as wire:
        assert (fresh(car).state, fresh(car).link) == ("reserved.enroute", "online")
        wire.event(1, StopArrived(mission_id=str(mission.pk), version=1, stop_index=0))
        wire.stored(1)
        wire.no_command(0.4)
    assert fresh(car).state == "stopped.at_pickup"


def test_a_ride_taken_from_a_silent_car_is_gone_when_it_comes_back(car: Car, ride_to: Any, until: Until) -> None:
    with car.connect() as wire:
        mission = ride_to(UUID(car.vehicle_id))
        wire.ack(wire.command().seq)
        until(lambda: Mission.objects.get().state == "accepted")
    vehicles.lose_contact(vehicle=fresh(car), actor="watchdog", reason="silent")
    missions.cancel(mission_id=mission.pk, reason="car silent", actor="dispatcher:1")
    assert (fresh(car).state, fresh(car).resume_state) == ("non_contactable", "available.idle")
    about: Any = {"downlink_seq": 1, "mission_id": str(mission.pk), "mission_version": 1}
    with car.connect(reported_state="reserved.enroute", **about) as wire:
        assert isinstance(wire.command().body, CancelMission)
        assert fresh(car).state == "available.idle"


def test_hold_and_release_over_the_socket(car: Car, ride_to: Any, owner: Any, until: Until) -> None:
    vehicle_id = UUID(car.vehicle_id)
    with car.connect() as wire:
        ride_to(vehicle_id)
        wire.ack(wire.command().seq)
        verbs.hold(vehicle_id=vehicle_id, actor="user:1", reason="check the tyre")
        order = wire.command()
        assert (order.body, order.reason, order.issuer, order.ttl_ms) == (Hold(), "check the tyre", "user:1", 5000)
        wire.event(1, Held(reason="ordered"))
        wire.stored(1)
        assert (fresh(car).state, fresh(car).held_by) == ("reserved.held", "operator")
        wire.event(2, Resumed(reason="by itself"))
        wire.stored(2)
        assert (fresh(car).state, fresh(car).held_by) == ("reserved.held", "operator")
        verbs.release(vehicle_id=vehicle_id, actor="user:1", reason="tyre is fine")
        order = wire.command()
        assert order.body == Release()
        assert (fresh(car).state, fresh(car).held_by) == ("reserved.held", "operator")
        wire.ack(order.seq)
        until(lambda: (fresh(car).state, fresh(car).held_by) == ("reserved.enroute", ""))
        wire.event(3, Resumed(reason="tyre is fine"))
        wire.stored(3)
    assert owner.told == [("held", "ordered"), ("resumed", None), ("resumed", None)]
    assert kinds(car).count("vehicle.event_ignored") == 1


@pytest.mark.parametrize(("drivable", "state"), [(True, "available.held"), (False, "non_operational.grounded")])
def test_a_fault_ends_the_mission(car: Car, ride_to: Any, owner: Any, drivable: bool, state: str) -> None:
    with car.connect() as wire:
        mission = ride_to(UUID(car.vehicle_id))
        wire.ack(wire.command().seq)
        wire.event(1, Fault(code="lidar", detail="no returns", drivable=drivable))
        wire.stored(1)
        assert wire.command().body == CancelMission(mission_id=str(mission.pk), version=1)
    assert (fresh(car).state, fresh(car).held_by) == (state, "car")
    assert Mission.objects.get().state == "failed"
    assert owner.told == [("failed", "fault lidar")]


def test_an_event_whose_effect_always_fails_is_noted_and_does_not_stop_the_rest(
    car: Car, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = uplink.take_event

    def broken(*, vehicle: Vehicle, body: Any, at: Any) -> None:
        if isinstance(body, Held):
            raise KeyError("a bug")
        real(vehicle=vehicle, body=body, at=at)

    monkeypatch.setattr(uplink, "take_event", broken)
    with car.connect() as wire:
        wire.event(1, Held(reason="x"))
        wire.event(2, Fault(code="brake", detail="", drivable=False))
        wire.stored(1)
        wire.stored(2)
    assert fresh(car).state == "non_operational.grounded"
    assert kinds(car).count("vehicle.event_quarantined") == 1


def test_an_event_about_a_foreign_mission_changes_nothing(make_car: Any, ride_to: Any, owner: Any) -> None:
    mine, other = make_car(), make_car()
    mission = ride_to(UUID(other.vehicle_id))
    with mine.connect() as wire:
        wire.event(1, StopArrived(mission_id=str(mission.pk), version=1, stop_index=0))
        wire.event(2, MissionCompleted(mission_id=str(new_id()), version=1))
        wire.event(3, MissionCompleted(mission_id="no-uuid", version=1))
        wire.stored(1)
        wire.stored(2)
        wire.stored(3)
    assert owner.told == []
    assert fresh(other).state == "reserved.enroute"
    assert kinds(mine).count("vehicle.event_ignored") == 3


def test_an_empty_drive_is_replaced_by_a_ride_in_one_command(car: Car, ride_to: Any, two_stops: Any) -> None:
    stops, legs = two_stops
    with car.connect() as wire:
        empty = ride_to(UUID(car.vehicle_id), purpose="reposition", purpose_id=None, stops=stops[1:], legs=legs[1:])
        wire.ack(wire.command().seq)
        assert fresh(car).state == "available.repositioning"
        ride = ride_to(UUID(car.vehicle_id), previous=Previous(mission_id=str(empty.pk), version=1))
        order = wire.command()
        assert isinstance(order.body, AssignMission)
        assert (order.body.mission_id, order.body.previous_mission_id) == (str(ride.pk), str(empty.pk))
    assert fresh(car).state == "reserved.enroute"
    assert Mission.objects.get(pk=empty.pk).state == "cancelled"
