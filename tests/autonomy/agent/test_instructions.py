"""A person's words reach the driver, with their meaning for the policy by rules, and end with the mission."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from autonomy.link import messages as m
from autonomy.world.observation import Observation
from autonomy.world.orders import Order, OrderKind
from tests.autonomy.agent.crew import Crew, errand
from tests.autonomy.link.keys import VEHICLE


@pytest.fixture
def crew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Crew]:
    crew = Crew(tmp_path, monkeypatch)
    assert crew.order(errand([0, 4, 8], 75.0)).outcome == "accepted"
    crew.drive(2.0)
    yield crew
    crew.stop()


def seen(crew: Crew) -> Observation:
    return crew.world.observe([VEHICLE])[0]


def test_words_and_meaning_reach_the_driver_at_once(crew: Crew) -> None:
    given_s = crew.world.time_s
    assert crew.order(m.Instruct(text="  wait  ")).outcome == "accepted"
    assert (seen(crew).instruction, seen(crew).order) == ("wait", Order(OrderKind.WAIT, given_s=given_s))


def test_the_car_obeys(crew: Crew) -> None:
    crew.drive(6.0)
    assert crew.state.speed_mps > 3.0
    crew.order(m.Instruct(text="wait"))
    crew.drive(20.0)
    assert crew.state.speed_mps == 0.0
    crew.order(m.Instruct(text=""))
    assert (seen(crew).instruction, seen(crew).order) == ("", None)
    crew.drive(20.0)
    assert crew.state.speed_mps > 1.0 or crew.car.life.phase == "idle"


def test_words_without_a_known_meaning_are_passed_on_as_words(crew: Crew) -> None:
    assert crew.order(m.Instruct(text="zzz blorp")).outcome == "accepted"
    assert (seen(crew).instruction, seen(crew).order) == ("zzz blorp", None)


def test_an_instruction_survives_a_restart_and_ends_with_the_mission(crew: Crew) -> None:
    crew.order(m.Instruct(text="slow down"))
    crew.stop()
    crew.start()
    assert seen(crew).instruction == "slow down"
    assert crew.order(m.CancelMission(mission_id="m1", version=1)).outcome == "accepted"
    crew.drive(1.0)
    assert crew.car.life.instruction == ""
    assert seen(crew).instruction == ""
