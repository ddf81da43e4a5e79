"""A tape gives back what was put on it, to the last bit; damage is told."""

from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autonomy.record.codec import encode
from autonomy.record.entries import FORMAT, Happening, Head, Look
from autonomy.record.tape import BadTape, Tape, TapeWriter, pack, tapes
from autonomy.world import Cause, Limits, Order, OrderKind
from autonomy.world.observation import NavigationCommand
from autonomy.world.scene import LensFault
from tests.autonomy.record.drives import CAR, said, sight

HEAD = Head(format=FORMAT, car_id=CAR, release="rules/1", platform="p7", map_digest="d" * 64, began_ms=1)


def look(number: int = 0) -> Look:
    seen = sight(
        number,
        order=Order(OrderKind.WAIT, 99.0),
        other_ways={NavigationCommand.LEFT: np.ones((100, 5))},
        lens={"rear": (LensFault.DIRT, 0.25)},
    )
    action = said(seen, cause=Cause.ORDER_WAIT, alternatives=np.full((2, 20, 4), 1 / 3))
    return Look(seen=seen, action=action, driven=action, limits=Limits(), mode="AUTONOMOUS")


def write(path: Path, count: int = 3) -> None:
    writer = TapeWriter(path, HEAD)
    for number in range(count):
        writer.write(look(number))
    writer.close()


def same(a: object, b: object) -> bool:
    if isinstance(a, np.ndarray) and isinstance(b, np.ndarray):
        return a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()
    if hasattr(a, "__dataclass_fields__"):
        return type(a) is type(b) and all(
            same(getattr(a, f.name), getattr(b, f.name))
            for f in fields(a)  # type: ignore[arg-type]
        )
    if isinstance(a, dict) and isinstance(b, dict):
        return list(a) == list(b) and all(same(a[key], b[key]) for key in a)
    return type(a) is type(b) and a == b


def test_what_was_seen_and_said_comes_back_to_the_last_bit(tmp_path: Path) -> None:
    write(tmp_path / "a.tape")
    entries = list(Tape(tmp_path / "a.tape").entries())
    assert entries[0] == HEAD
    assert len(entries) == 4
    for number, entry in enumerate(entries[1:]):
        assert isinstance(entry, Look)
        assert same(entry.seen, look(number).seen)
        assert same(entry.action.trajectory, look(number).action.trajectory)
        assert entry.limits == Limits()
        assert entry.seen.order == Order(OrderKind.WAIT, 99.0)


def test_a_torn_end_is_told_and_all_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.tape"
    write(path)
    whole = path.read_bytes()
    path.write_bytes(whole[:-5])
    tape = Tape(path)
    assert len(list(tape.entries())) == 3
    assert tape.torn


@given(place=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7))
def test_a_changed_byte_never_passes_for_what_was_written(place: float, bit: int) -> None:
    body = bytearray(pack(HEAD) + pack(Happening(time_s=1.0, kind="help", detail="?", weight=5.0)))
    at = int(place * len(body))
    body[at] ^= 1 << bit
    path = Path("/dev/shm") / "hansom-changed.tape"
    path.write_bytes(bytes(body))
    try:
        tape = Tape(path)
        entries = list(tape.entries())
    except BadTape:
        return
    finally:
        path.unlink()
    # A length that now points past the end looks like a torn end: less is read, never something else.
    assert tape.torn
    assert entries == [HEAD]


def test_a_tape_is_never_written_over(tmp_path: Path) -> None:
    write(tmp_path / "a.tape")
    before = (tmp_path / "a.tape").read_bytes()
    with pytest.raises(FileExistsError):
        TapeWriter(tmp_path / "a.tape", HEAD)
    assert (tmp_path / "a.tape").read_bytes() == before


def test_another_format_and_another_file_are_refused(tmp_path: Path) -> None:
    old = Head(format=FORMAT + 1, car_id=CAR, release="", platform="", map_digest="", began_ms=1)
    (tmp_path / "old.tape").write_bytes(pack(old))
    (tmp_path / "text.tape").write_bytes(b"this is no tape at all, only words")
    (tmp_path / "empty.tape").write_bytes(b"")
    with pytest.raises(BadTape, match=f"format {FORMAT + 1}"):
        Tape(tmp_path / "old.tape")
    for name in ("text", "empty"):
        with pytest.raises(BadTape):
            Tape(tmp_path / f"{name}.tape")
    assert len(tapes(tmp_path)) == 3


def test_arrays_of_unusual_types_are_refused() -> None:
    with pytest.raises(ValueError, match="complex128"):
        encode({"a": np.zeros(3, dtype=complex)})
