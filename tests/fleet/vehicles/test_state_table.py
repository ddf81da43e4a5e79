import json
from itertools import product
from pathlib import Path
from typing import Any, get_args

from autonomy.link.messages import DriveMode as WireDriveMode
from fleet.vehicles.axes import DriveMode
from fleet.vehicles.domain import (
    TRANSITIONS,
    MdsState,
    Transition,
    VehicleEvent,
    VehicleState,
    may,
    mds_state,
    targets,
)
from fleet.vehicles.moves import ALL_MOVES, agreed_state, back_to

EVENTS: list[VehicleEvent | None] = [*VehicleEvent, None]


def reference(shared: Path) -> dict[str, Any]:
    table: dict[str, Any] = json.loads((shared / "reference" / "statemachines.json").read_text())["vehicle"]
    return table


def test_the_table_is_the_reference_table(shared: Path) -> None:
    rows = {(a, b, event) for a, b, event in reference(shared)["transitions"]}
    ours = {(t.source.value, t.target.value, t.event.value if t.event else None) for t in TRANSITIONS}
    assert ours == rows
    assert len(ours) == 92


def test_the_projection_is_the_reference_projection(shared: Path) -> None:
    assert {state.value: mds_state(state).value for state in VehicleState} == reference(shared)["projection"]


def test_every_pair_of_state_and_event_leads_where_the_table_says() -> None:
    assert (len(VehicleState), len(EVENTS), len(TRANSITIONS)) == (21, 20, 92)
    for state, event in product(VehicleState, EVENTS):
        expected = {t.target for t in TRANSITIONS if (t.source, t.event) == (state, event)}
        assert targets(state, event) == expected
        for target in VehicleState:
            assert may(state, target, event) == (target in expected)


def test_every_transition_changes_the_state() -> None:
    assert [t for t in TRANSITIONS if t.source is t.target] == []


def test_every_state_can_be_reached_from_the_depot() -> None:
    reached, before = {VehicleState.REMOVED_DEPOT}, set[VehicleState]()
    while reached != before:
        before = set(reached)
        reached |= {t.target for t in TRANSITIONS if t.source in reached}
    assert reached == set(VehicleState)


def test_every_step_of_every_move_is_in_the_table() -> None:
    steps = 0
    for move in ALL_MOVES:
        for source, path in move.paths.items():
            at = source
            for target, event in path:
                assert Transition(at, target, event) in TRANSITIONS, (move.name, at, target, event)
                at, steps = target, steps + 1
    assert steps > 60


def test_a_silent_car_can_come_back_to_every_state_in_which_it_could_fall_silent() -> None:
    for lost in TRANSITIONS:
        if lost.event is not VehicleEvent.COMMS_LOST:
            continue
        at = VehicleState.NON_CONTACTABLE
        for target, event in back_to(lost.source):
            assert Transition(at, target, event) in TRANSITIONS
            at = target
        assert at is lost.source


def test_only_standing_or_driving_is_believed_of_a_car_that_comes_back() -> None:
    s = VehicleState
    assert agreed_state(s.RESERVED_ENROUTE, "reserved.held") is s.RESERVED_HELD
    assert agreed_state(s.ON_TRIP_DRIVING, "stopped.unplanned") is s.STOPPED_UNPLANNED
    assert agreed_state(s.AVAILABLE_HELD, "available.idle") is s.AVAILABLE_IDLE
    assert agreed_state(s.RESERVED_ENROUTE, "available.idle") is s.RESERVED_ENROUTE
    assert agreed_state(s.NON_OPERATIONAL_GROUNDED, "available.idle") is s.NON_OPERATIONAL_GROUNDED
    assert agreed_state(s.AVAILABLE_IDLE, "no such state") is s.AVAILABLE_IDLE


def test_every_mds_state_is_projected_to() -> None:
    assert {mds_state(state) for state in VehicleState} == set(MdsState)


def test_drive_modes_are_those_of_the_wire() -> None:
    assert {mode.value for mode in DriveMode} == set(get_args(WireDriveMode))
