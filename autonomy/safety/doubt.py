"""When the policy doubts itself, or sees what it never saw in training: slower, then a question, then a stop.

`Action.uncertainty` and `Action.ood` are compared with limits that a release brings along (conformal calibration on
held-out drives, Angelopoulos and Bates 2021; `ood` is scaled so that 1 is its limit). Values are low-passed, and a
level once reached is left only well below its limit, so that the car does not waver.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import IntEnum
from math import exp, isfinite


class Doubt(IntEnum):
    NONE = 0
    SLOW = 1
    ASK = 2
    STOP = 3


@dataclass(frozen=True, slots=True)
class DoubtBounds:
    """Limits of a release. ask_s, stop_s: how long doubt may last until a person is asked, and until the car stops."""

    uncertainty_limit: float = 0.7
    uncertainty_stop: float = 1.01
    ood_limit: float = 1.0
    ood_stop: float = 1.6
    ask_s: float = 3.0
    stop_s: float = 8.0
    smooth_s: float = 0.6
    leave_part: float = 0.75

    @classmethod
    def from_calibration(cls, calibration: Mapping[str, object]) -> "DoubtBounds":
        """Limits out of a release's manifest; what it does not name stays as it is here.

        Raises ValueError that names a limit which is no number above 0, or a stop below its limit.
        """
        known = {}
        for name in ("uncertainty_limit", "uncertainty_stop", "ood_limit", "ood_stop"):
            value = calibration.get(name)
            if value is None:
                continue
            if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value) or value <= 0:
                raise ValueError(f"calibration.{name}: {value!r} is not a number above 0")
            known[name] = float(value)
        bounds = cls(**known)
        if bounds.ood_stop < bounds.ood_limit or bounds.uncertainty_stop < bounds.uncertainty_limit:
            raise ValueError("calibration: a stop lies below its limit")
        return bounds


@dataclass(frozen=True, slots=True)
class Doubts:
    """What is remembered of a car: smoothed values, since when they are above a limit, and the level."""

    uncertainty: float = 0.0
    ood: float = 0.0
    at_s: float | None = None
    since_s: float | None = None
    level: Doubt = Doubt.NONE
    reason: str = ""


def weigh(doubts: Doubts, uncertainty: float, ood: float, now_s: float, bounds: DoubtBounds) -> Doubts:
    """The doubts after an answer. What is not a number is the greatest doubt."""
    uncertainty = uncertainty if isfinite(uncertainty) else 10.0
    ood = ood if isfinite(ood) else 10.0
    if doubts.at_s is None or now_s < doubts.at_s:
        keep = 0.0 if doubts.at_s is None else 1.0
    else:
        keep = exp(-(now_s - doubts.at_s) / bounds.smooth_s)
    u = doubts.uncertainty * keep + min(uncertainty, 10.0) * (1 - keep)
    o = doubts.ood * keep + min(ood, 10.0) * (1 - keep)
    part = bounds.leave_part if doubts.level else 1.0
    reason = "ood" if o >= bounds.ood_limit * part else "uncertain" if u >= bounds.uncertainty_limit * part else ""
    if not reason:
        return Doubts(u, o, now_s)
    since = now_s if doubts.since_s is None else doubts.since_s
    lasts = now_s - since
    level = Doubt.STOP if lasts >= bounds.stop_s else Doubt.ASK if lasts >= bounds.ask_s else Doubt.SLOW
    if u >= bounds.uncertainty_stop or o >= bounds.ood_stop:
        level = Doubt.STOP
    return replace(Doubts(u, o, now_s, since), level=max(level, doubts.level), reason=reason)


QUESTIONS = {
    "ood": "I see nothing like what I was trained for. May I go on?",
    "uncertain": "I am not sure how to go on. What shall I do?",
}
