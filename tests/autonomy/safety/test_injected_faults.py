"""Injected faults, each with its control: with the layer the car ends safely, without it there is harm."""

from collections.abc import Callable

import numpy as np
import pytest

from autonomy.safety.layer import Safety
from autonomy.safety.modes import Mode
from autonomy.safety.odd import OddSight, OddStatus
from autonomy.sim.faults import Fault, FaultKind, blind
from autonomy.world.camera import CAMERA_NAMES
from autonomy.world.observation import CameraFrames, Observation
from autonomy.world.scene import Weather
from benchmarks.safety_world import BLOCK, ONCOMING, PARKED
from tests.autonomy.safety.road import CAR, calm, drive, replace, street

FAULTS = [
    (FaultKind.FROZEN, "policy_frozen policy_jump"),  # whichever is seen last before the grace is over
    (FaultKind.SILENT, "policy_silent"),
    (FaultKind.NAN, "policy_not_finite"),
    (FaultKind.LATE, "policy_late"),
]


@pytest.mark.parametrize(("kind", "reason"), FAULTS)
def test_a_policy_that_fails_before_an_obstacle_does_not_hit_it(kind: FaultKind, reason: str) -> None:
    safety = Safety()
    ride = drive(street(kind=BLOCK, s=60.0, left=0.0), fault=Fault(kind, from_s=1.0), safety=safety)
    assert not ride.hit
    assert ride.speeds[-1] == 0.0
    assert safety.finding(CAR).reason in reason.split()
    assert safety.mode(CAR) is Mode.MRC_REACHED


def hidden_at_first(seen: Observation) -> Observation:
    """The obstacle comes into sight when the policy has failed already."""
    return replace(seen, hazards=()) if seen.time_s < 0.6 else seen


@pytest.mark.parametrize("kind", [FaultKind.HEEDLESS, FaultKind.NAN, FaultKind.SILENT])
def test_what_without_the_layer_is_a_collision_is_none_with_it(kind: FaultKind) -> None:
    fault = Fault(kind, from_s=0.4)
    assert drive(street(kind=BLOCK, s=40.0, left=0.0), fault=fault, see=hidden_at_first).hit
    assert not drive(street(kind=BLOCK, s=40.0, left=0.0), fault=fault, see=hidden_at_first, safety=Safety()).hit


def test_a_heedless_policy_is_braked_before_an_obstacle() -> None:
    ride = drive(street(kind=BLOCK, s=60.0, left=0.0), fault=Fault(FaultKind.HEEDLESS), safety=Safety())
    assert not ride.hit


def test_with_nothing_wrong_the_layer_changes_nothing() -> None:
    safety = Safety()
    guarded = drive(street(kind=BLOCK, s=60.0, left=0.0), safety=safety)
    free = drive(street(kind=BLOCK, s=60.0, left=0.0))
    assert guarded.speeds == free.speeds
    assert guarded.left == free.left
    assert safety.changes() == []


@pytest.mark.parametrize(("body", "level"), [(PARKED, -2.5), (ONCOMING, 3.3)])
def test_a_policy_that_drifts_into_others_is_kept_in_its_lane(body: int, level: float) -> None:
    fault = Fault(FaultKind.DRIFTING, level=level)

    def place() -> dict[str, float]:
        along = -8.0 if body == ONCOMING else 0.0
        return {"kind": body, "s": 90.0 if along else 35.0, "left": level, "along": along}

    assert drive(street(**place()), fault=fault).hit
    guarded = drive(street(**place()), fault=fault, safety=Safety())
    assert not guarded.hit
    assert max(map(abs, guarded.left)) < (2.2 if body == PARKED else 1.6)  # the kerb side is open where cars stand


def test_a_swerving_policy_is_relieved() -> None:
    safety = Safety()
    fault = Fault(FaultKind.SWERVING, level=1.0)
    guarded = drive(street(), fault=fault, safety=safety, seconds=12.0)
    assert safety.finding(CAR).reason in ("policy_swerving", "policy_bend", "policy_off_lane")
    assert guarded.speeds[-1] == 0.0
    free = drive(street(), fault=fault, seconds=12.0)
    assert free.speeds[-1] > 5.0
    assert max(map(abs, free.left)) > 0.1


def pictures(time_s: float) -> CameraFrames:
    """Five different scenes with the noise of a sensor."""
    random = np.random.default_rng(5)
    scenes = np.kron(random.integers(30, 220, (5, 3, 8, 16)), np.ones((1, 1, 8, 8)))
    noise = np.random.default_rng(round(10 * time_s)).normal(0.0, 2.0, scenes.shape)
    return CameraFrames(np.clip(scenes + noise, 0, 255).astype(np.uint8), CAMERA_NAMES, time_s)


def filming(fault: Fault | None) -> Callable[[Observation], Observation]:
    """Pictures at 5 Hz, as a learned policy gets them."""
    last: list[CameraFrames] = []

    def see(seen: Observation) -> Observation:
        if round(10 * seen.time_s) % 2:
            return seen
        frames = pictures(seen.time_s)
        shown = blind(fault, frames, last[-1] if last else None) if fault else frames
        last.append(shown)
        return replace(seen, frames=shown)

    return see


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        (FaultKind.CAMERA_BLACK, "camera_black:front_wide"),
        (FaultKind.CAMERA_FROZEN, "camera_frozen:front_wide"),
        (FaultKind.CAMERA_SWAPPED, "camera_swapped:front_wide"),
    ],
)
def test_a_car_whose_camera_fails_stops_and_says_which(kind: FaultKind, reason: str) -> None:
    safety = Safety()
    ride = drive(street(), see=filming(Fault(kind, from_s=2.0, camera=1)), safety=safety)
    assert ride.speeds[-1] == 0.0
    assert safety.finding(CAR).reason == reason


def test_live_cameras_stop_nobody_and_without_the_layer_a_dead_one_does_not_either() -> None:
    safety = Safety()
    assert drive(street(), see=filming(None), safety=safety).speeds[-1] > 8.0
    assert safety.changes() == []
    assert drive(street(), see=filming(Fault(FaultKind.CAMERA_BLACK, from_s=2.0))).speeds[-1] > 8.0


def test_cameras_that_fall_silent_stop_the_car() -> None:
    safety, film = Safety(), filming(None)
    ride = drive(street(), see=lambda seen: film(seen) if seen.time_s < 2.0 else seen, safety=safety)
    assert ride.speeds[-1] == 0.0
    assert safety.finding(CAR).reason == "camera_silent:all"


def test_a_car_that_has_left_its_domain_stops() -> None:
    safety = Safety()

    def tick(time_s: float) -> None:
        status = OddStatus.INSIDE if time_s < 2.0 else OddStatus.OUTSIDE
        safety.report(CAR, odd=OddSight(status, 0.0 if status is OddStatus.OUTSIDE else float("inf")))

    ride = drive(street(), safety=safety, tick=tick)
    assert ride.speeds[-1] == 0.0
    assert safety.finding(CAR).reason == "outside_odd"
    assert safety.odd_status(CAR) is OddStatus.OUTSIDE
    assert drive(street()).speeds[-1] > 8.0


def test_a_car_stops_before_its_domain_ends() -> None:
    safety, road = Safety(), street()

    def tick(_: float) -> None:
        left = 70.0 - float(road.locate()[0, 0])
        safety.report(CAR, odd=OddSight(OddStatus.NEAR_EDGE, left))

    ride = drive(road, safety=safety, tick=tick, seconds=12.0)
    assert ride.speeds[-1] == 0.0
    assert ride.s[-1] < 70.0
    assert safety.finding(CAR).reason == "odd_ends"


@pytest.mark.parametrize(
    ("weather", "reason"),
    [
        (Weather(visibility_m=45.0), "odd_low_visibility"),
        (Weather(rain=0.9), "odd_heavy_rain"),
        (Weather(sun_elevation_rad=-0.3, street_lights=False), "odd_dark"),
    ],
)
def test_conditions_beyond_the_domain_stop_the_car(weather: Weather, reason: str) -> None:
    safety = Safety()
    ride = drive(street(), safety=safety, see=lambda seen: replace(seen, weather=weather))
    assert ride.speeds[-1] == 0.0
    assert safety.finding(CAR).reason == reason


@pytest.mark.parametrize(
    "weather",
    [Weather(visibility_m=200.0), Weather(rain=0.6, wet=1.0), Weather(sun_elevation_rad=-0.3, street_lights=True)],
)
def test_conditions_within_the_domain_do_not(weather: Weather) -> None:
    safety = Safety()
    assert drive(street(), safety=safety, see=lambda seen: replace(seen, weather=weather)).speeds[-1] > 8.0
    assert safety.changes() == []


def test_a_link_that_is_lost_for_too_long_stops_the_car() -> None:
    safety = Safety()
    ride = drive(street(), safety=safety, tick=lambda time_s: safety.report(CAR, silent_s=310.5 if time_s > 2 else 1.0))
    assert ride.speeds[-1] == 0.0
    assert safety.finding(CAR).reason == "link_lost"


def test_weak_brakes_are_noticed_when_they_are_used_and_the_car_is_taken_off_the_road() -> None:
    road = street(kind=BLOCK, s=75.0, left=0.0)
    road.motion.brake_max[:] = 2.2
    safety = Safety()
    # What the platform claims is in the observation; what the brakes do is not.
    ride = drive(
        road, safety=safety, seconds=14.0, see=lambda seen: replace(seen, ego=replace(seen.ego, brake_max_mps2=8.0))
    )
    assert ride.speeds[-1] == 0.0
    assert safety.finding(CAR).brake_able_mps2 < 2.6
    assert safety.finding(CAR).reason == "brakes_weak"


def test_good_brakes_are_not_called_weak() -> None:
    safety = Safety()
    assert not drive(street(kind=BLOCK, s=75.0, left=0.0), safety=safety, seconds=14.0).hit
    assert safety.finding(CAR).brake_able_mps2 == float("inf")


@pytest.mark.parametrize(("uncertainty", "ood"), [(0.9, 0.0), (0.0, 1.3)])
def test_a_policy_that_doubts_is_slowed_then_a_person_is_asked_then_the_car_stops(
    uncertainty: float, ood: float
) -> None:
    safety = Safety()
    ride = drive(
        street(),
        safety=safety,
        seconds=14.0,
        policy=lambda seen: replace(calm(seen), uncertainty=uncertainty, ood=ood),
    )
    assert ride.speeds[40] < 6.5  # half the limit of 12 m/s
    questions = safety.questions()
    assert [question.car_id for question in questions] == [CAR]
    assert ride.speeds[-1] == 0.0
    assert safety.finding(CAR).reason == ("policy_ood" if ood else "policy_uncertain")
