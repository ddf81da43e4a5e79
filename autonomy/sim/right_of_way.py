"""Who may enter a junction. A car enters only with a grant; grants never conflict and never block the box.

Rules: (1) signals; (2) no grant while a car with a crossing or merging path has one or is inside; (3) no grant without
room for the whole car behind the box, also when those before it in the box have to wait there for the next one, and
where the next box is too near for that, only together with the grant for it; (4) otherwise the bigger road first, then
right before left (left before right where cars keep left), at equal right the car that came first. Who has waited long
enough is not overtaken any more. Grants are taken at once or not at all and a car that stands in the box has its exit
free, so that no circle of waiting cars can close.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from autonomy.sim.path import HEADING, Passage, Path
from autonomy.world.observation import Signal

F8 = NDArray[np.float64]
CLEARANCE_M = 2.6
BODY_M = (1.8, 3.6)  # looked at besides the rear axle, so far before it
PATIENCE_S = 20.0
CHAIN_PATIENCE_S = 60.0
ROOM_M = 2.5
IDLE_S = 4.0


@dataclass(slots=True)
class Claim:
    """One car before or in its next junction(s). Distances in metres along its path, for the rear axle."""

    car: int
    path: Path
    passages: list[Passage]
    s: float
    speed: float
    front_m: float
    length_m: float
    line_s: float  # where the rear axle stands when the front is at the line
    may_ask: bool
    inside: bool
    room_m: float  # free path behind the last box
    block_m: float  # from the last box to the line of the next one
    since_s: float
    granted: bool
    idle_s: float = 0.0
    signal: Signal = Signal.NONE
    rank: int = 0
    shown: Signal = Signal.NONE  # what the lamps show; an officer's orders count as signals, too


class Signals(Protocol):
    """What orders the approaches of one junction: lamps or an officer."""

    def colour(self, approach: int, time_s: float) -> Signal: ...


@dataclass(eq=False)
class RightOfWay:
    """`dark`: junctions whose lamps show nothing."""

    plans: dict[int, Signals]
    arrival_heading: Callable[[int], float]
    side: float
    conflicts: dict[tuple[tuple[int, ...], tuple[int, ...]], bool] = field(default_factory=dict)
    dark: set[int] = field(default_factory=set)

    def signal(self, passage: Passage, time_s: float) -> Signal:
        plan = self.plans.get(passage.junction)
        return plan.colour(passage.approach, time_s) if plan else Signal.NONE

    def shown(self, passage: Passage, time_s: float) -> Signal:
        """What the lamps show."""
        return Signal.NONE if passage.junction in self.dark else self.signal(passage, time_s)

    def decide(self, claims: list[Claim], time_s: float) -> None:
        """Update `granted` of all claims in place."""
        holders: dict[int, list[tuple[Claim, Passage]]] = {}
        for claim in claims:
            if claim.granted and not claim.inside and not self._keeps(claim):
                claim.granted = False
            if claim.inside:
                claim.granted = True
            if claim.granted:
                self._hold(holders, claim)
        asking = [claim for claim in claims if not claim.granted and claim.may_ask]
        asking.sort(key=lambda claim: (claim.since_s, claim.car))
        open_ones = [claim for claim in asking if self._shown_free(claim, time_s)]
        waiting_long = [claim for claim in open_ones if time_s - claim.since_s > PATIENCE_S]
        granted_one: set[int] = set()
        for claim in open_ones:
            if self._free(claim, holders, time_s) and not self._must_yield(claim, open_ones, waiting_long, time_s):
                self._grant(claim, holders, granted_one)
        self._break_ties(open_ones, holders, granted_one, time_s)

    def _grant(self, claim: Claim, holders: dict[int, list[tuple[Claim, Passage]]], granted: set[int]) -> None:
        claim.granted = True
        self._hold(holders, claim)
        granted.update(passage.junction for passage in claim.passages)

    def _break_ties(
        self, asking: list[Claim], holders: dict[int, list[tuple[Claim, Passage]]], granted: set[int], time_s: float
    ) -> None:
        """Cars from all four sides, each with another on its right: the one that came first goes."""
        for claim in asking:
            first = claim.passages[0].junction
            stands = claim.speed < 0.5 and time_s - claim.since_s > 2.0
            if claim.granted or not stands or first in granted or first in holders:
                continue
            if self._free(claim, holders, time_s):
                self._grant(claim, holders, granted)

    def _hold(self, holders: dict[int, list[tuple[Claim, Passage]]], claim: Claim) -> None:
        for passage in claim.passages:
            holders.setdefault(passage.junction, []).append((claim, passage))

    def _keeps(self, claim: Claim) -> bool:
        """A grant not yet used is lost at red or amber when the car can still stop, and when it idles."""
        if not claim.may_ask or claim.idle_s > IDLE_S:
            return False
        if claim.signal in (Signal.RED, Signal.AMBER):
            return not _can_stop(claim)
        return True

    def _shown_free(self, claim: Claim, time_s: float) -> bool:
        if claim.signal is Signal.RED or (claim.signal is Signal.AMBER and _can_stop(claim)):
            return False
        return all(self.signal(passage, time_s) in (Signal.NONE, Signal.GREEN) for passage in claim.passages[1:])

    def _free(self, claim: Claim, holders: dict[int, list[tuple[Claim, Passage]]], time_s: float) -> bool:
        promised = 0.0
        for passage in claim.passages:
            for other, theirs in holders.get(passage.junction, ()):
                if other.car == claim.car:
                    continue
                if self.conflict(claim.path, passage, other.path, theirs):
                    return False
        last = claim.passages[-1]
        for other, theirs in holders.get(last.junction, ()):
            if theirs.exit == last.exit and other.car != claim.car and other.s < theirs.leave + other.length_m:
                promised += other.length_m + ROOM_M
        room_m = min(claim.room_m, claim.block_m) if promised else claim.room_m
        return room_m - promised >= claim.length_m + ROOM_M

    def _must_yield(self, claim: Claim, asking: Iterable[Claim], waiting_long: list[Claim], time_s: float) -> bool:
        mine = claim.passages[0]
        patient = time_s - claim.since_s <= PATIENCE_S
        for other in waiting_long:
            could_go = not other.granted and other.room_m >= other.length_m + ROOM_M
            earlier = other.car != claim.car and other.since_s < claim.since_s
            if earlier and could_go and self._crosses(claim, other):
                return True
        if not patient:
            return False
        for other in asking:
            theirs = other.passages[0]
            if other.car == claim.car or theirs.junction != mine.junction or other.granted:
                continue
            if self._goes_first(other, claim) and self._crosses(claim, other):
                return True
        return False

    def _crosses(self, a: Claim, b: Claim) -> bool:
        same = a.passages[0].junction == b.passages[0].junction
        return same and self.conflict(a.path, a.passages[0], b.path, b.passages[0])

    def _goes_first(self, a: Claim, b: Claim) -> bool:
        """Does `a` go before `b`? Both want to enter the same junction and neither has red."""
        pa, pb = a.passages[0], b.passages[0]
        if pa.approach == pb.approach:
            return False
        if a.signal is Signal.NONE and a.rank != b.rank:
            return a.rank < b.rank
        ta, tb = pa.turn_rad * self.side, pb.turn_rad * self.side
        away = self.arrival_heading(pa.approach) - self.arrival_heading(pb.approach)
        between = float(np.angle(np.exp(1j * away)))
        if abs(between) > 2.36:  # oncoming: who crosses the other side's traffic waits
            return tb > 0.6 >= ta
        if a.signal is not Signal.NONE:
            return False
        return between * self.side > 0  # a comes from b's right: its heading is turned to the left of b's

    def conflict(self, path_a: Path, a: Passage, path_b: Path, b: Passage) -> bool:
        """Do the two ways through the junction come too near each other? Cars from one approach follow each other."""
        if a.approach == b.approach:
            return False
        if a.exit == b.exit:
            return True
        key = (a.key, b.key) if a.key <= b.key else (b.key, a.key)
        known = self.conflicts.get(key)
        if known is None:
            known = _too_near(_slice(path_a, a), _slice(path_b, b))
            if min(a.enter, b.enter) >= 1.0:  # else a path begins within the box and says nothing of the whole way
                self.conflicts[key] = known
        return known


def _can_stop(claim: Claim) -> bool:
    return claim.speed**2 / (2 * 3.0) < claim.line_s - claim.s


def _slice(path: Path, passage: Passage) -> F8:
    """f8[k, 2]: where the rear axles and the fronts of cars come: in a sharp turn the front is far off the path."""
    first, last = max(0, int(passage.enter) - 1), int(passage.leave) + 3
    rear, heading = path.lane[first : last + 1, :2], path.lane[first : last + 1, HEADING]
    ahead = np.column_stack([np.cos(heading), np.sin(heading)])
    return np.concatenate([rear, *(rear + metres * ahead for metres in BODY_M)])


def _too_near(a: F8, b: F8) -> bool:
    if len(a) == 0 or len(b) == 0:
        return True
    delta = a[:, None, :] - b[None, :, :]
    return bool(((delta * delta).sum(axis=2)).min() < CLEARANCE_M**2)
