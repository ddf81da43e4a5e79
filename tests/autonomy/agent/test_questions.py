"""A driver's question reaches the platform once, when it lasts, and is taken back when it is none any more."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from autonomy.agent.asking import AGAIN_S, GONE_S, LASTS_S
from autonomy.link import messages as m
from autonomy.policy.rules import RulesPolicy
from autonomy.world.action import Action
from autonomy.world.observation import Observation
from tests.autonomy.agent.crew import Crew, errand

ASKED = m.HelpAsked(question="The lane is blocked. May I pass?", reason="blocked")
ENDED = m.HelpEnded(reason="the way is free again")


class Wondering(RulesPolicy):
    """`help`: what it asks in every answer; `uncertainty`: how unsure it is."""

    def __init__(self) -> None:
        super().__init__()
        self.help: str | None = None
        self.uncertainty = 0.0

    def act(self, observations: Sequence[Observation]) -> list[Action]:
        return [
            replace(action, help=self.help, cause="blocked", uncertainty=self.uncertainty)
            for action in super().act(observations)
        ]


@pytest.fixture
def policy() -> Wondering:
    return Wondering()


@pytest.fixture
def crew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, policy: Wondering) -> Iterator[Crew]:
    crew = Crew(tmp_path, monkeypatch)
    crew.stop()
    crew.start(policy)
    assert crew.order(errand([0, 4, 8], 75.0)).outcome == "accepted"
    yield crew
    crew.stop()


def asks(crew: Crew) -> list[m.EventBody]:
    return [event for event in crew.told if isinstance(event, m.HelpAsked | m.HelpEnded)]


def test_a_question_that_lasts_is_asked_once_and_taken_back_when_it_is_gone(crew: Crew, policy: Wondering) -> None:
    policy.help = ASKED.question
    crew.drive(LASTS_S - 0.5)
    assert asks(crew) == []
    crew.drive(10.0)
    assert asks(crew) == [ASKED]
    assert crew.car.life.question == ASKED.question
    policy.help = None
    crew.drive(GONE_S - 0.5)
    assert asks(crew) == [ASKED]
    crew.drive(1.0)
    assert asks(crew) == [ASKED, ENDED]


def test_a_doubt_of_a_moment_asks_nobody(crew: Crew, policy: Wondering) -> None:
    for _ in range(5):
        policy.help = ASKED.question
        crew.drive(LASTS_S - 0.5)
        policy.help = None
        crew.drive(0.5)
    assert asks(crew) == []


def test_an_instruction_answers_and_the_next_question_waits_its_time(crew: Crew, policy: Wondering) -> None:
    policy.help = ASKED.question
    crew.drive(LASTS_S + 1.0)
    assert crew.order(m.Instruct(text="wait")).outcome == "accepted"
    assert asks(crew) == [ASKED, m.HelpEnded(reason="answered")]
    crew.drive(AGAIN_S - LASTS_S - 4.0)
    assert len(asks(crew)) == 2
    crew.drive(6.0)
    assert asks(crew) == [ASKED, m.HelpEnded(reason="answered"), ASKED]


def test_an_open_question_survives_a_restart_and_is_taken_back_by_the_next_process(
    crew: Crew, policy: Wondering
) -> None:
    policy.help = ASKED.question
    crew.drive(LASTS_S + 1.0)
    crew.stop()
    crew.start(policy)
    crew.drive(2.0)
    assert asks(crew) == [ASKED]
    policy.help = None
    crew.drive(GONE_S + 0.5)
    assert asks(crew) == [ASKED, ENDED]


def test_a_question_without_end_or_with_strange_letters_fits_the_message(crew: Crew, policy: Wondering) -> None:
    policy.help = "what\nnow? " + "x" * 500
    crew.drive(LASTS_S + 1.0)
    (asked,) = asks(crew)
    assert isinstance(asked, m.HelpAsked)
    assert asked.question.startswith("what now? ")
    assert len(asked.question) == 200


def test_the_safety_layers_doubt_about_the_driver_is_asked_too(crew: Crew, policy: Wondering) -> None:
    policy.uncertainty = 0.95
    crew.drive(7.0)
    assert asks(crew)[:1] == [
        m.HelpAsked(question="I am not sure how to go on. What shall I do?", reason="uncertain"),
    ]
