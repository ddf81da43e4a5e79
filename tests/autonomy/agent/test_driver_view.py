"""What people see who look through a car's cameras, and that looking harms nobody."""

import io
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from autonomy.agent.driver import Latest
from autonomy.agent.report import driver_view, pictures, sentence
from autonomy.agent.showing import SHOW_S, Showing, Stage, safety_in_words
from autonomy.hosting import HostingLimits
from autonomy.link.driver_view import DriverView, decode_view, encode_view
from autonomy.policy.host import Answer, Disagreement, Punctuality
from autonomy.safety.doubt import Doubt
from autonomy.safety.layer import Finding
from autonomy.safety.modes import Mode
from autonomy.world.action import ACTION_STEPS, Action
from autonomy.world.camera import CAMERA_NAMES
from autonomy.world.observation import CameraFrames, Hazard, HazardKind, Observation
from tests.autonomy.agent.crew import Crew, errand
from tests.autonomy.agent.released import RELEASE, GreyCameras, LateEngine, RulesNetwork, learned
from tests.autonomy.hosting.fakes import BARE
from tests.autonomy.link.keys import VEHICLE


def looking_north() -> Observation:
    """At (100, 50) with the nose to the north; the path goes straight on."""
    ego = replace(BARE.ego, x_m=100.0, y_m=50.0, heading_rad=np.pi / 2)
    path = np.zeros((100, 5))
    path[:, 0], path[:, 1], path[:, 2] = 100.0, 50.0 + 2.0 * np.arange(100), np.pi / 2
    hazard = Hazard(HazardKind.PEDESTRIAN, 6.1, 2.0, 0.5, 0.0, -1.0, 0.6, 0.6, "crossing")
    frames = CameraFrames(np.full((5, 3, 64, 128), 90, dtype=np.uint8), CAMERA_NAMES, 7.0)
    route = np.column_stack([2.0 * np.arange(30), np.zeros(30)])
    return replace(
        BARE,
        car_id="a",
        time_s=7.0,
        ego=ego,
        path=path,
        hazards=(hazard,),
        frames=frames,
        route=route,
        instruction="go",
    )


def north(seen: Observation) -> Action:
    rows = [(100.0, 50.0 + k, np.pi / 2, 5.0) for k in range(1, ACTION_STEPS + 1)]
    action = Action.from_rows("a", 7.0, rows, "drive")
    others = np.stack([action.trajectory, action.trajectory + np.array([3.0, 0.0, 0.0, 0.0])])
    return replace(
        action,
        uncertainty=0.25,
        ood=0.5,
        cause="pedestrian",
        explanation="slowing for a person",
        refuses="no",
        alternatives=others,
        alternative_weights=np.array([0.3, 0.7]),
    )


def view_of(action: Action | None, seen: Observation | None = None, frames: bool = True) -> DriverView:
    seen = seen or looking_north()
    driven = action or Action.from_rows("a", 7.0, [(100.0, 50.0, 0.0, 0.0)] * ACTION_STEPS, "mrm")
    answer = Answer(action, seen, "vla-2.0", 0.08) if action else None
    return driver_view(
        Latest(seen, action, driven, answer),
        release="vla-2.0",
        frames=seen.frames if frames else None,
        length_m=4.9,
        punctuality=Punctuality(120.0, 200.0, 3),
    )


def test_places_are_in_the_cars_frame() -> None:
    view = view_of(north(looking_north()))
    assert view.plan[0] == pytest.approx((1.0, 0.0, 5.0))
    assert view.plan[19] == pytest.approx((20.0, 0.0, 5.0))
    assert [plan.weight for plan in view.alternatives] == [0.7, 0.3]
    assert view.alternatives[0].points[0] == pytest.approx((1.0, -3.0))  # east of a car that looks north is right
    (thing,) = view.things
    # 3.9 m to the front bumper, 6.1 m ahead of it, half of 0.6 m; walks to the right
    assert (thing.kind, thing.ahead_m, thing.left_m) == ("pedestrian", 10.3, 2.0)
    assert thing.heading_rad == pytest.approx(-np.pi / 2)
    assert view.route[29] == (58.0, 0.0)


def test_it_says_what_the_driver_says() -> None:
    view = view_of(north(looking_north()))
    assert (view.uncertainty, view.ood, view.cause) == (0.25, 0.5, "pedestrian")
    assert (view.explanation, view.refuses, view.instruction) == ("slowing for a person", "no", "go")
    assert (view.latency_ms, view.latency_p99_ms, view.deadline_ms, view.missed) == (80.0, 120.0, 200.0, 3)
    silent = view_of(None)
    assert (silent.uncertainty, silent.ood, silent.explanation, silent.alternatives) == (None, None, "", [])


def test_the_message_passes_the_wire_with_pictures_of_all_cameras() -> None:
    view = decode_view(encode_view(view_of(north(looking_north()))))
    assert [picture.camera for picture in view.pictures] == list(CAMERA_NAMES)
    image = Image.open(io.BytesIO(view.pictures[0].jpeg))
    assert (image.format, image.size) == ("JPEG", (128, 64))
    assert np.abs(np.asarray(image).astype(int) - 90).max() <= 2
    assert view_of(north(looking_north()), frames=False).pictures == []


def test_pictures_find_room_in_the_message_whatever_they_show() -> None:
    noise = np.random.default_rng(1).integers(0, 256, (5, 3, 200, 400), dtype=np.uint8)
    assert pictures(CameraFrames(noise, CAMERA_NAMES, 0.0)) == []
    fair = np.random.default_rng(1).integers(0, 256, (5, 3, 64, 128), dtype=np.uint8)
    made = pictures(CameraFrames(fair, CAMERA_NAMES, 0.0))
    assert sum(len(picture.jpeg) for picture in made) <= 40_000


def test_nonsense_of_a_policy_still_makes_a_message() -> None:
    nan = float("nan")
    action = replace(
        north(looking_north()),
        trajectory=np.full((ACTION_STEPS, 4), nan),
        uncertainty=nan,
        ood=float("inf"),
        cause="ca\nuse<script>",
        explanation="line\r\nbreak" + "x" * 500,
        alternatives=np.full((2, ACTION_STEPS, 4), 1e9),
    )
    view = decode_view(encode_view(view_of(action)))
    assert set(view.plan) == {(0.0, 0.0, 0.0)}
    assert (view.uncertainty, view.ood, view.cause) == (0.0, 1e6, "causescript")
    assert view.explanation.startswith("line break")
    assert len(view.explanation) == 400
    assert sentence(" \x00a\x7f ") == "a"


@pytest.mark.parametrize(
    ("finding", "words"),
    [
        (Finding(), ""),
        (Finding(mode=Mode.MRM_OPERATING, reason="policy_late"), "stops the car: policy late"),
        (Finding(mode=Mode.MRC_REACHED, reason="link_lost"), "keeps the car standing: link lost"),
        (Finding(mode=Mode.MRM_FAILED, reason="x"), "brakes as hard as it can: x"),
        (Finding(fault="not_finite"), "does not drive the plan: not finite"),
        (Finding(corrected="brake:vehicle"), "corrects the plan: brake for a vehicle"),
        (Finding(corrected="off_lane"), "corrects the plan: off lane"),
        (Finding(doubt=Doubt.SLOW), "slows down: the driver is in doubt"),
    ],
)
def test_the_safety_layer_in_words(finding: Finding, words: str) -> None:
    assert safety_in_words(finding) == words


# --- looking ------------------------------------------------------------------------------------------------------


class Audience:
    """A viewer of one car."""

    def __init__(self) -> None:
        self.looks = False
        self.shown: list[tuple[DriverView, float]] = []

    def watched(self) -> bool:
        return self.looks

    def show(self, view: DriverView, *, taken_s: float) -> None:
        self.shown.append((view, taken_s))


class Loop:
    """Runs posted calls when the test says so, as the loop of the process does."""

    def __init__(self) -> None:
        self.posted: list[Callable[[], object]] = []
        self.came = threading.Event()

    def post(self, call: Callable[..., object], *arguments: object) -> None:
        self.posted.append(lambda: call(*arguments))
        self.came.set()

    def run(self) -> None:
        assert self.came.wait(20.0), "no view was made"
        self.came.clear()
        while self.posted:
            self.posted.pop(0)()


@pytest.fixture
def network() -> RulesNetwork:
    return RulesNetwork()


@pytest.fixture
def crew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, network: RulesNetwork) -> Iterator[Crew]:
    crew = Crew(tmp_path, monkeypatch)
    crew.stop()
    engine = LateEngine({RELEASE: network}, limits=HostingLimits.patient())
    engine.assign(VEHICLE, RELEASE)
    crew.start(learned=learned(engine, [VEHICLE], GreyCameras()))
    assert crew.order(errand([0, 4, 8], 75.0)).outcome == "accepted"
    crew.drive(3.0)
    yield crew
    crew.stop()


def showing(crew: Crew, audience: Audience) -> Showing:
    driver = crew.agent._driver
    stages = [Stage(VEHICLE, "p7", "rules", audience)]
    return Showing(stages, driver, crew.safety, crew.agent._learned)


def test_nothing_is_made_for_nobody(crew: Crew, network: RulesNetwork) -> None:
    audience, loop = Audience(), Loop()
    looked = showing(crew, audience)
    looked.look(0.0, loop.post)
    time.sleep(0.05)
    assert loop.posted == []
    assert looked._thread is None


def test_a_watched_car_shows_each_new_answer_once_and_not_too_often(crew: Crew) -> None:
    audience, loop = Audience(), Loop()
    audience.looks = True
    looked = showing(crew, audience)
    now_s = time.monotonic()
    looked.look(now_s, loop.post)
    looked.look(now_s, loop.post)  # one is being made
    loop.run()
    assert len(audience.shown) == 1
    view, taken_s = audience.shown[0]
    assert (view.release, len(view.pictures), len(view.plan)) == (RELEASE, 5, ACTION_STEPS)
    assert view.uncertainty_limit == 0.6
    assert taken_s <= now_s
    looked.look(now_s + SHOW_S, loop.post)  # no new answer since
    crew.drive(0.4)
    looked.look(now_s + SHOW_S / 2, loop.post)  # too early
    looked.look(now_s + SHOW_S, loop.post)
    loop.run()
    assert len(audience.shown) == 2
    looked.close()


def test_explanations_are_made_while_somebody_reads_them(crew: Crew) -> None:
    audience, loop = Audience(), Loop()
    looked = showing(crew, audience)
    audience.looks = True
    looked.look(time.monotonic(), loop.post)
    loop.run()
    assert audience.shown[0][0].explanation != "driving on"
    crew.drive(0.4)
    looked.look(time.monotonic() + 1.0, loop.post)
    loop.run()
    assert audience.shown[1][0].explanation == "driving on"
    audience.looks = False
    looked.look(time.monotonic() + 2.0, loop.post)
    crew.drive(0.4)
    action = crew.agent._driver.latest[VEHICLE].action
    assert action is not None
    assert action.explanation == ""
    looked.close()


def test_what_a_shadow_would_have_done_is_told(crew: Crew) -> None:
    audience, loop = Audience(), Loop()
    audience.looks = True
    looked = showing(crew, audience)
    looked.differs([Disagreement(VEHICLE, 1.0, RELEASE, "vla-next", 1.5, 4.25)])
    looked.look(time.monotonic(), loop.post)
    loop.run()
    assert audience.shown[0][0].shadow_apart_m == 4.25
    looked.close()


def test_a_view_that_can_not_be_made_is_logged_and_the_next_one_is_tried(
    crew: Crew, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    audience, loop = Audience(), Loop()
    audience.looks = True
    looked = showing(crew, audience)
    with monkeypatch.context() as patch:
        patch.setattr(looked, "view", lambda stage, shot: 1 / 0)
        looked.look(time.monotonic(), loop.post)
        loop.run()
    assert audience.shown == []
    assert "no view of its driver" in caplog.text
    crew.drive(0.4)
    looked.look(time.monotonic() + 1.0, loop.post)
    loop.run()
    assert len(audience.shown) == 1
    looked.close()


def test_a_car_on_rules_shows_pictures_too_where_the_process_has_eyes(crew: Crew) -> None:
    engine = LateEngine({})
    crew.stop()
    crew.start(learned=learned(engine, [], GreyCameras()))
    crew.drive(0.5)
    audience, loop = Audience(), Loop()
    audience.looks = True
    looked = showing(crew, audience)
    looked.look(time.monotonic(), loop.post)
    loop.run()
    view = audience.shown[0][0]
    assert (view.release, len(view.pictures)) == ("rules", 5)
    assert (view.latency_ms, view.deadline_ms, view.uncertainty) == (0.0, 0.0, None)
    looked.close()
