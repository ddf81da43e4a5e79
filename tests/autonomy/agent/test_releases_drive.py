"""Cars driven by a release, through the engine, beside a car driven by rules: whatever befalls the release, the safety
layer and the other car go on."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from autonomy.agent.car import Car
from autonomy.hosting import Engine, HostingLimits
from autonomy.link import messages as m
from autonomy.safety.modes import Mode
from autonomy.world.action import Action
from tests.autonomy.agent.crew import Crew, errand
from tests.autonomy.agent.released import RELEASE, GreyCameras, LateEngine, RulesNetwork, learned
from tests.autonomy.agent.town import LAT0, LON0
from tests.autonomy.hosting.fakes import Gate
from tests.autonomy.link.keys import VEHICLE

OTHER = "0199aaaa-0000-7000-8000-0000000000ff"
ROUTE = [0, 4, 8]


@pytest.fixture
def network() -> RulesNetwork:
    return RulesNetwork()


@pytest.fixture
def cameras() -> GreyCameras:
    return GreyCameras()


@pytest.fixture
def engine(network: RulesNetwork) -> LateEngine:
    engine = LateEngine({RELEASE: network}, limits=HostingLimits.patient())
    engine.assign(VEHICLE, RELEASE)
    return engine


@pytest.fixture
def crew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, engine: LateEngine, cameras: GreyCameras) -> Iterator[Crew]:
    """VEHICLE is driven by the release, OTHER by rules."""
    crew = Crew(tmp_path, monkeypatch)
    crew.stop()
    crew.add_car(OTHER, LON0 + 0.0008, LAT0 + 2 * 150 / 111_200)
    crew.start(learned=learned(engine, [VEHICLE], cameras))
    yield crew
    crew.stop()


def other(crew: Crew) -> Car:
    return next(car for car in crew.agent.cars if car.vehicle_id == OTHER)


def on_the_way(crew: Crew) -> None:
    assert crew.order(errand(ROUTE, 75.0)).outcome == "accepted"
    crew.drive(60.0, lambda: crew.state.speed_mps > 7.5)
    assert crew.state.speed_mps > 7.5


def send_other(crew: Crew) -> None:
    edge = crew.world.state(OTHER).edge
    length = float(crew.world.road_map.edge_length_m[edge])
    body = errand([edge], length - 15.0)
    assert crew.order(body, other(crew)).outcome == "accepted"


def test_a_car_driven_by_a_release_serves_its_errand(crew: Crew, network: RulesNetwork) -> None:
    on_the_way(crew)
    crew.drive(120.0, lambda: m.MissionCompleted(mission_id="m1", version=1) in crew.told)
    assert m.MissionCompleted(mission_id="m1", version=1) in crew.told
    assert crew.modes == []
    times = [seen.time_s for seen in network.seen]
    steps = np.diff(times)
    assert steps.min() > 0.199  # pictures at 5 Hz
    assert steps.max() < 0.201
    assert all(seen.frames is not None and seen.frames.time_s == seen.time_s for seen in network.seen)


@pytest.mark.parametrize("late_steps", [1, 3])
def test_answers_that_come_a_little_late_are_driven_all_the_same(
    crew: Crew, engine: LateEngine, late_steps: int
) -> None:
    engine.late_steps = late_steps
    on_the_way(crew)
    crew.drive(120.0, lambda: m.MissionCompleted(mission_id="m1", version=1) in crew.told)
    assert m.MissionCompleted(mission_id="m1", version=1) in crew.told
    assert crew.modes == []


def fails(crew: Crew, network: RulesNetwork, engine: LateEngine, cameras: GreyCameras) -> str:
    def broken(_: object) -> None:
        raise RuntimeError("out of memory")

    network.before = broken
    return "policy_late"


def says_no_numbers(crew: Crew, network: RulesNetwork, engine: LateEngine, cameras: GreyCameras) -> str:
    network.spoil = lambda action: replace(action, trajectory=np.full_like(action.trajectory, np.nan))
    return "policy_not_finite"


def gets_too_late(crew: Crew, network: RulesNetwork, engine: LateEngine, cameras: GreyCameras) -> str:
    engine.late_steps = 20
    return "policy_late"


def sees_nothing(crew: Crew, network: RulesNetwork, engine: LateEngine, cameras: GreyCameras) -> str:
    cameras.blind = True
    return "policy_late"


Trouble = Callable[[Crew, RulesNetwork, LateEngine, GreyCameras], str]


@pytest.mark.parametrize("trouble", [fails, says_no_numbers, gets_too_late, sees_nothing])
def test_a_release_in_trouble_costs_its_own_car_a_stop_and_the_other_car_nothing(
    crew: Crew, network: RulesNetwork, engine: LateEngine, cameras: GreyCameras, trouble: Trouble
) -> None:
    on_the_way(crew)
    send_other(crew)
    reason = trouble(crew, network, engine, cameras)
    crew.drive(40.0, lambda: crew.state.speed_mps == 0.0)
    crew.drive(2.0)
    assert crew.safety.mode(VEHICLE) is Mode.MRC_REACHED
    assert crew.modes == [("MRM_OPERATING", reason), ("MRC_REACHED", reason)]
    crew.drive(60.0, lambda: other(crew).life.phase == "idle")
    assert other(crew).life.phase == "idle"  # arrived
    assert crew.safety.mode(OTHER) is Mode.AUTONOMOUS


def test_a_car_stands_for_its_first_answer_but_not_for_ever(crew: Crew, engine: LateEngine) -> None:
    engine.late_steps = 1000
    crew.drive(5.0)
    assert crew.modes == []
    assert crew.state.speed_mps == 0.0
    crew.drive(2.0)
    assert crew.modes[0] == ("MRM_OPERATING", "policy_silent")


def test_a_network_that_hangs_does_not_stop_the_loop_and_its_car_is_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, network: RulesNetwork, cameras: GreyCameras
) -> None:
    crew = Crew(tmp_path, monkeypatch)
    crew.stop()
    engine = Engine({RELEASE: network})
    engine.assign(VEHICLE, RELEASE)
    crew.start(learned=learned(engine, [VEHICLE], cameras, waits=True))
    on_the_way(crew)
    crew.stop()
    crew.start(learned=learned(engine, [VEHICLE], cameras))
    engine.start()
    network.before = gate = Gate()
    crew.drive(30.0, lambda: crew.safety.mode(VEHICLE) is Mode.MRC_REACHED)
    assert gate.entered.is_set()
    assert crew.state.speed_mps == 0.0
    gate.opened.set()
    engine.close()
    crew.stop()


def test_a_release_that_is_not_there_leaves_its_car_standing_and_the_other_one_drives(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cameras: GreyCameras
) -> None:
    crew = Crew(tmp_path, monkeypatch)
    crew.stop()
    crew.add_car(OTHER, LON0 + 0.0008, LAT0 + 2 * 150 / 111_200)
    crew.start(learned=learned(Engine({}), [VEHICLE], cameras))
    send_other(crew)
    crew.drive(60.0, lambda: other(crew).life.phase == "idle")
    assert other(crew).life.phase == "idle"
    assert crew.modes == [("MRM_OPERATING", "policy_silent"), ("MRC_REACHED", "policy_silent")]
    assert crew.state.odometer_m == 0.0
    crew.stop()


def test_an_answer_for_a_car_is_never_driven_by_another(crew: Crew, network: RulesNetwork) -> None:
    on_the_way(crew)
    network.spoil = lambda action: Action(OTHER, action.time_s, action.trajectory)
    crew.drive(40.0, lambda: crew.state.speed_mps == 0.0)
    assert crew.modes[0] == ("MRM_OPERATING", "policy_late")
    assert crew.safety.mode(OTHER) is Mode.AUTONOMOUS
