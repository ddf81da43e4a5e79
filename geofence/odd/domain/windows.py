"""The parts of the world that a domain is about: one for each city, so that no grid spans the sea between them."""

from __future__ import annotations

from typing import Final

Box = tuple[float, float, float, float]  # west, south, east, north in degrees

MAX_WINDOWS: Final = 8
# Two boxes are better taken together while the box around both is no larger than this many times their sum.
LOOSENESS: Final = 4.0


def windows(boxes: list[Box]) -> tuple[Box, ...]:
    """Return few boxes that together hold all `boxes`: near ones are joined, far ones stay apart."""
    found = list(boxes)
    limit = LOOSENESS
    while (pair := _closest(found)) is not None:
        looseness, i, j = pair
        if looseness > limit:
            if len(found) <= MAX_WINDOWS:
                break
            limit = looseness
        found[i] = _around(found[i], found[j])
        del found[j]
    return tuple(found)


def _closest(boxes: list[Box]) -> tuple[float, int, int] | None:
    pairs = [(_looseness(boxes[i], boxes[j]), i, j) for i in range(len(boxes)) for j in range(i + 1, len(boxes))]
    return min(pairs, default=None)


def _looseness(a: Box, b: Box) -> float:
    total = _size(a) + _size(b)
    return _size(_around(a, b)) / total if total > 0 else float("inf")


def _around(a: Box, b: Box) -> Box:
    return min(a[0], b[0]), min(a[1], b[1]), max(a[2], b[2]), max(a[3], b[3])


def _size(box: Box) -> float:
    return (box[2] - box[0]) * (box[3] - box[1])
