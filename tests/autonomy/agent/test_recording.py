"""What a recorder is told, and that one which breaks costs nothing but the record."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from autonomy.agent.recording import Verdict
from autonomy.hosting import HostingLimits
from autonomy.world.action import Action
from autonomy.world.observation import Observation
from tests.autonomy.agent.crew import Crew, errand
from tests.autonomy.agent.released import RELEASE, GreyCameras, LateEngine, RulesNetwork, learned
from tests.autonomy.agent.town import LAT0, LON0
from tests.autonomy.link.keys import VEHICLE

OTHER = "0199aaaa-0000-7000-8000-0000000000ff"


class Tape:
    def __init__(self) -> None:
        self.frames: list[tuple[str, Observation, Action, Verdict]] = []
        self.broken = False

    def frame(self, car_id: str, seen: Observation, action: Action, verdict: Verdict) -> None:
        if self.broken:
            raise OSError("disk full")
        self.frames.append((car_id, seen, action, verdict))


@pytest.fixture
def tape() -> Tape:
    return Tape()


@pytest.fixture
def crew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tape: Tape) -> Iterator[Crew]:
    crew = Crew(tmp_path, monkeypatch)
    crew.stop()
    crew.add_car(OTHER, LON0 + 0.0008, LAT0 + 2 * 150 / 111_200)
    engine = LateEngine({RELEASE: RulesNetwork()}, limits=HostingLimits.patient())
    engine.assign(VEHICLE, RELEASE)
    crew.start(learned=learned(engine, [VEHICLE], GreyCameras()), recorder=tape)
    assert crew.order(errand([0, 4, 8], 75.0)).outcome == "accepted"
    yield crew
    crew.stop()


def test_every_answer_is_recorded_with_its_pictures_and_its_verdict(crew: Crew, tape: Tape) -> None:
    crew.drive(4.0)
    mine = [frame for frame in tape.frames if frame[0] == VEHICLE]
    others = [frame for frame in tape.frames if frame[0] == OTHER]
    assert len(mine) == len(others) == 20
    for _, seen, action, verdict in mine:
        assert seen.frames is not None
        assert action.time_s == seen.time_s
        assert verdict.mode == "AUTONOMOUS"
        assert verdict.driven.car_id == VEHICLE
    assert all(seen.frames is None for _, seen, _, _ in others)


def test_a_recorder_that_breaks_does_not_stop_anybody(crew: Crew, tape: Tape, caplog: pytest.LogCaptureFixture) -> None:
    tape.broken = True
    crew.drive(10.0)
    assert crew.state.speed_mps > 3.0
    assert crew.modes == []
    assert "not recorded" in caplog.text
