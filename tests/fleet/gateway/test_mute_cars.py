"""A car that talks but leaves the commands of its mission unanswered loses the mission; one that answers does not."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from autonomy.link.messages import AssignMission, CancelMission, Hold, Release, StopArrived
from fleet.base import clock
from fleet.ledger import selectors as ledger
from fleet.missions import services as missions
from fleet.missions import sweeps, verbs
from fleet.missions.models import Command, Mission
from fleet.telemetry.models import VehicleStatus
from fleet.vehicles.models import Vehicle

Car = Any
Until = Callable[..., None]


@pytest.fixture(autouse=True)
def short_patience(settings: Any) -> None:
    settings.HANSOM_TIMING = {**settings.HANSOM_TIMING, "mission_answer_s": 0.3}


def how(car: Car) -> tuple[str, str]:
    vehicle = Vehicle.objects.get(pk=car.vehicle_id)
    return vehicle.state, vehicle.held_by


def talk_past_patience(wire: Any, until: Until) -> None:
    """The car reports on until the platform has heard it long after the last command was sent."""

    def heard() -> bool:
        wire.telemetry()
        sent = Command.objects.filter(sent_at__isnull=False).latest("sent_at").sent_at
        assert sent is not None
        return VehicleStatus.objects.filter(heard_at__gt=sent + timedelta(seconds=0.4)).exists()

    until(heard)


def test_a_mute_cars_ride_is_given_back_and_the_car_is_held(car: Car, ride_to: Any, owner: Any, until: Until) -> None:
    with car.connect() as wire:
        mission = ride_to(UUID(car.vehicle_id))
        assert isinstance(wire.command().body, AssignMission)
        talk_past_patience(wire, until)
        assert sweeps.sweep_mute(clock.now()) == [UUID(car.vehicle_id)]
        assert sweeps.sweep_mute(clock.now()) == []
        assert owner.told == [("failed", "no answer to assign_mission")]
        assert Mission.objects.get().state == "failed"
        assert how(car) == ("available.held", "car")  # else it would get the next ride
        assert wire.command().body == CancelMission(mission_id=str(mission.pk), version=1)

        wire.ack(1)  # too late: the ride is somebody else's
        verbs.release(vehicle_id=UUID(car.vehicle_id), actor="user:1", reason="it answers again")
        order = wire.command()
        assert order.body == Release()
        wire.ack(order.seq, "refused", "not_held")
        until(lambda: how(car) == ("available.idle", ""))
    assert Mission.objects.get().state == "failed"


def test_a_car_that_answers_keeps_its_ride(car: Car, ride_to: Any, owner: Any, until: Until) -> None:
    """The control: all the same but for the answer."""
    with car.connect() as wire:
        ride_to(UUID(car.vehicle_id))
        wire.ack(wire.command().seq)
        talk_past_patience(wire, until)
        assert sweeps.sweep_mute(clock.now()) == []
    assert (Mission.objects.get().state, how(car), owner.told) == ("accepted", ("reserved.enroute", ""), [])


def test_a_car_that_is_not_heard_is_not_mute_but_silent(car: Car, ride_to: Any, owner: Any, until: Until) -> None:
    """Nor is one behind a gateway that stands still: it may have answered."""
    with car.connect() as wire:
        wire.telemetry()
        until(VehicleStatus.objects.exists)
        ride_to(UUID(car.vehicle_id))
        wire.command()
        assert sweeps.sweep_mute(clock.now() + timedelta(minutes=5)) == []
    until(lambda: Vehicle.objects.get().link == "degraded")
    VehicleStatus.objects.update(heard_at=clock.now() + timedelta(minutes=1))
    assert sweeps.sweep_mute(clock.now() + timedelta(minutes=5)) == []
    assert (how(car), owner.told) == (("reserved.enroute", ""), [])


def test_nothing_is_taken_from_a_mute_car_with_a_rider_inside(car: Car, ride_to: Any, owner: Any, until: Until) -> None:
    with car.connect() as wire:
        mission = ride_to(UUID(car.vehicle_id))
        wire.ack(wire.command().seq)
        until(lambda: Mission.objects.get().state == "accepted")
        wire.event(1, StopArrived(mission_id=str(mission.pk), version=1, stop_index=0))
        wire.stored(1)
        missions.unlock(mission_id=mission.pk, actor="user:rider")
        missions.proceed(mission_id=mission.pk, stop_index=0, actor="user:rider")
        wire.command()
        wire.ack(wire.command().seq - 1)  # it unlocks, and does not answer that it is to go
        until(lambda: Command.objects.filter(state="accepted").count() == 2)
        talk_past_patience(wire, until)
        assert sweeps.sweep_mute(clock.now()) == [UUID(car.vehicle_id)]
    assert (how(car), Mission.objects.get().state) == (("stopped.boarding", ""), "active")
    assert [told for told in owner.told if told[0] == "failed"] == []
    given_up = [e for e in ledger.of_subject("vehicle", car.vehicle_id) if e.kind == "command.expired"]
    assert [(e.data["command"], e.data["code"]) for e in given_up] == [("proceed", "no_answer")]


def test_an_unanswered_hold_is_no_reason_to_take_a_ride_away(car: Car, ride_to: Any, owner: Any, until: Until) -> None:
    with car.connect() as wire:
        ride_to(UUID(car.vehicle_id))
        wire.ack(wire.command().seq)
        until(lambda: Mission.objects.get().state == "accepted")
        verbs.hold(vehicle_id=UUID(car.vehicle_id), actor="user:1", reason="look at it")
        assert wire.command().body == Hold()
        talk_past_patience(wire, until)
        assert sweeps.sweep_mute(clock.now()) == []
    assert (Mission.objects.get().state, owner.told) == ("accepted", [])
