"""What a zone says beside its shape: a speed, hours, a note."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from geofence.base.errors import Refusal
from geofence.zones.domain.hours import WeeklyHours, parse_hours
from geofence.zones.domain.kinds import ZoneKind

MAX_SPEED_MPS: Final = 40.0
MAX_NAME: Final = 120
MAX_NOTE: Final = 1000
# Nothing that the database can't store (NUL, half a surrogate pair), that turns a line or the reading direction of what
# stands beside it, or that a terminal obeys.
_UNWANTED: Final = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


@dataclass(frozen=True)
class ZoneParams:
    """Checked parameters; `max_speed_mps` is set for slow zones and for them only."""

    max_speed_mps: float | None = None
    hours: WeeklyHours | None = None
    note: str = ""


def parse_params(kind: ZoneKind, params: object, *, field: str = "params") -> ZoneParams:
    """Return the checked parameters of a zone of `kind`; raises `Refusal` naming the member at fault."""
    if not isinstance(params, Mapping):
        raise Refusal("params_not_object", "Parameters are a JSON object.", field=field)
    known = {"hours", "note"} | ({"max_speed_mps"} if kind is ZoneKind.SLOW else set())
    if not all(isinstance(key, str) and key in known for key in params):
        raise Refusal("params_unknown", f"A {kind} zone knows the parameters {', '.join(sorted(known))}.", field=field)
    hours = parse_hours(params["hours"], field=f"{field}.hours") if params.get("hours") is not None else None
    speed = _speed(params.get("max_speed_mps"), f"{field}.max_speed_mps") if kind is ZoneKind.SLOW else None
    return ZoneParams(speed, hours, parse_note(params.get("note", ""), f"{field}.note"))


def parse_kind(value: object, *, field: str = "kind") -> ZoneKind:
    """Return the kind named `value`; raises `Refusal` for an unknown one."""
    if not isinstance(value, str) or value not in set(ZoneKind):
        raise Refusal("zone_kind_unknown", f"A kind is one of {', '.join(ZoneKind)}.", field=field)
    return ZoneKind(value)


def parse_text(value: object, longest: int, field: str, *, empty: bool = False) -> str:
    """Return `value` as one line without outer spaces; raises `Refusal` if too long, or empty where it may not be."""
    if not isinstance(value, str) or _UNWANTED.search(value.strip()):
        raise Refusal("text_invalid", "A line of text without control characters is expected.", field=field)
    text = value.strip()
    if len(text) > longest or not (text or empty):
        raise Refusal("text_length", f"{0 if empty else 1} to {longest} characters are expected.", field=field)
    return text


def parse_note(value: object, field: str) -> str:
    """Return `value` as a note, of several lines or empty; raises `Refusal` if too long."""
    parse_text(re.sub(r"[\r\n\t]", " ", value) if isinstance(value, str) else value, MAX_NOTE, field, empty=True)
    return str(value).strip()


def _speed(value: object, field: str) -> float:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if not number or not isinstance(value, int | float) or not 0 < value <= MAX_SPEED_MPS or not math.isfinite(value):
        raise Refusal("speed_invalid", f"A speed above 0 and up to {MAX_SPEED_MPS:g} m/s is expected.", field=field)
    return float(value)
