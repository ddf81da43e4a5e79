from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from django.db import IntegrityError, transaction

from autonomy.link.messages import MAX_FRAME_BYTES, AssignMission, CommandAck, SignedCommand
from autonomy.link.messages import Command as CommandFrame
from fleet.base import clock
from fleet.base.ids import new_id
from fleet.ledger import selectors as ledger
from fleet.ledger.testing import flush
from fleet.missions import selectors, services, uplink, verbs
from fleet.missions.domain import NEXT_STATES, OPEN_STATES, MissionState, Previous
from fleet.missions.models import Command, Mission
from fleet.missions.wire import body_message
from fleet.vehicles import services as vehicles
from fleet.vehicles.models import Vehicle
from fleet.vehicles.selectors import free
from geofence.base.errors import Conflict, NotFound, Refusal

RideTo = Callable[..., Mission]


def everything(vehicle: Vehicle) -> tuple[Any, ...]:
    flush()
    return (
        Vehicle.objects.filter(pk=vehicle.pk).values().get(),
        list(Mission.objects.order_by("id").values()),
        Command.objects.count(),
        ledger.head(),
    )


def test_an_assignment_reserves_the_car_and_issues_one_numbered_command(vehicle: Vehicle, ride_to: RideTo) -> None:
    mission = ride_to(vehicle.pk)
    vehicle.refresh_from_db()
    command = Command.objects.get()
    assert (vehicle.state, vehicle.next_downlink_seq) == ("reserved.enroute", 2)
    assert (mission.state, mission.version, mission.odd_version, mission.odd_digest) == ("planned", 1, 1, "o" * 64)
    assert (command.seq, command.kind, command.state, command.ttl_ms) == (1, "assign_mission", "pending", 60_000)
    flush()
    assert [e.kind for e in ledger.after(0)][-3:] == ["mission.assigned", "vehicle.state_changed", "command.issued"]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ({"previous": Previous(mission_id="0", version=1)}, "mission_changed"),
        ({"expected_state_version": 99}, "vehicle_state"),
        ({"stops": ()}, "invalid"),
        ({"legs": ()}, "invalid"),
        ({"purpose_id": None}, None),
    ],
)
def test_an_assignment_on_a_wrong_assumption_changes_nothing(
    vehicle: Vehicle, ride_to: RideTo, arguments: dict[str, Any], code: str | None
) -> None:
    before = everything(vehicle)
    with pytest.raises((Refusal, IntegrityError)) as refused, transaction.atomic():
        ride_to(vehicle.pk, **arguments)
    if code:
        assert isinstance(refused.value, Refusal)
        assert refused.value.code == code
    assert everything(vehicle) == before


def test_slow_zones_of_a_leg_reach_the_car_and_are_never_rounded_up(
    vehicle: Vehicle, ride_to: RideTo, two_stops: Any
) -> None:
    _, (first, second) = two_stops
    mission = ride_to(vehicle.pk, legs=(replace(first, speed_caps=((1, 4.1699), (3, 8.0))), second))
    assert [leg["speed_caps"] for leg in mission.legs] == [[[1, 4.16], [3, 8.0]], []]
    sent = body_message(Command.objects.get().body)
    assert isinstance(sent, AssignMission)
    assert [leg.speed_caps for leg in sent.legs] == [[(1, 4.16), (3, 8.0)], []]


def test_a_mission_full_of_slow_zones_still_fits_a_frame(vehicle: Vehicle, ride_to: RideTo, two_stops: Any) -> None:
    _, (first, second) = two_stops
    edges = tuple(range(100_000, 101_000))
    long = replace(
        first,
        route=replace(first.route, edges=edges),
        speed_caps=tuple((index, 13.89) for index in range(len(edges))),
    )
    ride_to(vehicle.pk, legs=(long, replace(second, route=long.route, speed_caps=long.speed_caps)))
    sent = SignedCommand(
        vehicle_id=str(vehicle.pk),
        seq=2**40,
        epoch=2**40,
        issued_at_ms=2**42,
        ttl_ms=60_000,
        issuer="dispatcher:" + "x" * 100,
        reason="r" * 200,
        body=body_message(Command.objects.get().body),
    )
    frame = CommandFrame(signed=msgspec.json.encode(sent).decode(), signature="s" * 88)
    assert len(msgspec.json.encode(frame)) < MAX_FRAME_BYTES


def test_a_car_gets_no_second_ride(vehicle: Vehicle, ride_to: RideTo) -> None:
    first = ride_to(vehicle.pk)
    before = everything(vehicle)
    with pytest.raises(Conflict), transaction.atomic():
        ride_to(vehicle.pk)
    with pytest.raises(Conflict), transaction.atomic():
        ride_to(vehicle.pk, previous=Previous(mission_id=str(first.pk), version=1))
    assert everything(vehicle) == before


def test_the_database_itself_refuses_a_second_open_mission(vehicle: Vehicle, ride_to: RideTo) -> None:
    ride_to(vehicle.pk)
    row = Mission.objects.values().get()
    with pytest.raises(IntegrityError, match="mission_one_open_per_vehicle"), transaction.atomic():
        Mission.objects.create(**{**row, "id": new_id()})


def test_a_held_or_silent_car_gets_no_ride(vehicle: Vehicle, ride_to: RideTo) -> None:
    verbs.hold(vehicle_id=vehicle.pk, actor="user:1", reason="look at it")
    with pytest.raises(Conflict) as refused:
        ride_to(vehicle.pk)
    assert refused.value.code == "vehicle_held"
    verbs.release(vehicle_id=vehicle.pk, actor="user:1", reason="looked at")
    uplink.take_ack(vehicle=Vehicle.objects.get(pk=vehicle.pk), ack=CommandAck(seq=2, outcome="accepted"))
    vehicles.lose_contact(vehicle=Vehicle.objects.get(pk=vehicle.pk), actor="t", reason="silent")
    Mission.objects.all().delete()
    with pytest.raises(Conflict), transaction.atomic():
        ride_to(vehicle.pk)
    assert Mission.objects.count() == 0


def test_replacing_compares_the_version(vehicle: Vehicle, ride_to: RideTo, two_stops: Any) -> None:
    stops, legs = two_stops
    mission = ride_to(vehicle.pk)
    changed = services.replace(
        mission_id=mission.pk, expected_version=1, stops=stops[1:], legs=legs[1:], actor="t", reason="road closed"
    )
    assert (changed.version, len(changed.stops), changed.stops[0]["kind"]) == (2, 1, "dropoff")
    body = Command.objects.get(seq=2).body
    assert (body["previous_mission_id"], body["previous_version"], body["version"]) == (str(mission.pk), 1, 2)
    before = everything(vehicle)
    with pytest.raises(Conflict), transaction.atomic():
        services.replace(
            mission_id=mission.pk, expected_version=1, stops=stops, legs=legs, actor="t", reason="road closed"
        )
    assert everything(vehicle) == before


@pytest.mark.parametrize(
    ("by_passenger", "event"), [(True, "passenger_cancellation"), (False, "provider_cancellation")]
)
def test_cancelling_frees_the_car_once(vehicle: Vehicle, ride_to: RideTo, by_passenger: bool, event: str) -> None:
    mission = ride_to(vehicle.pk)
    for _ in range(2):
        services.cancel(mission_id=mission.pk, reason="changed plans", actor="user:1", by_passenger=by_passenger)
    vehicle.refresh_from_db()
    assert (vehicle.state, Mission.objects.get().state) == ("available.idle", "cancelled")
    assert [command.kind for command in Command.objects.order_by("seq")] == ["assign_mission", "cancel_mission"]
    flush()
    changes = [e.data["event"] for e in ledger.of_subject("vehicle", vehicle.pk) if "event" in e.data]
    assert changes[-1] == event


@pytest.mark.parametrize(
    ("state", "after", "held_by"),
    [
        ("reserved.enroute", "available.idle", ""),
        ("reserved.held", "available.idle", ""),
        ("stopped.at_pickup", "available.idle", ""),
        ("stopped.boarding", "available.idle", ""),
        ("on_trip.driving", "available.held", "car"),
        ("stopped.unplanned", "available.held", "car"),
        ("stopped.alighting", "available.held", "car"),
    ],
)
def test_where_a_cancellation_leaves_the_car(
    vehicle: Vehicle, ride_to: RideTo, state: str, after: str, held_by: str
) -> None:
    mission = ride_to(vehicle.pk)
    Vehicle.objects.filter(pk=vehicle.pk).update(state=state)
    services.cancel(mission_id=mission.pk, reason="called off", actor="user:1")
    vehicle.refresh_from_db()
    assert (vehicle.state, vehicle.held_by) == (after, held_by)


def test_a_held_car_stays_held_when_its_ride_is_cancelled(vehicle: Vehicle, ride_to: RideTo) -> None:
    mission = ride_to(vehicle.pk)
    verbs.hold(vehicle_id=vehicle.pk, actor="user:1", reason="look at it")
    services.cancel(mission_id=mission.pk, reason="called off", actor="user:1")
    vehicle.refresh_from_db()
    assert (vehicle.state, vehicle.held_by) == ("available.held", "operator")


def test_proceed_and_unlock_only_at_the_stop(vehicle: Vehicle, ride_to: RideTo) -> None:
    mission = ride_to(vehicle.pk)
    before = everything(vehicle)
    attempts: list[Callable[[], Mission]] = [
        lambda: services.proceed(mission_id=mission.pk, stop_index=0, actor="user:1"),
        lambda: services.unlock(mission_id=mission.pk, actor="user:1"),
    ]
    for attempt in attempts:
        with pytest.raises(Conflict) as refused, transaction.atomic():
            attempt()
        assert refused.value.code == "not_at_stop"
    assert everything(vehicle) == before


def test_an_unknown_mission_or_vehicle_is_not_found(vehicle: Vehicle, ride_to: RideTo) -> None:
    with pytest.raises(NotFound):
        services.cancel(mission_id=new_id(), reason="none there", actor="t")
    with pytest.raises(NotFound), transaction.atomic():
        ride_to(new_id())


def test_a_mission_too_large_for_a_frame_is_refused(vehicle: Vehicle, ride_to: RideTo, two_stops: Any) -> None:
    stops, legs = two_stops
    long = replace(legs[0], route=replace(legs[0].route, edges=tuple(range(100_000, 104_000))))
    with pytest.raises(Refusal) as refused, transaction.atomic():
        ride_to(vehicle.pk, stops=stops * 8, legs=(long,) * 16)
    assert refused.value.code == "mission_too_large"
    assert Mission.objects.count() == 0


def test_what_is_closed_stays_closed() -> None:
    for state in MissionState:
        assert bool(NEXT_STATES[state]) == (state in OPEN_STATES)


def test_the_snapshot_has_open_missions_only(vehicle: Vehicle, ride_to: RideTo) -> None:
    mission = ride_to(vehicle.pk)
    row = selectors.snapshot()[str(mission.pk)]
    assert (row["ride_id"], row["vehicle_id"], row["state"]) == (str(mission.purpose_id), str(vehicle.pk), "planned")
    assert selectors.drawn_legs(mission)[0].lonlat == [[7.42, 43.73], [7.43, 43.74]]
    services.cancel(mission_id=mission.pk, reason="called off", actor="t")
    assert selectors.snapshot() == {}


def test_a_free_car_is_online_and_fresh(vehicle: Vehicle, put_status: Any) -> None:
    now = clock.now()
    assert free(now) == []
    put_status(vehicle, now)
    assert free(now) == []  # never connected
    Vehicle.objects.filter(pk=vehicle.pk).update(link="online")
    assert [(car.id, car.lon, car.edge) for car in free(now)] == [(vehicle.pk, 7.42, 3)]
    for columns in ({"held_by": "operator"}, {"state": "available.held"}, {"link": "degraded"}):
        before = {name: getattr(Vehicle.objects.get(pk=vehicle.pk), name) for name in columns}
        Vehicle.objects.filter(pk=vehicle.pk).update(**columns)
        assert free(now) == []
        Vehicle.objects.filter(pk=vehicle.pk).update(**before)
    assert free(now + timedelta(seconds=11)) == []
