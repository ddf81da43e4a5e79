"""A tape: one file for one drive of one car, appended to and never changed.

Each entry: length (4 bytes, little endian), CRC-32 of the body (4 bytes), body (zlib-packed msgpack). A process that
dies in the middle of an entry leaves a torn end, which is told and passed over; a changed byte is found.
"""

import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from autonomy.record.codec import decoder, encode
from autonomy.record.entries import FORMAT, Entry, Head

SUFFIX = ".tape"
MAX_ENTRY_BYTES = 16_000_000
_FRAME = struct.Struct("<II")
_PACKING = 1  # pictures of the world pack to a third; more effort gains little
_DECODER = decoder(Entry)  # type: ignore[arg-type]  # a union is a type to msgspec


class BadTape(ValueError):
    """The file is no tape, or was changed."""


class TapeWriter:
    """Appends entries; each is whole on disk or not there."""

    def __init__(self, path: Path, head: Head) -> None:
        """Raises FileExistsError: a tape is never written over."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self._file: BinaryIO = path.open("xb")
        self.bytes = 0
        self.write(head)

    def write(self, entry: Entry) -> None:
        """Raises ValueError for an entry that is too large."""
        self.write_packed(pack(entry))

    def write_packed(self, packed: bytes) -> None:
        self._file.write(packed)
        self._file.flush()
        self.bytes += len(packed)

    def close(self) -> None:
        self._file.close()


def pack(entry: Entry) -> bytes:
    """An entry as it stands on a tape."""
    body = zlib.compress(encode(entry), _PACKING)
    if len(body) > MAX_ENTRY_BYTES:
        raise ValueError(f"entry: {len(body)} bytes, at most {MAX_ENTRY_BYTES}")
    return _FRAME.pack(len(body), zlib.crc32(body)) + body


class Tape:
    """Reads a tape. `torn`: after reading, whether the end was cut off."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.torn = False
        self.head = self._first()

    def _first(self) -> Head:
        first = next(self.entries(), None)
        if not isinstance(first, Head):
            raise BadTape(f"{self.path}: does not begin with a head")
        if first.format != FORMAT:
            raise BadTape(f"{self.path}: format {first.format}, this program reads {FORMAT}")
        return first

    def entries(self) -> Iterator[Entry]:
        """From the head on. Raises BadTape for a changed entry."""
        self.torn = False
        with self.path.open("rb") as file:
            while frame := file.read(_FRAME.size):
                if len(frame) < _FRAME.size:
                    self.torn = True
                    return
                size, check = _FRAME.unpack(frame)
                if size > MAX_ENTRY_BYTES:
                    raise BadTape(f"{self.path}: an entry of {size} bytes at byte {file.tell() - _FRAME.size}")
                body = file.read(size)
                if len(body) < size:
                    self.torn = True
                    return
                yield self._entry(body, check, file.tell() - size)

    def _entry(self, body: bytes, check: int, at: int) -> Entry:
        if zlib.crc32(body) != check:
            raise BadTape(f"{self.path}: the entry at byte {at} was changed")
        unpacker = zlib.decompressobj()
        try:
            raw = unpacker.decompress(body, MAX_ENTRY_BYTES)  # bounded: a small body may claim to be a large one
            entry: Entry = _DECODER.decode(raw)
        except (zlib.error, ValueError) as error:
            raise BadTape(f"{self.path}: the entry at byte {at} can't be read: {error}") from None
        return entry


def tapes(folder: Path) -> list[Path]:
    """All tapes under a folder, oldest first by name."""
    return sorted(folder.rglob(f"*{SUFFIX}"))
