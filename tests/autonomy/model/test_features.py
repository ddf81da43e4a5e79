"""What a network is given, and what it is not."""

from dataclasses import replace

import numpy as np
import pytest

from autonomy.model.features import encode, to_inputs
from autonomy.model.inputs import EGO_NAMES
from autonomy.world import (
    CameraFrames,
    Directive,
    Hazard,
    HazardKind,
    JunctionAhead,
    LeaderAhead,
    Observation,
    Order,
    OrderKind,
    Signal,
    Weather,
)


def column(name: str) -> int:
    return EGO_NAMES.index(name)


def test_shapes_and_kinds(seen: list[Observation]) -> None:
    arrays = encode(seen)
    assert {name: (value.shape, value.dtype.name) for name, value in arrays.items()} == {
        "ego": ((4, len(EGO_NAMES)), "float32"),
        "route": ((4, 30, 2), "float32"),
        "words": ((4, 24), "int64"),
        "pixels": ((4, 5, 3, 64, 128), "uint8"),
    }
    assert all(np.isfinite(value).all() for value in arrays.values())


def test_nothing_privileged_gets_in(seen: list[Observation]) -> None:
    one = seen[0]
    walker = Hazard(HazardKind.PEDESTRIAN, 9.0, 0.0, 0.0, 0.0, 1.2, 0.5, 0.5, "crossing")
    path = one.path.copy()
    path[1:] += 7.0
    told = replace(
        one,
        path=path,
        leader=LeaderAhead(4.0, 0.0),
        junction=JunctionAhead(3.0, Signal.RED, False, 20.0),
        may_leave_kerb=not one.may_leave_kerb,
        box_left_m=5.0,
        hazards=(walker,),
        order=Order(OrderKind.WAIT),
        weather=Weather(visibility_m=30.0),
        room_left_m=(0.1, 0.2),
        kerb_m=12.0,
        ego=replace(one.ego, lateral_m=1.0, accel_mps2=-4.0),
    )
    plain, other = encode([one]), encode([told])
    assert all(np.array_equal(plain[name], other[name]) for name in plain)


def test_speed_directive_and_age_of_an_instruction(seen: list[Observation]) -> None:
    told = replace(
        seen[0], time_s=20.0, instructed_s=14.0, instruction="wait here", directive=Directive.HOLD,
        ego=replace(seen[0].ego, speed_mps=7.0),
    )  # fmt: skip
    ego = encode([told])["ego"][0]
    assert ego[column("speed")] == pytest.approx(0.7)
    assert ego[column("age")] == pytest.approx(0.6)
    assert ego[column("asked")] == 1.0
    assert (ego[column("drive")], ego[column("hold")]) == (0.0, 1.0)


def test_without_pictures_there_are_no_pixels(seen: list[Observation]) -> None:
    assert "pixels" not in encode([replace(seen[0], frames=None), seen[1]])


def test_words_are_cut_to_the_longest_instruction(seen: list[Observation]) -> None:
    told = [replace(seen[0], instruction="pull over"), replace(seen[1], instruction="")]
    words = to_inputs(encode(told)).words
    assert words.shape == (2, 3)
    assert words[1].tolist() == [1, 0, 0]


def test_pictures_of_other_cameras_are_refused(seen: list[Observation]) -> None:
    frames = seen[0].frames
    assert frames is not None
    turned = replace(seen[0], frames=CameraFrames(frames.pixels, frames.names[::-1], 0.0))
    with pytest.raises(ValueError, match="frames: cameras"):
        encode([turned])
    small = replace(seen[0], frames=CameraFrames(frames.pixels[..., ::2], frames.names, 0.0))
    with pytest.raises(ValueError, match="frames: uint8"):
        encode([small])
