"""The operational design domain (SAE J3016) on the car: where, when and under which conditions it may drive itself.

Where and when comes from the platform as a file with one bit for each edge of the car's map, in slices of time; the
conditions come from the car's own sensors. What is not known is never inside.
"""

import base64
import binascii
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from enum import StrEnum
from math import isfinite, isnan, sqrt
from typing import Any

FORMAT = 1
NEAR_EDGE_M = 120.0
SEEN_PART = 0.6  # of what can be seen the car must be able to stop within


class OddStatus(StrEnum):
    INSIDE = "inside"
    NEAR_EDGE = "near_edge"
    UNKNOWN = "unknown"
    OUTSIDE = "outside"


_WORSE = (OddStatus.INSIDE, OddStatus.NEAR_EDGE, OddStatus.UNKNOWN, OddStatus.OUTSIDE)


def worse(a: OddStatus, b: OddStatus) -> OddStatus:
    return max(a, b, key=_WORSE.index)


@dataclass(frozen=True, slots=True)
class Conditions:
    """Limits: below visibility_m and above rain the car must not drive itself, and not with the sun below dark_rad
    where no street light is on. near_*: where it begins to drive more slowly."""

    visibility_m: float = 60.0
    near_visibility_m: float = 150.0
    rain: float = 0.85
    near_rain: float = 0.7
    dark_rad: float = -0.105

    def judge(
        self, *, visibility_m: float, rain: float, sun_elevation_rad: float, street_lights: bool
    ) -> tuple[OddStatus, str]:
        """The status, and the condition that asks for it ("" inside)."""
        if not (isfinite(rain) and isfinite(sun_elevation_rad)) or isnan(visibility_m):
            return OddStatus.UNKNOWN, "conditions_unknown"
        if visibility_m < self.visibility_m:
            return OddStatus.OUTSIDE, "low_visibility"
        if rain > self.rain:
            return OddStatus.OUTSIDE, "heavy_rain"
        if sun_elevation_rad < self.dark_rad and not street_lights:
            return OddStatus.OUTSIDE, "dark"
        if visibility_m < self.near_visibility_m:
            return OddStatus.NEAR_EDGE, "low_visibility"
        return (OddStatus.NEAR_EDGE, "heavy_rain") if rain > self.near_rain else (OddStatus.INSIDE, "")


def sight_speed_mps(visibility_m: float, brake_mps2: float = 3.0) -> float:
    """The speed from which the car stops within a part of what it sees."""
    return sqrt(2 * brake_mps2 * max(visibility_m, 0.0) * SEEN_PART)


@dataclass(frozen=True, slots=True)
class OddSight:
    """Where the car is in the domain, and how many metres of its way are still in it."""

    status: OddStatus = OddStatus.UNKNOWN
    left_m: float = float("inf")


@dataclass(frozen=True, slots=True)
class Slice:
    """A stretch of time [from_s, to_s) in unix seconds: a bit for each edge that lies wholly inside, and of edges that
    are cut the parts inside, in metres along the edge."""

    from_s: float
    to_s: float
    mask: bytes
    cut: Mapping[int, Sequence[tuple[float, float]]]

    def left_on(self, edge: int, offset_m: float) -> float | None:
        """How far the domain goes on from a place on the edge: infinite to its end, None when the place is outside."""
        if self.mask[edge >> 3] >> (7 - (edge & 7)) & 1:
            return float("inf")
        for begin, end in self.cut.get(edge, ()):
            if begin <= offset_m <= end:
                return end - offset_m
        return None


@dataclass(frozen=True)
class OddMap:
    """A version of the domain for the map `map_digest` of `edges` edges."""

    version: int
    digest: str
    map_digest: str
    edges: int
    slices: tuple[Slice, ...]
    conditions: Conditions

    def sight(
        self, edge: int, offset_m: float, onward: Sequence[int], length_m: Callable[[int], float], unix_s: float
    ) -> OddSight:
        """`onward`: the edges after this one on the car's way, as far as known."""
        now = next((part for part in self.slices if part.from_s <= unix_s < part.to_s), None)
        if now is None or not 0 <= edge < self.edges:
            return OddSight()
        left = now.left_on(edge, offset_m)
        if left is None:
            return OddSight(OddStatus.OUTSIDE, 0.0)
        ahead = left
        if left == float("inf"):
            ahead, begin = max(length_m(edge) - offset_m, 0.0), 0.0
            for after in onward:
                if ahead > 2 * NEAR_EDGE_M:
                    break
                if not 0 <= after < self.edges:
                    return OddSight()
                part = now.left_on(after, begin)
                if part is None or part < length_m(after):
                    ahead += part or 0.0
                    break
                ahead += length_m(after)
            else:
                return OddSight(OddStatus.INSIDE)
        near = ahead <= NEAR_EDGE_M
        return OddSight(OddStatus.NEAR_EDGE, ahead) if near else OddSight(OddStatus.INSIDE)


def read_odd(text: str | bytes) -> OddMap:
    """The domain in a file's text. Raises ValueError that names the field and what is wrong with it."""
    try:
        data = json.loads(text)
    except ValueError as error:
        raise ValueError(f"odd: not JSON: {error}") from error
    if not isinstance(data, dict) or data.get("format") != FORMAT:
        raise ValueError(f"odd.format: must be {FORMAT}")
    edges = _whole(data, "edges")
    masks = [_mask(number, text, edges) for number, text in enumerate(_list(data, "masks"))]
    slices = tuple(_slice(number, part, masks, edges) for number, part in enumerate(_list(data, "slices")))
    names = ("digest", "map_digest")
    for name in names:
        if not isinstance(data.get(name), str):
            raise ValueError(f"odd.{name}: must be a text")
    return OddMap(
        _whole(data, "version"), data["digest"], data["map_digest"], edges, slices, _conditions(data.get("conditions"))
    )


def _conditions(data: Any) -> Conditions:
    if data is None:
        return Conditions()
    if not isinstance(data, dict):
        raise ValueError("odd.conditions: must be an object")
    known = {field.name for field in fields(Conditions)}
    for name, value in data.items():
        if name not in known:
            raise ValueError(f"odd.conditions.{name}: unknown")
        if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value):
            raise ValueError(f"odd.conditions.{name}: {value!r} is not a number")
    return Conditions(**{name: float(value) for name, value in data.items()})


def _mask(number: int, text: Any, edges: int) -> tuple[bytes, dict[int, list[tuple[float, float]]]]:
    where = f"odd.masks[{number}]"
    if not isinstance(text, dict) or not isinstance(text.get("whole"), str) or not isinstance(text.get("cut"), dict):
        raise ValueError(f"{where}: must have whole and cut")
    try:
        bits = base64.b64decode(text["whole"], validate=True)
    except binascii.Error as error:
        raise ValueError(f"{where}.whole: not base64") from error
    if len(bits) != (edges + 7) // 8:
        raise ValueError(f"{where}.whole: {len(bits)} bytes do not fit {edges} edges")
    try:
        cut = {int(edge): [(float(a), float(b)) for a, b in parts] for edge, parts in text["cut"].items()}
    except (TypeError, ValueError) as error:
        raise ValueError(f"{where}.cut: {error}") from error
    return bits, cut


def _slice(number: int, part: Any, masks: Sequence[tuple[bytes, Any]], edges: int) -> Slice:
    try:
        begin, end, mask = float(part["from"]), float(part["to"]), int(part["mask"])
    except (TypeError, KeyError, ValueError) as error:
        raise ValueError(f"odd.slices[{number}]: must have from, to and mask") from error
    if not (isfinite(begin) and begin < end) or not 0 <= mask < len(masks):
        raise ValueError(f"odd.slices[{number}]: from {begin}, to {end}, mask {mask} make no slice")
    return Slice(begin, end, *masks[mask])


def _list(data: Mapping[str, Any], name: str) -> list[Any]:
    value = data.get(name)
    if not isinstance(value, list):
        raise ValueError(f"odd.{name}: must be a list")
    return value


def _whole(data: Mapping[str, Any], name: str) -> int:
    value = data.get(name)
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise ValueError(f"odd.{name}: {value!r} is not a whole number")
    return value
