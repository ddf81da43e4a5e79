"""Is the policy alive? It must answer new pictures with new trajectories, and not steer to and fro."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

SAME_M = 1e-6
REPEATS = 3
SIDE_M = 0.35
REVERSALS = 4
WINDOW_S = 4.0


@dataclass(frozen=True, slots=True)
class Pulse:
    """What is remembered of a policy: the answer before, how often it was the same while the car moved, the side that
    it last steered to, and when it changed sides."""

    answers_s: float = float("-inf")
    rows: Sequence[Sequence[float]] = ()
    same: int = 0
    side: int = 0
    changes_s: tuple[float, ...] = ()

    @property
    def fault(self) -> str | None:
        if self.same >= REPEATS:
            return "frozen"
        return "swerving" if len(self.changes_s) >= REVERSALS else None


def feel(
    pulse: Pulse, rows: Sequence[Sequence[float]], answers_s: float, *, moves: bool, drift_m: float, now_s: float
) -> Pulse:
    """`drift_m`: how far left the trajectory leads within its first second, against where the car is in its lane.

    An answer that is handed over again (not a newer `answers_s`) says nothing of the policy: it is asked less often
    than the monitor.
    """
    changes = tuple(at for at in pulse.changes_s if now_s - at <= WINDOW_S)
    if answers_s <= pulse.answers_s:
        return pulse if len(changes) == len(pulse.changes_s) else replace(pulse, changes_s=changes)
    same = 0
    if moves and _equal(rows, pulse.rows):
        same = pulse.same + 1
    side = pulse.side if abs(drift_m) < SIDE_M else 1 if drift_m > 0 else -1
    if pulse.side and side != pulse.side:
        changes = (*changes, now_s)
    return Pulse(answers_s, rows, same, side, changes)


def _equal(rows: Sequence[Sequence[float]], before: Sequence[Sequence[float]]) -> bool:
    return len(rows) == len(before) and all(
        abs(a - b) < SAME_M for row, old in zip(rows, before, strict=True) for a, b in zip(row, old, strict=True)
    )
