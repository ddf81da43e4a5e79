"""The same pictures give the same answers to the last bit; hard cases are found and become lessons."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from autonomy.model.release import save_release
from autonomy.model.vla2 import Vla2
from autonomy.policy.base import Policy
from autonomy.policy.rules import RulesPolicy
from autonomy.policy.vla import VlaPolicy, load_network
from autonomy.record.entries import Look
from autonomy.record.mine import mine
from autonomy.record.recorder import Recorder, RecordingLimits
from autonomy.record.replay import Comparison, replay, stretches
from autonomy.record.tape import Tape, TapeWriter, tapes
from autonomy.train.lessons import lessons
from autonomy.train.shards import open_shard
from autonomy.world import Action, Observation
from tests.autonomy.model.small import small
from tests.autonomy.record.drives import CAR, said, sight, verdict
from tests.autonomy.record.test_tape import HEAD


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("releases") / "small"
    save_release(folder, Vla2(small()), {"name": "small"})
    return folder


def taped(folder: Path, policy: Policy, count: int = 12) -> Path:
    recorder = Recorder(folder, everything=True, release_of=lambda car_id: policy.name)
    policy.reset([CAR])
    for number in range(count):
        action = policy.act([sight(number)])[0]
        recorder.frame(CAR, sight(number), action, verdict(action))
    recorder.close()
    return tapes(folder)[0]


def test_a_network_with_a_memory_says_the_same_again(tmp_path: Path, release: Path) -> None:
    path = taped(tmp_path, VlaPolicy(load_network(release)))
    again = replay(path, VlaPolicy(load_network(release)))
    assert again == Comparison(looks=12, same=12, apart_m=0.0, first_other_s=None, cold=0)
    assert again.exact


def with_other_pixels(look: Look) -> Look:
    assert look.frames is not None
    pixels = look.frames.pixels.copy()
    pixels[0, 0, 20:30, 40:60] ^= 0xFF
    seen = replace(look.seen, frames=replace(look.frames, pixels=pixels))
    return Look(seen=seen, action=look.action, driven=look.driven, limits=look.limits, mode=look.mode)


def test_other_bytes_in_one_picture_are_found(tmp_path: Path, release: Path) -> None:
    path = taped(tmp_path, VlaPolicy(load_network(release)))
    changed = tmp_path / "changed.tape"
    writer = TapeWriter(changed, HEAD)
    for entry in list(Tape(path).entries())[1:]:
        sixth = isinstance(entry, Look) and round((entry.seen.time_s - 100) / 0.2) == 6
        writer.write(with_other_pixels(entry) if isinstance(entry, Look) and sixth else entry)
    writer.close()
    again = replay(changed, VlaPolicy(load_network(release)), memory=0)
    assert not again.exact
    assert again.first_other_s == pytest.approx(101.2)
    assert again.apart_m > 0


def test_looks_without_a_known_begin_only_warm_the_memory_up(tmp_path: Path, release: Path) -> None:
    path = taped(tmp_path, VlaPolicy(load_network(release)))
    middle = tmp_path / "middle.tape"
    writer = TapeWriter(middle, HEAD)
    looks = [entry for entry in Tape(path).entries() if isinstance(entry, Look)]
    for entry in looks[3:]:
        writer.write(entry)
    writer.close()
    again = replay(middle, VlaPolicy(load_network(release)), memory=3)  # the small network remembers 3 pictures
    assert again.cold == 3
    assert again.looks == 6
    assert again.apart_m < 0.01  # a ring begun elsewhere is summed in another order


def test_a_gap_in_the_pictures_ends_a_stretch(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path, everything=True)
    for number in (0, 1, 2, 10, 11):
        action = said(sight(number))
        recorder.frame(CAR, sight(number), action, verdict(action))
    recorder.close()
    assert [len(run) for run in stretches(Tape(tapes(tmp_path)[0]))] == [3, 2]


def hard_drive(folder: Path) -> Path:
    limits = RecordingLimits(before_s=1.0, after_s=1.0)
    recorder = Recorder(folder, limits=limits)
    for number in range(150):
        changes: dict[str, object] = {"help": "?"} if number == 20 else {"uncertainty": 0.9} if number == 100 else {}
        action = said(sight(number), **changes)
        recorder.frame(CAR, sight(number), action, verdict(action))
    recorder.close()
    return tapes(folder)[0]


def test_hard_cases_come_hardest_first_and_bad_tapes_are_named(tmp_path: Path) -> None:
    path = hard_drive(tmp_path)
    (tmp_path / "bad.tape").write_bytes(b"0" * 100)
    cases, wrong = mine(tapes(tmp_path))
    assert [(case.tape, round(case.from_s, 1), case.score) for case in cases] == [
        (path, 104.0, 5.0),
        (path, 120.0, 2.0),
    ]
    assert cases[0].reasons == ("help: ?",)
    assert len(wrong) == 1
    assert "bad.tape" in wrong[0]


def test_a_judge_who_would_drive_otherwise_makes_a_case_harder(tmp_path: Path) -> None:
    hard_drive(tmp_path)

    def stands(observations: Sequence[Observation]) -> list[Action]:
        return [replace(action, trajectory=action.trajectory * 0) for action in RulesPolicy().act(observations)]

    alone, _ = mine(tapes(tmp_path))
    agreed, _ = mine(tapes(tmp_path), RulesPolicy().act)
    judged, _ = mine(tapes(tmp_path), stands)
    assert [case.score for case in agreed] == [case.score for case in alone]
    assert judged[0].score > alone[0].score
    assert "the judge would drive otherwise" in judged[0].reasons


def test_hard_cases_become_a_shard_that_the_teacher_has_labelled(tmp_path: Path) -> None:
    hard_drive(tmp_path / "tapes")
    cases, _ = mine(tapes(tmp_path / "tapes"))
    count = lessons(cases, tmp_path / "shard")
    shard = open_shard(tmp_path / "shard")
    assert count == shard.count == 24  # 6 looks before each, itself, and 5 after
    assert shard.meta["source"] == "fleet"
    assert np.array_equal(shard.frames[0], sight(14).frames.pixels)  # type: ignore[union-attr]
    assert list(shard.rows["previous"][:3]) == [-1, 0, 1]
    assert list(shard.rows["previous"]).count(-1) == 2  # two drives
    with pytest.raises(ValueError, match="nothing was written"):
        lessons([], tmp_path / "empty")
