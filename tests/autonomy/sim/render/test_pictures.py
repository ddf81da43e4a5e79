"""What the cameras' pictures show, by the colours in them."""

import numpy as np
import pytest
from numpy.typing import NDArray

from autonomy.sim.render import CarView, Renderer
from autonomy.sim.roads import RoadMap
from autonomy.world.camera import CAMERA_NAMES
from autonomy.world.scene import BodyKind, Lights, Weather

from .conftest import Scenes

NARROW, WIDE, LEFT, RIGHT, REAR = range(5)
RED = ((200, 255), (0, 80), (0, 80))
GREEN = ((0, 80), (190, 255), (60, 170))
AMBER = ((220, 255), (130, 215), (0, 80))
YELLOW = ((200, 255), (140, 200), (0, 70))


def pixels_of(picture: NDArray[np.uint8], colour: tuple[tuple[int, int], ...]) -> int:
    inside = np.ones(picture.shape[1:], dtype=bool)
    for channel, (low, high) in zip(picture, colour, strict=True):
        inside &= (channel >= low) & (channel <= high)
    return int(inside.sum())


def test_five_pictures_for_each_car(renderer: Renderer, view: CarView, scene_with: Scenes) -> None:
    other = CarView("other", "id_buzz", view.x + 10.0, view.y, view.heading)
    frames = renderer.frames(scene_with(), [view, other])
    assert frames.shape == (2, 5, 3, 64, 128)
    assert frames.dtype == np.uint8
    assert renderer.names("p7") == CAMERA_NAMES
    assert renderer.frames(scene_with(), []).shape == (0, 0, 3, 64, 128)


def test_same_map_and_scene_give_the_same_pictures(
    town: RoadMap, renderer: Renderer, view: CarView, scene_with: Scenes
) -> None:
    scene = scene_with((BodyKind.CAR, 15.0, 0.0, 0), signal=3, weather=Weather(rain=0.5, wet=0.5))
    again = Renderer(town).frames(scene, [view])
    assert np.array_equal(renderer.frames(scene, [view]), again)


def test_a_car_is_drawn_alike_alone_and_in_company(renderer: Renderer, view: CarView, scene_with: Scenes) -> None:
    other = CarView("other", "g7", view.x, view.y + 3.0, view.heading)
    scene = scene_with((BodyKind.CAR, 15.0, 0.0, 0))
    assert np.array_equal(renderer.frames(scene, [view])[0], renderer.frames(scene, [other, view])[1])


def test_a_car_does_not_see_itself(renderer: Renderer, view: CarView, scene_with: Scenes) -> None:
    own = scene_with((BodyKind.CAR, 1.4, 0.0, 0), owner="ego")
    assert np.array_equal(renderer.frames(own, [view]), renderer.frames(scene_with(), [view]))


@pytest.mark.parametrize(("state", "colour"), [(1, GREEN), (2, AMBER), (3, RED)])
def test_a_signal_shows_its_colour_and_no_other(
    renderer: Renderer, view: CarView, scene_with: Scenes, state: int, colour: tuple[tuple[int, int], ...]
) -> None:
    for camera in (NARROW, WIDE):
        picture = renderer.frames(scene_with(signal=state), [view])[0, camera]
        least = 6 if camera == NARROW else 2
        assert pixels_of(picture, colour) >= least
        for other in (GREEN, AMBER, RED):
            if other != colour:
                assert pixels_of(picture, other) == 0


def test_a_dark_signal_shows_no_colour(renderer: Renderer, view: CarView, scene_with: Scenes) -> None:
    picture = renderer.frames(scene_with(signal=0), [view])[0, NARROW]
    assert all(pixels_of(picture, colour) == 0 for colour in (GREEN, AMBER, RED))


def test_brake_lights_are_seen_and_only_when_braking(renderer: Renderer, view: CarView, scene_with: Scenes) -> None:
    braking = renderer.frames(scene_with((BodyKind.CAR, 16.0, 0.0, int(Lights.BRAKE))), [view])[0, NARROW]
    rolling = renderer.frames(scene_with((BodyKind.CAR, 16.0, 0.0, 0)), [view])[0, NARROW]
    assert pixels_of(braking, RED) > 20
    assert pixels_of(rolling, RED) == 0


def test_a_school_bus_is_yellow_and_its_arm_red(renderer: Renderer, view: CarView, scene_with: Scenes) -> None:
    quiet = renderer.frames(scene_with((BodyKind.SCHOOL_BUS, 22.0, -4.0, 0)), [view])[0, NARROW]
    stopping = renderer.frames(scene_with((BodyKind.SCHOOL_BUS, 22.0, -4.0, int(Lights.STOP_ARM))), [view])[0, NARROW]
    assert pixels_of(quiet, YELLOW) > 60
    assert pixels_of(stopping, RED) > pixels_of(quiet, RED) + 8


def test_an_officers_gestures_differ(renderer: Renderer, view: CarView, scene_with: Scenes) -> None:
    stop = renderer.frames(scene_with((BodyKind.OFFICER, 14.0, 0.0, int(Lights.GESTURE_STOP))), [view])[0, NARROW]
    go = renderer.frames(scene_with((BodyKind.OFFICER, 14.0, 0.0, int(Lights.GESTURE_GO))), [view])[0, NARROW]
    assert pixels_of(stop, RED) > 10
    assert pixels_of(go, GREEN) > 10
    assert pixels_of(stop, GREEN) == pixels_of(go, RED) == 0


def test_bodies_appear_where_they_are(renderer: Renderer, view: CarView, scene_with: Scenes) -> None:
    empty = renderer.frames(scene_with(), [view])[0].astype(int)
    for ahead, left, camera, half in (
        (15.0, 3.0, NARROW, slice(0, 64)),
        (15.0, -3.0, NARROW, slice(64, 128)),
        (3.0, 7.0, LEFT, slice(0, 128)),
        (3.0, -7.0, RIGHT, slice(0, 128)),
        (-12.0, 0.0, REAR, slice(32, 96)),
    ):
        seen = renderer.frames(scene_with((BodyKind.TRUCK, ahead, left, 0)), [view])[0].astype(int)
        changed = np.abs(seen - empty).max(axis=1) > 20
        assert changed[camera][:, half].sum() > 60, (ahead, left)
        assert changed[camera].sum() == changed[camera][:, half].sum()


def test_the_nearer_body_hides_the_farther_one(renderer: Renderer, view: CarView, scene_with: Scenes) -> None:
    alone = renderer.frames(scene_with((BodyKind.TRUCK, 14.0, 0.0, 0)), [view])[0, NARROW]
    both = scene_with((BodyKind.PEDESTRIAN, 26.0, 0.0, 0), (BodyKind.TRUCK, 14.0, 0.0, 0))
    assert np.array_equal(renderer.frames(both, [view])[0, NARROW], alone)


def test_fog_hides_what_is_far_and_night_is_dark(renderer: Renderer, view: CarView, scene_with: Scenes) -> None:
    def shown(weather: Weather) -> float:
        with_car = renderer.frames(scene_with((BodyKind.CAR, 45.0, 0.0, 0), weather=weather), [view])[0, NARROW]
        without = renderer.frames(scene_with(weather=weather), [view])[0, NARROW]
        return float(np.abs(with_car.astype(int) - without).max())

    assert shown(Weather()) > 60
    assert shown(Weather(visibility_m=35.0)) < 15
    day = renderer.frames(scene_with(), [view])[0, LEFT].mean()
    night = renderer.frames(scene_with(weather=Weather(sun_elevation_rad=-0.5, street_lights=False)), [view])[0, LEFT]
    assert night.mean() < 0.3 * day


def test_a_low_sun_ahead_dazzles_the_front_and_not_the_rear(
    renderer: Renderer, view: CarView, scene_with: Scenes
) -> None:
    low = Weather(sun_elevation_rad=0.1, sun_azimuth_rad=view.heading, cloud=0.0)
    frames = renderer.frames(scene_with(weather=low), [view])[0]
    assert (frames[NARROW] > 250).all(axis=0).sum() > 40
    assert (frames[REAR] > 250).all(axis=0).sum() == 0


def test_other_sizes_of_picture(renderer: Renderer, view: CarView, scene_with: Scenes) -> None:
    assert renderer.frames(scene_with(signal=3), [view], width=64, height=32).shape == (1, 5, 3, 32, 64)
    with pytest.raises(ValueError, match="width, height"):
        renderer.frames(scene_with(), [view], width=4, height=64)


def test_bad_input_is_refused_by_name(town: RoadMap, renderer: Renderer, view: CarView, scene_with: Scenes) -> None:
    with pytest.raises(ValueError, match="platform"):
        renderer.frames(scene_with(), [CarView("ego", "tram", 0.0, 0.0, 0.0)])
    with pytest.raises(ValueError, match="pose of ego"):
        renderer.frames(scene_with(), [CarView("ego", "p7", float("nan"), 0.0, 0.0)])
    with pytest.raises(ValueError, match="visibility_m"):
        renderer.frames(scene_with(weather=Weather(visibility_m=0.0)), [view])
    with pytest.raises(ValueError, match="rain"):
        renderer.frames(scene_with(weather=Weather(rain=1.5)), [view])
    with pytest.raises(ValueError, match="device"):
        Renderer(town, device="tpu")
