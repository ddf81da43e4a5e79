"""Observations, actions and verdicts as bytes and back, to the last bit: msgpack with arrays as raw bytes."""

import hashlib
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

_KINDS = {"f8": np.float64, "f4": np.float32, "u1": np.uint8, "i8": np.int64}
_NAMES = {np.dtype(kind): name for name, kind in _KINDS.items()}


def _write(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        if value.dtype not in _NAMES:
            raise ValueError(f"array: {value.dtype} can't be recorded; only {', '.join(_KINDS)}")
        return [_NAMES[value.dtype], list(value.shape), np.ascontiguousarray(value).tobytes()]
    if isinstance(value, np.generic):
        return value.item()
    raise ValueError(f"{type(value).__name__}: can't be recorded")


def _read(kind: Any, value: Any) -> Any:
    """Raises ValueError for what is no array, and for one whose bytes do not fit its shape."""
    try:
        name, shape, raw = value
        array = np.frombuffer(raw, dtype=_KINDS[name]).reshape(shape)
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"array: {error}") from None
    return array.copy()  # its own memory, so that it may be written to


_ENCODER = msgspec.msgpack.Encoder(enc_hook=_write)


def encode(value: Any) -> bytes:
    """Of a struct or dataclass. Raises ValueError for an array of an unusual type."""
    return _ENCODER.encode(value)


def decoder(kind: type) -> "msgspec.msgpack.Decoder[Any]":
    """Decodes one type; raises msgspec.ValidationError (a ValueError) that names the field."""
    return msgspec.msgpack.Decoder(kind, dec_hook=_read)


def digest(array: NDArray[Any]) -> str:
    """sha256 over type, shape and bytes."""
    head = f"{array.dtype.str}{array.shape}".encode()
    return hashlib.sha256(head + np.ascontiguousarray(array).tobytes()).hexdigest()
