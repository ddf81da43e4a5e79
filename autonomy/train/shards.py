"""What was driven, on disk: pictures as raw bytes that are mapped and never read whole, everything else as arrays.

A shard is a directory: `frames.u8` (N pictures, raw), `<field>.npy` (N rows each), `variants.npz` (other instructions
at the same picture, with their own labels) and `shard.json` (shapes, source, seed), written last: a directory without
it is an unfinished shard, which readers pass over.
"""

import hashlib
import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Arrays = dict[str, NDArray[Any]]
PREVIOUS = "previous"
VARIANT_OF = "variant_of"


class ShardWriter:
    """Collects rows and writes them on `close`; pictures go to disk at once.

    Rows of one drive are linked by `previous` (row of the picture before in the same drive, -1 at its begin).
    """

    def __init__(self, path: Path, meta: Mapping[str, Any]) -> None:
        self.path = path
        if path.exists():
            shutil.rmtree(path)
        path.mkdir(parents=True)
        self._meta = dict(meta)
        self._frames = (path / "frames.u8").open("wb")
        self._shape: tuple[int, ...] | None = None
        self._rows: dict[str, list[NDArray[Any]]] = {}
        self._variants: dict[str, list[NDArray[Any]]] = {}
        self._last: dict[str, int] = {}
        self.count = 0
        self.variants = 0

    def add(self, drive: str, pixels: NDArray[np.uint8], row: Mapping[str, Any]) -> int:
        """One picture set u8[C, 3, H, W] with its arrays; returns its row number. Raises ValueError on another shape
        or other fields than those of the first row."""
        if self._shape is None:
            self._shape = pixels.shape
        if pixels.shape != self._shape or pixels.dtype != np.uint8:
            raise ValueError(f"pixels: {pixels.dtype}{pixels.shape}, must be uint8{self._shape}")
        _append(self._rows, {**row, PREVIOUS: np.int64(self._last.get(drive, -1))}, self.count)
        self._frames.write(np.ascontiguousarray(pixels).tobytes())
        self._last[drive] = self.count
        self.count += 1
        return self.count - 1

    def add_variant(self, of: int, row: Mapping[str, Any]) -> None:
        """Another instruction at the picture of row `of`, with the fields that differ from it."""
        if not 0 <= of < self.count:
            raise ValueError(f"of: {of} is not a row of this shard")
        _append(self._variants, {**row, VARIANT_OF: np.int64(of)}, self.variants)
        self.variants += 1

    def end_drive(self, drive: str) -> None:
        """The next picture of this name begins a new drive."""
        self._last.pop(drive, None)

    def close(self) -> None:
        """Write everything; only now the shard counts."""
        self._frames.close()
        arrays = {name: np.stack(values) for name, values in self._rows.items()}
        for name, values in arrays.items():
            np.save(self.path / f"{name}.npy", values)
        others = {name: np.stack(values) for name, values in self._variants.items()}
        np.savez(self.path / "variants.npz", **others)  # type: ignore[arg-type]  # the stubs know one array only
        meta = {
            **self._meta,
            "rows": self.count,
            "variants": self.variants,
            "frame_shape": list(self._shape or ()),
            "fields": sorted(arrays),
            "digest": digest_of({**arrays, **{f"variant.{name}": value for name, value in others.items()}}),
        }
        (self.path / "shard.json").write_text(json.dumps(meta, indent=1) + "\n")


def _append(rows: dict[str, list[NDArray[Any]]], row: Mapping[str, Any], count: int) -> None:
    if count and set(row) != set(rows):
        raise ValueError(f"row: fields {sorted(set(row) ^ set(rows))} are not in every row")
    for name, value in row.items():
        array = np.asarray(value)
        kept = rows.setdefault(name, [])
        if kept and kept[0].shape != array.shape:
            raise ValueError(f"{name}: shape {array.shape}, must be {kept[0].shape}")
        kept.append(array)


def digest_of(arrays: Mapping[str, NDArray[Any]]) -> str:
    """sha256 over names, types, shapes and bytes, in the order of names."""
    hasher = hashlib.sha256()
    for name in sorted(arrays):
        array = np.ascontiguousarray(arrays[name])
        hasher.update(f"{name}:{array.dtype}:{array.shape}".encode())
        hasher.update(array.tobytes())
    return hasher.hexdigest()


@dataclass(frozen=True, eq=False)
class Shard:
    """frames: u8[N, C, 3, H, W], mapped; rows: fields of N rows; variants: fields of V rows."""

    path: Path
    meta: Mapping[str, Any]
    frames: NDArray[np.uint8]
    rows: Arrays
    variants: Arrays

    @property
    def count(self) -> int:
        return len(self.frames)


def open_shard(path: Path) -> Shard:
    """Raises ValueError for a directory that is no finished shard or whose parts do not fit together."""
    try:
        meta = json.loads((path / "shard.json").read_text())
    except OSError as error:
        raise ValueError(f"shard: {path} is not finished") from error
    count, shape = int(meta["rows"]), tuple(int(n) for n in meta["frame_shape"])
    size = (path / "frames.u8").stat().st_size
    if size != count * int(np.prod(shape)):
        raise ValueError(f"frames: {path} has {size} bytes, {count} pictures of {shape} are said to be there")
    frames = np.memmap(path / "frames.u8", dtype=np.uint8, mode="r", shape=(count, *shape))
    rows = {name: np.load(path / f"{name}.npy", allow_pickle=False) for name in meta["fields"]}
    for name, values in rows.items():
        if len(values) != count:
            raise ValueError(f"{name}: {len(values)} rows, must be {count}")
    with np.load(path / "variants.npz", allow_pickle=False) as archive:
        variants = {name: archive[name] for name in archive.files}
    return Shard(path, meta, frames, rows, variants)


def finished(root: Path) -> list[Path]:
    """Directories of finished shards under `root`, by name."""
    return sorted(path.parent for path in root.glob("*/shard.json"))
