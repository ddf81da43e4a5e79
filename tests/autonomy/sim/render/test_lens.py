"""Faults of lenses and cameras."""

import numpy as np
import pytest

from autonomy.sim.render import CarView, Renderer
from autonomy.world.scene import BodyKind, LensFault

from .conftest import Scenes

NARROW, WIDE, LEFT = range(3)


def lens(fault: LensFault, level: float = 1.0) -> dict[tuple[str, str], tuple[LensFault, float]]:
    return {("ego", "front_narrow"): (fault, level)}


def test_a_black_camera_shows_nothing_and_the_others_all(renderer: Renderer, view: CarView, scene_with: Scenes) -> None:
    good = renderer.frames(scene_with(), [view])[0]
    black = renderer.frames(scene_with(lens=lens(LensFault.BLACK)), [view])[0]
    assert black[NARROW].max() == 0
    assert np.array_equal(black[1:], good[1:])


def test_a_frozen_camera_repeats_its_picture_until_it_is_mended(
    renderer: Renderer, view: CarView, scene_with: Scenes
) -> None:
    first = renderer.frames(scene_with(lens=lens(LensFault.FROZEN), time_s=1.0), [view])[0, NARROW]
    later = scene_with((BodyKind.TRUCK, 14.0, 0.0, 0), lens=lens(LensFault.FROZEN), time_s=5.0)
    assert np.array_equal(renderer.frames(later, [view])[0, NARROW], first)
    mended = renderer.frames(scene_with((BodyKind.TRUCK, 14.0, 0.0, 0), time_s=5.0), [view])[0, NARROW]
    assert not np.array_equal(mended, first)
    again = renderer.frames(later, [view])[0, NARROW]
    assert np.array_equal(again, mended)


def test_a_swapped_camera_shows_another_ones_picture(renderer: Renderer, view: CarView, scene_with: Scenes) -> None:
    good = renderer.frames(scene_with(), [view])[0]
    swapped = renderer.frames(scene_with(lens=lens(LensFault.SWAPPED)), [view])[0]
    assert np.array_equal(swapped[NARROW], good[LEFT])


@pytest.mark.parametrize("fault", [LensFault.DIRT, LensFault.BLUR, LensFault.GLARE])
def test_more_of_a_fault_spoils_more(renderer: Renderer, view: CarView, scene_with: Scenes, fault: LensFault) -> None:
    good = renderer.frames(scene_with((BodyKind.TRUCK, 14.0, 0.0, 0)), [view])[0].astype(int)
    spoilt = [
        np.abs(
            renderer.frames(scene_with((BodyKind.TRUCK, 14.0, 0.0, 0), lens=lens(fault, level)), [view])[0].astype(int)
            - good
        )
        for level in (0.3, 1.0)
    ]
    assert 1.0 < spoilt[0][NARROW].mean() < spoilt[1][NARROW].mean()
    assert spoilt[1][WIDE].max() == 0


def test_bad_faults_are_refused(renderer: Renderer, view: CarView, scene_with: Scenes) -> None:
    with pytest.raises(ValueError, match="level"):
        renderer.frames(scene_with(lens=lens(LensFault.DIRT, 1.2)), [view])
    with pytest.raises(ValueError, match="periscope"):
        renderer.frames(scene_with(lens={("ego", "periscope"): (LensFault.BLACK, 1.0)}), [view])


def test_faults_of_cars_that_are_not_asked_for_do_not_matter(
    renderer: Renderer, view: CarView, scene_with: Scenes
) -> None:
    elsewhere = scene_with(lens={("other", "rear"): (LensFault.BLACK, 1.0)})
    assert np.array_equal(renderer.frames(elsewhere, [view]), renderer.frames(scene_with(), [view]))
