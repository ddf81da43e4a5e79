"""What the layer watches over time: the policy's pulse, its doubts, the brakes, the cameras."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autonomy.safety.brakes import BrakeState, feel_brakes
from autonomy.safety.cameras import CameraFault, CameraWatch
from autonomy.safety.doubt import Doubt, DoubtBounds, Doubts, weigh
from autonomy.safety.liveness import Pulse, feel
from autonomy.safety.plausible import PlausibleBounds, due_row, fault_of
from autonomy.world.observation import CameraFrames

STEP_S = 0.2
ROWS = [(2.0 * k, 0.0, 0.0, 10.0) for k in range(1, 21)]


def beat(pulse: Pulse, at_s: float, *, shift: float = 0.0, moves: bool = True, drift: float = 0.0) -> Pulse:
    rows = [(x + shift, y, heading, speed) for x, y, heading, speed in ROWS]
    return feel(pulse, rows, at_s, moves=moves, drift_m=drift, now_s=at_s)


def test_the_same_answer_to_new_pictures_is_frozen_while_the_car_moves() -> None:
    pulse = Pulse()
    for tick in range(4):
        assert pulse.fault is None
        pulse = beat(pulse, 0.2 * tick)
    assert pulse.fault == "frozen"
    assert beat(pulse, 1.0, shift=0.1).fault is None


def test_an_answer_handed_over_again_and_one_of_a_standing_car_are_not() -> None:
    pulse = Pulse()
    for _ in range(10):
        pulse = beat(pulse, 1.0)
    assert pulse.fault is None
    for tick in range(10):
        pulse = beat(pulse, 2.0 + tick, moves=False)
    assert pulse.fault is None


def test_to_and_fro_is_swerving_and_one_swerve_is_not() -> None:
    pulse = Pulse()
    for tick in range(12):
        pulse = beat(pulse, 0.2 * tick, shift=0.1 * tick, drift=0.6 if tick % 2 else -0.6)
    assert pulse.fault == "swerving"
    pulse = Pulse()
    for tick, drift in enumerate([0.0, 0.6, 0.6, 0.0, -0.6, -0.6, 0.0, 0.0]):
        pulse = beat(pulse, 0.2 * tick, shift=0.1 * tick, drift=drift)
    assert pulse.fault is None


@pytest.mark.parametrize(("age_s", "fault"), [(0.0, None), (0.5, None), (0.69, None), (0.8, "late")])
def test_an_older_answer_is_judged_by_the_row_that_is_due(age_s: float, fault: str | None) -> None:
    pose = (10.0 * age_s, 0.0, 0.0, 10.0)
    told = fault_of(ROWS, answers_s=5.0, now_s=5.0 + age_s, pose=pose, step_s=STEP_S, bounds=PlausibleBounds())
    assert told == fault
    assert due_row(ROWS, 0.3, STEP_S)[0] == pytest.approx(5.0)


def test_a_bend_that_no_tyre_holds_is_refused() -> None:
    heading, x, y, rows = 0.0, 0.0, 0.0, []
    for _ in range(20):
        heading += 0.3
        x, y = x + 2.0 * np.cos(heading), y + 2.0 * np.sin(heading)
        rows.append((float(x), float(y), heading, 10.0))
    pose = (0.0, 0.0, 0.0, 10.0)
    assert fault_of(rows, answers_s=0.0, now_s=0.0, pose=pose, step_s=STEP_S, bounds=PlausibleBounds()) == "bend"


def levels(values: list[tuple[float, float]], bounds: DoubtBounds | None = None) -> list[Doubt]:
    doubts, seen = Doubts(), []
    for tick, (uncertainty, ood) in enumerate(values):
        doubts = weigh(doubts, uncertainty, ood, 0.2 * tick, bounds or DoubtBounds())
        seen.append(doubts.level)
    return seen


def test_doubt_grows_with_time_and_ends_only_well_below_its_limit() -> None:
    seen = levels([(0.75, 0.0)] * 45)
    assert [seen.index(level) * 0.2 for level in (Doubt.SLOW, Doubt.ASK, Doubt.STOP)] == pytest.approx([0.0, 3.0, 8.0])
    doubts = weigh(Doubts(), 0.75, 0.0, 0.0, DoubtBounds())
    assert weigh(doubts, 0.6, 0.0, 2.9, DoubtBounds()).level is Doubt.SLOW  # below the limit, above 3/4 of it
    assert weigh(doubts, 0.4, 0.0, 2.9, DoubtBounds()).level is Doubt.NONE


def test_one_doubtful_picture_is_no_doubt_and_a_picture_from_another_world_is() -> None:
    assert set(levels([(0.1, 0.2)] * 5 + [(0.9, 1.2)] + [(0.1, 0.2)] * 5)) == {Doubt.NONE}
    assert levels([(0.1, 0.2)] * 5 + [(0.1, 9.0)] * 5)[-1] is Doubt.STOP
    assert levels([(float("nan"), 0.0)])[-1] is Doubt.STOP


@pytest.mark.parametrize(
    ("calibration", "error"),
    [
        ({"uncertainty_limit": "high"}, "calibration.uncertainty_limit"),
        ({"ood_limit": -1.0}, "calibration.ood_limit"),
        ({"ood_limit": float("nan")}, "calibration.ood_limit"),
        ({"ood_limit": 2.0, "ood_stop": 1.0}, "stop lies below"),
    ],
)
def test_limits_that_are_none_are_refused_by_name(calibration: dict[str, object], error: str) -> None:
    with pytest.raises(ValueError, match=error):
        DoubtBounds.from_calibration(calibration)


def test_limits_come_out_of_a_manifest_and_the_others_stay() -> None:
    bounds = DoubtBounds.from_calibration({"uncertainty_limit": 0.5, "coverage": 0.95, "ood_stop": 2})
    assert (bounds.uncertainty_limit, bounds.ood_stop, bounds.ood_limit) == (0.5, 2.0, 1.0)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.floats(0.0, 1.0), st.floats(0.0, 3.0)), min_size=1, max_size=60))
def test_below_three_quarters_of_every_limit_nobody_doubts(values: list[tuple[float, float]]) -> None:
    assert set(levels([(u * 0.52, o * 0.24) for u, o in values])) == {Doubt.NONE}


def brake(able: float, asked: float, seconds: float) -> BrakeState:
    state, speed, accel = BrakeState(), 20.0, 0.0
    for tick in range(round(seconds / 0.1)):
        state = feel_brakes(state, now_s=0.1 * tick, asked_mps2=asked, accel_mps2=accel, speed_mps=speed)
        accel = max(-able, -asked, accel - 4.0)
        speed = max(0.0, speed + accel * 0.1)
    return state


def test_brakes_that_give_less_than_asked_are_known_by_what_they_give() -> None:
    assert brake(2.0, 4.5, 3.0).able_mps2 == pytest.approx(2.0, abs=0.1)
    assert brake(8.0, 4.5, 3.0).able_mps2 == float("inf")
    assert brake(8.0, 0.0, 3.0).able_mps2 == float("inf")


def frames(at_s: float, pixels: np.ndarray | None = None) -> CameraFrames:
    random = np.random.default_rng(round(10 * at_s))
    scene = np.kron(np.random.default_rng(1).integers(40, 200, (3, 3, 8, 16)), np.ones((1, 1, 8, 8)))
    made = np.clip(scene + random.normal(0, 2, scene.shape), 0, 255).astype(np.uint8)
    return CameraFrames(made if pixels is None else pixels, ("a", "b", "c"), at_s)


def look(count: int, spoil: object = None) -> list[CameraFault | None]:
    watch, told = CameraWatch(), []
    for tick in range(count):
        shot = frames(0.2 * tick)
        if callable(spoil):
            shot = replace(shot, pixels=spoil(shot.pixels.copy(), tick))
        told.append(watch.look(shot, shot.time_s))
    return told


def test_live_pictures_are_no_fault_by_day_and_by_night() -> None:
    assert set(look(10)) == {None}

    def night(pixels: np.ndarray, tick: int) -> np.ndarray:
        noise = np.random.default_rng(tick).integers(0, 6, pixels.shape)
        dark: np.ndarray = (pixels // 60 + noise).astype(np.uint8)
        dark[:, :, 30:34, 60:70] = 200  # a lamp
        return dark

    assert set(look(10, night)) == {None}


@pytest.mark.parametrize("kind", ["black", "frozen", "twin", "swapped"])
def test_a_dead_camera_is_named_after_three_pictures(kind: str) -> None:
    first: list[np.ndarray] = []

    def spoil(pixels: np.ndarray, tick: int) -> np.ndarray:
        if not first:
            first.append(pixels.copy())
        if tick >= 2:
            if kind == "black":
                pixels[1] = 0
            elif kind == "frozen":
                pixels[1] = first[0][1]
            elif kind == "twin":
                pixels[1] = pixels[0]
            else:
                pixels[[0, 1]] = pixels[[1, 0]]
        return pixels

    told = look(9, spoil)
    assert told[:4] == [None] * 4
    fault = told[-1]
    assert fault is not None
    assert fault.kind == {"twin": "swapped"}.get(kind, kind)
    assert fault.camera == {"twin": "a", "swapped": "a"}.get(kind, "b")


def test_pictures_that_stop_coming_are_missed_but_not_in_a_car_without_cameras() -> None:
    watch = CameraWatch()
    assert watch.look(None, 100.0) is None
    watch.look(frames(100.0), 100.0)
    assert watch.look(None, 101.9) is None
    assert watch.look(None, 102.1) == CameraFault("silent", "all")
    assert watch.look(frames(102.2), 102.2) is None


def test_pictures_of_a_wrong_shape_are_refused() -> None:
    with pytest.raises(ValueError, match="do not fit 3 cameras"):
        CameraWatch().look(replace(frames(0.0), pixels=np.zeros((2, 3, 8, 8), dtype=np.uint8)), 0.0)
