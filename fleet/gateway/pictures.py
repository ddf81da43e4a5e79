"""What a picture from a car may be before a browser gets to decode it."""

from typing import Final

MAX_SIDE_PX: Final = 1024
_STANDALONE: Final = {0x01, *range(0xD0, 0xD8)}  # markers without a length
_FRAMES: Final = {0xC0, 0xC1, 0xC2}  # baseline, extended and progressive Huffman


class BadPicture(ValueError):
    """Not a JPEG that is shown."""


def jpeg_size(data: bytes) -> tuple[int, int]:
    """(width, height) of a JPEG by its frame header; nothing is decoded (ITU-T T.81, annex B).

    Raises `BadPicture` for what is no JPEG, is cut off, or is larger than MAX_SIDE_PX: a few bytes can ask a decoder
    for gigabytes.
    """
    if data[:2] != b"\xff\xd8" or data[-2:] != b"\xff\xd9":
        raise BadPicture("not a whole JPEG")
    at = 2
    while at + 4 <= len(data):
        if data[at] != 0xFF:
            raise BadPicture("no marker where one is due")
        marker = data[at + 1]
        if marker == 0xFF or marker in _STANDALONE:
            at += 1 if marker == 0xFF else 2
            continue
        length = int.from_bytes(data[at + 2 : at + 4], "big")
        if marker in _FRAMES:
            return _checked(data[at + 4 : at + 2 + length])
        if marker == 0xDA or length < 2:
            break
        at += 2 + length
    raise BadPicture("no frame header before the picture")


def _checked(header: bytes) -> tuple[int, int]:
    if len(header) < 6:
        raise BadPicture("frame header cut off")
    height, width = int.from_bytes(header[1:3], "big"), int.from_bytes(header[3:5], "big")
    if not (0 < width <= MAX_SIDE_PX and 0 < height <= MAX_SIDE_PX):
        raise BadPicture(f"{width} x {height} pixels, at most {MAX_SIDE_PX} each way")
    return width, height
