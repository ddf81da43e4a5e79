"""Hard cases: where on which tape it is worth looking, the hardest first."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from autonomy.record.entries import Happening, Look
from autonomy.record.tape import BadTape, Tape
from autonomy.world.action import Action
from autonomy.world.observation import Observation

TOGETHER_S = 8.0  # happenings nearer than this are one case
Judge = Callable[[Sequence[Observation]], list[Action]]


@dataclass(frozen=True, slots=True)
class Case:
    """from_s, to_s: world time on the tape; score: sum of the weights of what happened, and of how far the policy was
    from the judge (m at 2 s) where one was asked."""

    tape: Path
    car_id: str
    from_s: float
    to_s: float
    score: float
    reasons: tuple[str, ...]


@dataclass
class _Open:
    from_s: float
    to_s: float
    score: float = 0.0
    reasons: list[str] = field(default_factory=list)


def mine(paths: Iterable[Path], judge: Judge | None = None, *, apart_m: float = 2.0) -> tuple[list[Case], list[str]]:
    """Cases of all tapes by falling score, and what is wrong with tapes that can't be read. judge: another driver (the
    teacher, a newer release) that says what it would have done; a plan further away than apart_m 2 s on is a reason."""
    cases: list[Case] = []
    wrong: list[str] = []
    for path in paths:
        try:
            cases.extend(_of_tape(path, judge, apart_m))
        except (BadTape, OSError) as error:
            wrong.append(str(error))
    return sorted(cases, key=lambda case: (-case.score, str(case.tape), case.from_s)), wrong


def _of_tape(path: Path, judge: Judge | None, apart_m: float) -> list[Case]:
    tape = Tape(path)
    found: list[tuple[float, float, str]] = []
    for entry in tape.entries():
        if isinstance(entry, Happening):
            found.append((entry.time_s, entry.weight, f"{entry.kind}: {entry.detail}"))
        elif isinstance(entry, Look) and judge is not None:
            apart = _apart_m(entry.action, judge([entry.seen])[0])
            if apart > apart_m:
                found.append((entry.seen.time_s, 0.1 * apart, "the judge would drive otherwise"))
    found.sort(key=lambda one: one[0])
    groups: list[_Open] = []
    for time_s, weight, reason in found:
        if not groups or time_s - groups[-1].to_s > TOGETHER_S:
            groups.append(_Open(time_s, time_s))
        group = groups[-1]
        group.to_s, group.score = time_s, group.score + weight
        if reason not in group.reasons:
            group.reasons.append(reason)
    return [Case(path, tape.head.car_id, one.from_s, one.to_s, one.score, tuple(one.reasons)) for one in groups]


def _apart_m(a: Action, b: Action) -> float:
    return float(np.hypot(*(a.trajectory[9, :2] - b.trajectory[9, :2])))
