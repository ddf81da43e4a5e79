"""Frames to JSON text and back. Whatever comes from the other side either becomes a typed frame or is a `BadFrame`."""

import math
from typing import Any, Final, TypeVar

import msgspec

from autonomy.link.messages import MAX_FRAME_BYTES, DownFrame, Frame, SignedCommand, UpFrame

T = TypeVar("T")

_encoder: Final = msgspec.json.Encoder()
_up: Final[msgspec.json.Decoder[UpFrame]] = msgspec.json.Decoder(UpFrame)
_down: Final[msgspec.json.Decoder[DownFrame]] = msgspec.json.Decoder(DownFrame)
_signed: Final[msgspec.json.Decoder[SignedCommand]] = msgspec.json.Decoder(SignedCommand)


class BadFrame(ValueError):
    """A message that can't be read or may not be sent.

    `code` is one of `frame_too_large`, `binary_frame` (not UTF-8 text), `bad_json` (cut off, NaN, not JSON),
    `bad_frame` (JSON, but an unknown type, a missing field, a wrong type, out of range) and `not_finite`.
    """

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail[:200]


def encode(frame: Frame) -> str:
    """JSON text of `frame`; raises `BadFrame` (`not_finite`, `frame_too_large`) for what would be refused there."""
    data = _encoder.encode(frame)
    if b"null" in data and not all_finite(msgspec.structs.asdict(frame)):
        raise BadFrame("not_finite", f"{type(frame).__name__} holds a number that is not finite")
    if len(data) > MAX_FRAME_BYTES:
        raise BadFrame("frame_too_large", f"{len(data)} bytes, at most {MAX_FRAME_BYTES}")
    return data.decode()


def encode_signed(command: SignedCommand) -> str:
    """The text of a command that gets signed; raises `BadFrame` (`not_finite`)."""
    data = _encoder.encode(command)
    if b"null" in data and not all_finite(command):
        raise BadFrame("not_finite", "the command holds a number that is not finite")
    return data.decode()


def decode_up(data: str | bytes) -> UpFrame:
    """A frame from a car; raises `BadFrame`."""
    return _decode(_up, data)


def decode_down(data: str | bytes) -> DownFrame:
    """A frame from the platform; raises `BadFrame`."""
    return _decode(_down, data)


def decode_signed(text: str) -> SignedCommand:
    """The command inside `Command.signed`; raises `BadFrame`."""
    return _decode(_signed, text)


def _decode(decoder: msgspec.json.Decoder[T], data: str | bytes) -> T:
    if isinstance(data, bytes | bytearray | memoryview):
        raise BadFrame("binary_frame", "frames are JSON text, not binary")
    # A character is at least one byte: refuse the huge before it is copied, then the exact size.
    if len(data) > MAX_FRAME_BYTES:
        raise BadFrame("frame_too_large", f"at least {len(data)} bytes, at most {MAX_FRAME_BYTES}")
    try:
        raw = data.encode()
    except UnicodeEncodeError as error:
        raise BadFrame("binary_frame", "text that is not UTF-8") from error
    if len(raw) > MAX_FRAME_BYTES:
        raise BadFrame("frame_too_large", f"{len(raw)} bytes, at most {MAX_FRAME_BYTES}")
    try:
        return decoder.decode(raw)
    except msgspec.ValidationError as error:
        raise BadFrame("bad_frame", str(error)) from error
    except msgspec.DecodeError as error:
        raise BadFrame("bad_json", str(error)) from error
    except RecursionError as error:
        raise BadFrame("bad_json", "nested too deep") from error
    except UnicodeDecodeError as error:
        raise BadFrame("bad_json", "an escape that is not a character") from error


def all_finite(value: Any) -> bool:
    """Whether no number in `value`, however deep, is infinite or NaN: JSON has none of these, msgspec writes null."""
    if isinstance(value, float):
        return math.isfinite(value)
    if isinstance(value, msgspec.Struct):
        return all_finite(msgspec.structs.asdict(value))
    if isinstance(value, dict):
        return all(all_finite(item) for item in value.values())
    if isinstance(value, list | tuple):
        return all(all_finite(item) for item in value)
    return True
