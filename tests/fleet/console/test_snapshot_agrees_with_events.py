"""The promise on which every open console rests: an old snapshot and the events since are the new snapshot."""

import json
import random
from collections.abc import Callable
from datetime import timedelta
from typing import Any, Literal, cast

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from autonomy.link.messages import (
    CommandAck,
    DriveModeChanged,
    EventBody,
    Fault,
    Held,
    MissionCompleted,
    Resumed,
    StopArrived,
    StopDeparted,
)
from fleet.base import clock
from fleet.base.ids import new_id
from fleet.console import snapshot
from fleet.ledger import selectors as ledger
from fleet.ledger.testing import flush
from fleet.missions import commands, sweeps, uplink, verbs
from fleet.missions import services as missions
from fleet.missions.domain import Previous
from fleet.missions.models import Command, Mission
from fleet.vehicles import services as vehicles
from fleet.vehicles.axes import Axes, OddStatus
from fleet.vehicles.models import Vehicle
from geofence.base.errors import Refusal
from geofence.zones import services as zones
from geofence.zones.models import Zone
from tests.fleet.conftest import LEGS, STOPS, register_vehicle

SQUARE = {"type": "Polygon", "coordinates": [[[7.41, 43.73], [7.42, 43.73], [7.42, 43.74], [7.41, 43.73]]]}
WIDER = {"type": "Polygon", "coordinates": [[[7.40, 43.73], [7.42, 43.73], [7.42, 43.75], [7.40, 43.73]]]}


class Nobody:
    """An owner of rides that lets everything happen."""

    def __getattr__(self, name: str) -> Callable[..., None]:
        return lambda *args, **kwargs: None


def pick(rng: random.Random, rows: Any) -> Any:
    found = list(rows)
    if not found:
        raise Refusal("nothing", "nothing to do it to")
    return rng.choice(found)


def car(rng: random.Random) -> Vehicle:
    return vehicles.lock(vehicle_id=pick(rng, Vehicle.objects.order_by("plate")).pk)


def order(name: str) -> Callable[[random.Random], None]:
    def give(rng: random.Random) -> None:
        getattr(verbs, name)(vehicle_id=car(rng).pk, actor="test", reason="because")

    return give


def instruct(rng: random.Random) -> None:
    """Words to the driver of a car that can hear them."""
    vehicle = car(rng)
    vehicles.restore_contact(vehicle=vehicle, reported_state="", actor="test")
    verbs.instruct(vehicle_id=vehicle.pk, actor="test", text=rng.choice(["wait", "go on", ""]))


def assign(rng: random.Random) -> None:
    vehicle = car(rng)
    before = Mission.objects.filter(vehicle=vehicle, closed_at=None).first()
    previous = Previous(mission_id=str(before.pk), version=before.version) if before else None
    purpose = rng.choice(["ride", "reposition"])
    missions.assign(
        vehicle_id=vehicle.pk,
        purpose=purpose,
        purpose_id=new_id() if purpose == "ride" else None,
        stops=STOPS,
        legs=LEGS,
        actor="test",
        previous=previous,
    )


def change_mission(rng: random.Random) -> None:
    mission = pick(rng, Mission.objects.filter(closed_at=None).order_by("id"))
    missions.replace(
        mission_id=mission.pk, expected_version=mission.version, stops=STOPS, legs=LEGS, actor="test", reason="test"
    )


def cancel_mission(rng: random.Random) -> None:
    mission = pick(rng, Mission.objects.filter(closed_at=None).order_by("id"))
    missions.cancel(mission_id=mission.pk, reason="test", actor="test", by_passenger=rng.random() < 0.5)


def report(rng: random.Random) -> None:
    mission = pick(rng, Mission.objects.filter(closed_at=None).order_by("id"))
    name = {"mission_id": str(mission.pk), "version": mission.version}
    bodies: list[EventBody] = [
        StopArrived(**name, stop_index=rng.randrange(2)),
        StopDeparted(**name, stop_index=0),
        MissionCompleted(**name),
    ]
    body = rng.choice(bodies)
    uplink.take_event(vehicle=vehicles.lock(vehicle_id=mission.vehicle_id), body=body, at=clock.now())


def trouble(rng: random.Random) -> None:
    bodies: list[EventBody] = [
        Held(reason="obstacle"),
        Resumed(reason="clear"),
        Fault(code="lidar", detail="", drivable=rng.random() < 0.5),
        DriveModeChanged(drive_mode="MRC_REACHED", reason="test"),
    ]
    body = rng.choice(bodies)
    uplink.take_event(vehicle=car(rng), body=body, at=clock.now())


def wire(rng: random.Random) -> None:
    """Commands go out, and one of them is answered."""
    vehicle = car(rng)
    commands.take_to_send(vehicle=vehicle, epoch=1, car_downlink_seq=0)
    command = pick(rng, Command.objects.filter(vehicle=vehicle, state="sent").order_by("seq"))
    outcome: Literal["accepted", "refused"] = "accepted" if rng.random() < 0.5 else "refused"
    uplink.take_ack(vehicle=vehicle, ack=CommandAck(seq=command.seq, outcome=outcome, code="test", detail=""))


def give_up(rng: random.Random) -> None:
    """The time of orders runs out, and of some other answers."""
    sweeps.expire_orders(clock.now() + timedelta(seconds=60))
    commands.give_up(command=pick(rng, Command.objects.filter(state="sent").order_by("id")), actor="test")


def silence(rng: random.Random) -> None:
    vehicles.lose_contact(vehicle=car(rng), actor="watchdog", reason="silent")


def contact(rng: random.Random) -> None:
    vehicle = car(rng)
    vehicles.restore_contact(vehicle=vehicle, reported_state=vehicle.resume_state, actor="test", software="rules 2")


def leave_the_domain(rng: random.Random) -> None:
    vehicles.set_axes(vehicle=car(rng), axes=Axes(odd_status=rng.choice(list(OddStatus))), actor="test", reason="test")


def draft(rng: random.Random) -> None:
    kind = rng.choice(["no_go", "no_stop", "service_area", "depot"])
    replaces = rng.choice([None, *Zone.objects.filter(state="published").values_list("id", flat=True)])
    zones.draft(kind=kind, name="Zone", geometry=SQUARE, by="test", replaces=replaces)


def edit(rng: random.Random) -> None:
    zone = pick(rng, Zone.objects.filter(state="draft").order_by("id"))
    zones.edit_draft(zone_id=zone.pk, expected_revision=zone.revision, by="test", name="Other", geometry=WIDER)


def discard(rng: random.Random) -> None:
    zones.discard(zone_id=pick(rng, Zone.objects.filter(state="draft").order_by("id")).pk, by="test")


def publish(rng: random.Random) -> None:
    drafts = list(Zone.objects.filter(state="draft").order_by("id"))
    zones.publish(zone_ids=[zone.pk for zone in drafts[: rng.randrange(1, 4)]], by="test", note="now")


def retire(rng: random.Random) -> None:
    zones.retire(zone_ids=[pick(rng, Zone.objects.filter(state="published").order_by("id")).pk], by="test")


def emergency(rng: random.Random) -> None:
    zones.declare_emergency(name="Fire", geometry=WIDER, by="test")


VERBS = ("hold", "release", "pull_over", "service_start", "service_end", "ground", "clear")
STEPS: dict[str, Callable[[random.Random], None]] = {
    "register": lambda rng: void(register_vehicle(in_service=rng.random() < 0.7)),
    **{name: order(name) for name in VERBS},
    "instruct": instruct,
    "assign": assign,
    "change_mission": change_mission,
    "cancel_mission": cancel_mission,
    "report": report,
    "trouble": trouble,
    "wire": wire,
    "give_up": give_up,
    "silence": silence,
    "contact": contact,
    "leave_the_domain": leave_the_domain,
    "draft": draft,
    "edit": edit,
    "discard": discard,
    "publish": publish,
    "retire": retire,
    "emergency": emergency,
}


def void(_: object) -> None:
    """Drop a value that nobody needs."""


@pytest.fixture
def owned_by_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    from fleet.missions import owners

    monkeypatch.setitem(cast("dict[str, Any]", owners._owners), "ride", Nobody())


def through_the_wire(state: dict[str, Any], patch: Any) -> None:
    snapshot.apply(state, json.loads(json.dumps(patch)))


def as_json(taken: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(json.dumps(taken))
    return found


def live(seed: int, names: list[str]) -> None:
    rng = random.Random(seed)
    for _ in range(3):
        register_vehicle()
    flush()
    state = as_json(snapshot.take())
    for name in names:
        try:
            with transaction.atomic():
                STEPS[name](rng)
        except (Refusal, uplink.Ignored):
            continue
        flush()
        for event in ledger.after(state["seq"]):
            assert event.seq == state["seq"] + 1
            through_the_wire(state, snapshot.patch_of(event))
            state["seq"] = event.seq
        assert state == as_json(snapshot.take()), f"after {name}"


@pytest.mark.usefixtures("db", "owned_by_nobody")
@settings(max_examples=12, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 2**32), names=st.lists(st.sampled_from(sorted(STEPS)), min_size=10, max_size=30))
def test_any_life_of_the_fleet_keeps_snapshot_and_events_in_agreement(seed: int, names: list[str]) -> None:
    with transaction.atomic():
        live(seed, names)
        transaction.set_rollback(True)


@pytest.mark.usefixtures("db", "owned_by_nobody")
@pytest.mark.parametrize("name", sorted(STEPS))
def test_every_step_can_happen_at_all(name: str) -> None:
    """The control of the test above: no step is refused whatever came before, so each was really tried."""
    register_vehicle()
    ready = {"contact": ["silence"], "release": ["hold"], "service_start": ["service_end"], "clear": ["ground"]}
    ready |= {"change_mission": ["assign"], "cancel_mission": ["assign"], "report": ["assign"], "wire": ["assign"]}
    ready |= {"give_up": ["assign", "hold", "wire"]}
    ready |= {"edit": ["draft"], "discard": ["draft"], "publish": ["draft"], "retire": ["draft", "publish"]}
    before = ledger_length()
    for seed in range(40):
        try:
            with transaction.atomic():
                rng = random.Random(seed)
                for step in (*ready.get(name, []), name):
                    before = ledger_length()
                    STEPS[step](rng)
                if ledger_length() > before or name == "wire":
                    return
                transaction.set_rollback(True)
        except (Refusal, uplink.Ignored):
            continue
    pytest.fail(f"{name} never happened")


def ledger_length() -> int:
    flush()
    return ledger.head()


@pytest.mark.usefixtures("db")
def test_a_part_that_forgets_a_field_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: a patcher that drops a change makes the comparison fail."""
    part = snapshot._parts["vehicles"]
    forgetful = snapshot.Part(part.provider, lambda event: {})
    monkeypatch.setitem(snapshot._parts, "vehicles", forgetful)
    with pytest.raises(AssertionError):
        live(1, ["hold", "hold", "silence"])
