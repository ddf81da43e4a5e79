"""What a picture of a car may be before a browser decodes it."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from fleet.gateway.pictures import MAX_SIDE_PX, BadPicture, jpeg_size


def jpeg(width: int = 128, height: int = 64, **options: object) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (width, height), (80, 90, 100)).save(out, "JPEG", **options)
    return out.getvalue()


def with_size(data: bytes, width: int, height: int) -> bytes:
    """The same JPEG, whose header claims another size."""
    at = data.index(b"\xff\xc0")
    return data[: at + 5] + height.to_bytes(2, "big") + width.to_bytes(2, "big") + data[at + 9 :]


@pytest.mark.parametrize("options", [{}, {"progressive": True}, {"quality": 10}, {"comment": b"hello"}])
def test_the_size_is_read_from_the_header(options: dict[str, object]) -> None:
    assert jpeg_size(jpeg(128, 64, **options)) == (128, 64)


def test_few_bytes_that_ask_for_gigabytes_are_refused() -> None:
    with pytest.raises(BadPicture, match="65000 x 65000"):
        jpeg_size(with_size(jpeg(), 65_000, 65_000))
    assert jpeg_size(with_size(jpeg(), MAX_SIDE_PX, 1)) == (MAX_SIDE_PX, 1)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff\xd8\xff\xd9",
        b"<svg onload=alert(1)>",
        b"\x89PNG\r\n\x1a\n" + b"\0" * 40,
        b"GIF89a" + b"\0" * 40,
        jpeg()[:-2],
        jpeg() + b"<script>",
        with_size(jpeg(), 0, 64),
        b"\xff\xd8" + b"\xff" * 5000 + b"\xff\xd9",
        b"\xff\xd8\xff\xe0\x00\x00\xff\xd9",
        b"\xff\xd8\xff\xc0\x00\x04\x08\x00\xff\xd9",
        b"\xff\xd8\xff\xda\x00\x04\x08\x00\xff\xd9",
    ],
)
def test_what_is_no_whole_jpeg_is_refused(data: bytes) -> None:
    with pytest.raises(BadPicture):
        jpeg_size(data)


@given(st.binary(max_size=400))
def test_no_bytes_break_the_reader(middle: bytes) -> None:
    try:
        width, height = jpeg_size(b"\xff\xd8" + middle + b"\xff\xd9")
    except BadPicture:
        return
    assert 0 < width <= MAX_SIDE_PX
    assert 0 < height <= MAX_SIDE_PX
