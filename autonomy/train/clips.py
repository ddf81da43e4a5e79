"""Clips to learn from: stretches of one drive, drawn so that what matters is seen often enough.

A drive is mostly cruising and waiting; clips are drawn by the weight of their rows (see `row_weights`) and by the
share of their source in every batch. At each step of a clip the recorded instruction may be exchanged for another one
with its own labels (a variant): the same picture, other words, another action.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autonomy.train.shards import PREVIOUS, VARIANT_OF, Arrays, Shard

CAUSE = "cause"
PIXELS = "pixels"


@dataclass(frozen=True, slots=True)
class Shares:
    """How a batch is made up, by the `source` of the shards; sources that are missing leave their share to the rest.
    `variant`: the part of steps that have a variant and take it."""

    plain: float = 0.6
    scenario: float = 0.2
    order: float = 0.15
    limit: float = 0.05
    variant: float = 0.6


class Clips:
    """Draws batches from shards; the same generator draws the same batches."""

    def __init__(self, shards: Sequence[Shard], *, length: int, shares: Shares | None = None) -> None:
        if not shards:
            raise ValueError("shards: none to learn from")
        if length < 1:
            raise ValueError(f"length: {length} must be 1 or more")
        self.shards, self.length = list(shards), length
        self.shares = shares or Shares()
        self._history = [_history(shard.rows[PREVIOUS], length) for shard in self.shards]
        self._variants = [_variants_of(shard) for shard in self.shards]
        counts = _cause_counts(self.shards)
        self._groups: dict[str, tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]] = {}
        for source in sorted({str(shard.meta["source"]) for shard in self.shards}):
            self._groups[source] = self._group(source, counts)

    @property
    def rows(self) -> int:
        return sum(shard.count for shard in self.shards)

    def _group(
        self, source: str, counts: NDArray[np.float64]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
        which, row, weight = [], [], []
        for number, shard in enumerate(self.shards):
            if shard.meta["source"] != source:
                continue
            chain = self._history[number]
            ends = np.flatnonzero(chain[:, 0] >= 0)
            which.append(np.full(len(ends), number))
            row.append(ends)
            weight.append(row_weights(shard.rows, counts)[chain[ends]].mean(axis=1))
        weights = np.concatenate(weight)
        if not len(weights):
            raise ValueError(f"shards: no {source} drive is as long as a clip of {self.length}")
        return np.concatenate(which), np.concatenate(row), np.cumsum(weights / weights.sum())

    def draw(self, random: np.random.Generator, batch: int) -> Arrays:
        """Arrays [B, T, ...] of every field and `pixels` u8[B, T, C, 3, H, W]; each clip lies within one drive."""
        picks = self._picks(random, batch)
        out: dict[str, list[NDArray[Any]]] = {}
        for number, end in picks:
            shard = self.shards[number]
            rows = self._history[number][end]
            fields = {name: values[rows] for name, values in shard.rows.items() if name != PREVIOUS}
            self._exchange(random, number, rows, fields)
            fields[PIXELS] = shard.frames[rows]
            for name, values in fields.items():
                out.setdefault(name, []).append(values)
        return {name: np.stack(values) for name, values in out.items()}

    def _picks(self, random: np.random.Generator, batch: int) -> list[tuple[int, int]]:
        """(shard, last row) of each clip: sources by their shares, rows by their weights."""
        names = list(self._groups)
        share = np.array([float(getattr(self.shares, name, 0.1)) for name in names])
        edges = np.cumsum(share / share.sum())
        picks = []
        for at, within in random.random((batch, 2)):
            which, row, total = self._groups[names[min(int(np.searchsorted(edges, at)), len(names) - 1)]]
            k = min(int(np.searchsorted(total, within)), len(row) - 1)
            picks.append((int(which[k]), int(row[k])))
        return picks

    def _exchange(self, random: np.random.Generator, number: int, rows: NDArray[np.int64], fields: Arrays) -> None:
        first, count = self._variants[number]
        draws = random.random((len(rows), 2))
        for step, row in enumerate(rows.tolist()):
            if count[row] == 0 or draws[step, 0] >= self.shares.variant:
                continue
            chosen = int(first[row] + int(draws[step, 1] * count[row]))
            for name, values in self.shards[number].variants.items():
                if name != VARIANT_OF:
                    fields[name][step] = values[chosen]


def _history(previous: NDArray[np.int64], length: int) -> NDArray[np.int64]:
    """i8[N, length]: the rows of the clip that ends at each row, -1 before the drive began."""
    chain = np.full((len(previous), length), -1, dtype=np.int64)
    chain[:, -1] = np.arange(len(previous))
    for step in range(length - 2, -1, -1):
        after = chain[:, step + 1]
        chain[:, step] = np.where(after >= 0, previous[np.maximum(after, 0)], -1)
    return chain


def _variants_of(shard: Shard) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """First variant and number of variants of each row; variants are written in the order of their rows."""
    of = shard.variants.get(VARIANT_OF, np.zeros(0, dtype=np.int64))
    if len(of) and (np.diff(of) < 0).any():
        raise ValueError(f"variants: {shard.path} has them out of order")
    rows = np.arange(shard.count)
    first = np.searchsorted(of, rows)
    return first, np.searchsorted(of, rows, side="right") - first


def _cause_counts(shards: Sequence[Shard]) -> NDArray[np.float64]:
    causes = np.concatenate([shard.rows[CAUSE] for shard in shards])
    return np.bincount(causes, minlength=int(causes.max()) + 1).astype(float)


def row_weights(rows: Mapping[str, NDArray[Any]], counts: NDArray[np.float64]) -> NDArray[np.float64]:
    """f8[N]: rarer causes weigh more (with the root of their rarity), so do rows at which the cause has just changed.

    The root is the usual compromise between the drive as it is and all causes alike (Mahajan et al. 2018, 2.2).
    """
    cause, previous = rows[CAUSE], rows[PREVIOUS]
    weight = 1.0 / np.sqrt(np.maximum(counts[cause], 1.0))
    before = np.where(previous >= 0, cause[np.maximum(previous, 0)], cause)
    changed: NDArray[np.bool_] = before != cause
    return np.asarray(weight * np.where(changed, 3.0, 1.0), dtype=np.float64)
