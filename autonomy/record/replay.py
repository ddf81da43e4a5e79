"""The same pictures to the same policy again: does it say the same, to the last bit?

A policy with a memory gives the same bits when the tape begins where its memory began (a drive recorded as a whole).
A stretch out of the middle warms the memory up first; from then on the answers agree to about a millimetre and not to
the last bit: the memory is a ring, and sums over it run in another order.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from autonomy.policy.base import Policy
from autonomy.record.codec import digest
from autonomy.record.entries import Look
from autonomy.record.tape import Tape

GAP_S = 0.35  # more time than this between two looks: a new stretch


@dataclass(frozen=True, slots=True)
class Comparison:
    """looks: compared; same: equal to the last bit; apart_m: largest distance of two waypoints; first_other_s: world
    time of the first look that differs; cold: looks that only warmed the memory up."""

    looks: int
    same: int
    apart_m: float
    first_other_s: float | None
    cold: int

    @property
    def exact(self) -> bool:
        return self.looks > 0 and self.same == self.looks


def stretches(tape: Tape) -> Iterator[list[Look]]:
    """Looks with pictures that follow each other without a gap."""
    run: list[Look] = []
    for entry in tape.entries():
        if not isinstance(entry, Look):
            continue
        if run and (entry.again or entry.seen.time_s - run[-1].seen.time_s > GAP_S or entry.frames is None):
            yield run
            run = []
        if entry.frames is not None:
            run.append(entry)
    if run:
        yield run


def replay(path: Path, policy: Policy, *, memory: int = 16) -> Comparison:
    """Drive the tape's pictures through a policy. memory: looks that a stretch without a known begin needs before its
    answers can be the same. Raises BadTape."""
    return compare(stretches(Tape(path)), policy, memory=memory)


def compare(runs: Iterable[list[Look]], policy: Policy, *, memory: int = 16) -> Comparison:
    """See `replay`."""
    looks = same = cold = 0
    apart, first = 0.0, None
    for run in runs:
        policy.reset([run[0].seen.car_id])
        warm = 0 if run[0].again else memory
        for number, look in enumerate(run):
            said = policy.act([look.seen])[0]
            if number < warm:
                cold += 1
                continue
            looks += 1
            if digest(said.trajectory) == digest(look.action.trajectory):
                same += 1
                continue
            first = look.seen.time_s if first is None else first
            gone = np.hypot(*(said.trajectory[:, :2] - look.action.trajectory[:, :2]).T)
            apart = max(apart, float(gone.max()))
    return Comparison(looks, same, apart, first, cold)
