"""How long tapes are kept: by age and by the size of all of them. Held ones stay."""

import time
from dataclasses import dataclass
from pathlib import Path

from autonomy.record.tape import tapes

DAY_S = 86_400.0
HOLD = ".hold"  # a file beside a tape, `name.tape.hold`, with the reason in it


@dataclass(frozen=True, slots=True)
class Retention:
    """Raises ValueError for bounds that are not above 0."""

    days: float = 30.0
    gigabytes: float = 20.0

    def __post_init__(self) -> None:
        for name in ("days", "gigabytes"):
            if not getattr(self, name) > 0:
                raise ValueError(f"{name}: {getattr(self, name)} must be above 0")


def hold(tape: Path, reason: str) -> None:
    """Keep a tape whatever its age (legal hold). Raises ValueError without a reason."""
    if not reason.strip():
        raise ValueError("reason: must say why")
    tape.with_name(tape.name + HOLD).write_text(reason.strip() + "\n")


def is_held(tape: Path) -> bool:
    return tape.with_name(tape.name + HOLD).exists()


def sweep(folder: Path, retention: Retention, now_s: float | None = None) -> list[Path]:
    """Delete tapes that are too old, then the oldest until all fit; held ones stay. Returns the deleted."""
    now_s = time.time() if now_s is None else now_s
    kept = [(path.stat().st_mtime, path.stat().st_size, path) for path in tapes(folder)]
    kept.sort()
    total, gone = sum(size for _, size, _ in kept), []
    for changed_s, size, path in kept:
        old = now_s - changed_s > retention.days * DAY_S
        if (old or total > retention.gigabytes * 1e9) and not is_held(path):
            path.unlink()
            total -= size
            gone.append(path)
    return gone
