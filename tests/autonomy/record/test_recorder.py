"""What is kept: happenings always, pictures around them and on demand, a thin track in between."""

import os
from dataclasses import replace
from pathlib import Path

import pytest

from autonomy.record.entries import Entry, Happening, Look, Track
from autonomy.record.recorder import Recorder, RecordingLimits
from autonomy.record.retention import DAY_S, Retention, hold, sweep
from autonomy.record.tape import Tape, TapeWriter, tapes
from autonomy.world.action import Action
from tests.autonomy.record.drives import CAR, said, sight, verdict
from tests.autonomy.record.test_tape import HEAD

LIMITS = RecordingLimits(before_s=2.0, after_s=1.0, track_s=1.0)


def record(
    folder: Path, actions: dict[int, dict[str, object]], count: int = 50, note_at: int | None = None
) -> list[Entry]:
    recorder = Recorder(folder, limits=LIMITS, release_of=lambda car_id: "vla-2.0")
    for number in range(count):
        seen = sight(number)
        action: Action = said(seen, **actions.get(number, {}))
        recorder.frame(CAR, seen, action, verdict(action))
        if number == note_at:
            recorder.note(CAR, "demanded", "an operator asks")
    recorder.close()
    (path,) = tapes(folder)
    tape = Tape(path)
    assert tape.head.release == "vla-2.0"
    assert tape.head.platform == "p7"
    return list(tape.entries())[1:]


def test_a_quiet_drive_leaves_a_track_and_no_pictures(tmp_path: Path) -> None:
    entries = record(tmp_path, {})
    assert all(isinstance(entry, Track) for entry in entries)
    assert len(entries) == 10  # ten seconds, one a second


def test_a_question_keeps_the_pictures_before_and_after_it(tmp_path: Path) -> None:
    entries = record(tmp_path, {number: {"help": "May I pass?"} for number in range(20, 24)})
    told = [entry for entry in entries if isinstance(entry, Happening)]
    assert [(one.kind, one.detail) for one in told] == [("help", "May I pass?")]  # told once while it lasts
    looks = [entry for entry in entries if isinstance(entry, Look)]
    times = [round((look.seen.time_s - 100.0) / 0.2) for look in looks]
    assert times == list(range(9, 26))  # 2 s before (the look before was the newest in memory), 1 s after
    assert all(look.frames is not None for look in looks)


def test_pictures_are_kept_on_demand(tmp_path: Path) -> None:
    entries = record(tmp_path, {}, note_at=30)
    assert [entry.kind for entry in entries if isinstance(entry, Happening)] == ["demanded"]
    assert sum(isinstance(entry, Look) for entry in entries) == 16


@pytest.mark.parametrize(
    ("kind", "changes"),
    [("refused", {"refuses": "not safe"}), ("strange", {"ood": 1.2}), ("unsure", {"uncertainty": 0.8})],
)
def test_what_the_policy_says_of_itself_is_a_happening(tmp_path: Path, kind: str, changes: dict[str, object]) -> None:
    entries = record(tmp_path, {10: changes}, count=12)
    assert [entry.kind for entry in entries if isinstance(entry, Happening)] == [kind]


def test_an_intervention_of_the_safety_layer_is_a_happening(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path, limits=LIMITS)
    for number in range(10):
        seen = sight(number)
        action = said(seen)
        slow = replace(action, trajectory=action.trajectory * [1, 1, 1, 0.2])
        done = slow if number == 5 else action
        recorder.frame(CAR, seen, action, verdict(done, "MRM_OPERATING" if number == 8 else "AUTONOMOUS"))
    recorder.frame(CAR, sight(10), said(sight(10)), verdict(said(sight(10))))
    recorder.note(CAR, "disagreement", "shadow vla-2.1: 3.0 m")
    with pytest.raises(ValueError, match="kind: 'gossip' is unknown"):
        recorder.note(CAR, "gossip", "")
    recorder.close()
    kinds = [entry.kind for entry in Tape(tapes(tmp_path)[0]).entries() if isinstance(entry, Happening)]
    assert kinds == ["overruled", "stopped_by_safety", "disagreement"]


def test_a_full_queue_drops_and_counts_and_does_not_wait(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(TapeWriter, "write", lambda self, entry: (_ for _ in ()).throw(OSError("disk full")))
    recorder = Recorder(tmp_path, limits=LIMITS, everything=True)
    for number in range(5):
        recorder.frame(CAR, sight(number), said(sight(number)), verdict(said(sight(number))))
    recorder.close()
    assert recorder.failed == 6  # five looks and one point of the track; the loop went on
    assert recorder.dropped == 0


def test_old_tapes_go_and_held_ones_stay(tmp_path: Path) -> None:
    for name in ("a", "b", "c"):
        TapeWriter(tmp_path / f"{name}.tape", HEAD).close()
    now = 1_700_000_000.0
    for name, age in (("a", 40), ("b", 35), ("c", 1)):
        os.utime(tmp_path / f"{name}.tape", (now - age * DAY_S, now - age * DAY_S))
    hold(tmp_path / "b.tape", "a claim is open")
    with pytest.raises(ValueError, match="reason"):
        hold(tmp_path / "c.tape", " ")
    assert sweep(tmp_path, Retention(days=30.0), now) == [tmp_path / "a.tape"]
    assert [path.name for path in tapes(tmp_path)] == ["b.tape", "c.tape"]
    assert sweep(tmp_path, Retention(days=30.0, gigabytes=1e-9), now) == [tmp_path / "c.tape"]
    with pytest.raises(ValueError, match="days"):
        Retention(days=0.0)


def test_two_runs_of_a_car_are_two_tapes(tmp_path: Path) -> None:
    for _ in range(2):
        recorder = Recorder(tmp_path, limits=LIMITS)
        recorder.frame(CAR, sight(0), said(sight(0)), verdict(said(sight(0))))
        recorder.close()
    assert [path.parent.name for path in tapes(tmp_path)] == [CAR, CAR]
