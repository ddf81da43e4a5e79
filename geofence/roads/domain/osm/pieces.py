"""Cutting ways into pieces between junctions."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from geofence.roads.domain.graph import F8
from geofence.roads.domain.osm.extract import Extract, Way
from geofence.roads.domain.projection import LocalProjection

# A signal this near a junction, measured along the road, is the junction's stop line and not a crossing of its own.
STOP_LINE_M = 40.0

Key = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Piece:
    """A way's stretch between two graph nodes: node ids `refs`, points `xy` [k, 2] in metres, running length `along_m`.

    `start` and `end` are (node id, copy): a barrier that cars can't pass has a copy of its node for each side.
    """

    way: Way
    refs: tuple[int, ...]
    start: Key
    end: Key
    xy: F8
    along_m: F8


class Cutter:
    """Cuts every way of an extract; collects the junctions that stop lines belong to in `signalled`."""

    def __init__(self, extract: Extract, projection: LocalProjection) -> None:
        ids = list(extract.nodes)
        nodes = extract.nodes
        x, y = projection.forward([nodes[i].lon for i in ids], [nodes[i].lat for i in ids])
        self._xy = dict(zip(ids, np.column_stack([x, y]), strict=True))
        self._extract = extract
        self._copies: Counter[int] = Counter()
        self.signalled: set[Key] = set()
        self._runs = [(way, run) for way in extract.ways for run in self._inside(way)]
        self._uses = Counter[int]()
        for _, run in self._runs:
            self._uses.update(run)
            self._uses.update((run[0], run[-1]))

    def pieces(self) -> Iterator[Piece]:
        """Every piece, in the order of the file."""
        for way, run in self._runs:
            for refs in _split(run, lambda ref: self._uses[ref] > 1 or self._extract.nodes[ref].blocked):
                for part in _without_loop(refs):
                    yield from self._at_signals(way, part)

    def _inside(self, way: Way) -> Iterator[tuple[int, ...]]:
        """The stretches of a way whose nodes are in the extract."""
        run: list[int] = []
        for ref in (*way.refs, None):
            if ref is not None and ref in self._xy:
                run.append(ref)
                continue
            if len(run) > 1:
                yield tuple(run)
            run = []

    def _at_signals(self, way: Way, refs: tuple[int, ...]) -> Iterator[Piece]:
        """Cut at signals in mid-block; give signals near an end to the junction there."""
        along = self._along(refs)
        inner = [i for i in range(1, len(refs) - 1) if self._extract.nodes[refs[i]].signal]
        middle = {refs[i] for i in inner if STOP_LINE_M < along[i] < along[-1] - STOP_LINE_M}
        ends = (self._key(refs[0]), self._key(refs[-1]))
        for i in inner:
            if refs[i] not in middle:
                self.signalled.add(ends[0] if along[i] <= along[-1] - along[i] else ends[1])
        for part in _split(refs, middle.__contains__):
            start = ends[0] if part[0] == refs[0] else (part[0], 0)
            end = ends[1] if part[-1] == refs[-1] else (part[-1], 0)
            xy = np.array([self._xy[ref] for ref in part])
            yield Piece(way, part, start, end, xy, self._along(part))

    def _along(self, refs: tuple[int, ...]) -> F8:
        xy = np.array([self._xy[ref] for ref in refs])
        return np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(xy, axis=0).T))])

    def _key(self, ref: int) -> Key:
        if not self._extract.nodes[ref].blocked:
            return ref, 0
        self._copies[ref] += 1
        return ref, self._copies[ref]


def _split(refs: tuple[int, ...], cut: Callable[[int], bool]) -> Iterator[tuple[int, ...]]:
    start = 0
    for index in range(1, len(refs)):
        if index == len(refs) - 1 or cut(refs[index]):
            yield refs[start : index + 1]
            start = index


def _without_loop(refs: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
    """A piece that ends where it starts is cut in the middle, so that no edge leads from a node to itself."""
    if refs[0] != refs[-1]:
        yield refs
    elif len(refs) > 2:
        middle = len(refs) // 2
        yield refs[: middle + 1]
        yield refs[middle:]
