"""Slow zones from the order to the road, and over a restart."""

from pathlib import Path

import pytest

from autonomy.link import messages as m
from tests.autonomy.agent.crew import Crew, errand
from tests.autonomy.link.keys import VEHICLE

CAP_MPS = 3.0
ROUTE = [0, 4, 8]


@pytest.fixture
def crew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Crew:
    return Crew(tmp_path, monkeypatch)


def fastest_on(crew: Crew, edge: int) -> float:
    top = 0.0

    def arrived() -> bool:
        nonlocal top
        if crew.state.edge == edge:
            top = max(top, crew.state.speed_mps)
        return m.MissionCompleted(mission_id="m1", version=1) in crew.told

    assert crew.drive(200.0, arrived) < 200.0
    return top


@pytest.mark.parametrize(("caps", "low", "high"), [([(1, CAP_MPS)], 2.5, 3.25), ([], 7.0, 8.6)])
def test_a_mission_with_a_slow_zone_is_driven_slowly_there(
    crew: Crew, caps: list[tuple[int, float]], low: float, high: float
) -> None:
    assert crew.order(errand(ROUTE, 75.0, caps=caps)).outcome == "accepted"
    assert low < fastest_on(crew, ROUTE[1]) < high


def test_after_a_restart_in_the_middle_of_the_leg_the_cap_still_holds(crew: Crew) -> None:
    crew.order(errand(ROUTE, 75.0, caps=[(1, CAP_MPS), (2, 2 * CAP_MPS)]))
    crew.drive(100.0, lambda: crew.state.edge == ROUTE[1] and crew.state.offset_m > 30.0)
    crew.stop()
    crew.start()
    assert crew.state.edge == ROUTE[1]
    assert crew.world.cars[VEHICLE].path.speed_caps_mps == {ROUTE[1]: CAP_MPS, ROUTE[2]: 2 * CAP_MPS}
    assert 2.5 < fastest_on(crew, ROUTE[1]) < 3.25


def test_a_cap_that_is_no_speed_is_refused_and_the_car_stays_free(crew: Crew) -> None:
    ack = crew.order(errand(ROUTE, 75.0, caps=[(1, 0.0)]))
    assert (ack.outcome, ack.code) == ("refused", "bad_speed_caps")
    assert crew.car.life.mission is None
    assert not crew.state.has_path
