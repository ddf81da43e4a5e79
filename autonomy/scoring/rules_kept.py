"""Signals, right of way and the right side of the road: counted from where the car drives."""

from dataclasses import dataclass, field

import numpy as np

from autonomy.scoring.drive import DriveScore
from autonomy.sim.car import Car
from autonomy.sim.path import Path
from autonomy.sim.traffic import line_of
from autonomy.sim.world import World
from autonomy.world.observation import HazardKind, Observation, Signal

OVER_LINE_M = 0.5
MOVING_MPS = 0.3
OVER_MIDDLE_M = 0.6
AGAINST_RAD = 2.0
WRONG_S = 1.0
AROUND_M = 45.0


@dataclass(slots=True)
class LawKeeper:
    """Of one drive. `trespasses`: the car is in a junction that it entered at red or without leave."""

    path: Path | None = None
    s: float = 0.0
    trespasses: bool = False
    wrong_s: float = 0.0
    was_wrong: bool = False
    last_s: float = 0.0
    granted: set[int] = field(default_factory=set)

    def tick(self, world: World, car: Car, seen: Observation, score: DriveScore) -> None:
        s = float(world.fleet.s[car.index])
        if car.path is self.path and s > self.s:
            self._lines(world, car, seen, s, score)
        else:
            self.granted = set()
        self.granted = {number for number, claim in car.claims.items() if claim.granted and not claim.inside}
        if seen.box_left_m <= 0:
            self.trespasses = False
        self._side(world, car, seen, score)
        self.path, self.s, self.last_s = car.path, s, world.time_s

    def _lines(self, world: World, car: Car, seen: Observation, s: float, score: DriveScore) -> None:
        for number, passage in enumerate(car.path.passages):
            line = line_of(car, passage) + OVER_LINE_M
            if line > s:
                break
            if line <= self.s or seen.ego.speed_mps < MOVING_MPS:
                continue
            waved = any(h.kind is HazardKind.OFFICER and h.state == "go" for h in seen.hazards)
            signal = world.rules.signal(passage, world.time_s)
            if signal is Signal.RED and not waved:
                score.red_lights += 1
                self.trespasses = True
            elif signal is Signal.NONE and number not in self.granted:
                score.without_leave += 1
                self.trespasses = True

    def _side(self, world: World, car: Car, seen: Observation, score: DriveScore) -> None:
        """Against the traffic: on the other direction's lanes with nothing there to be passed, or turned round."""
        ego = seen.ego
        over = ego.lateral_m * seen.side > seen.room_left_m[0] + OVER_MIDDLE_M
        turned = abs(float(np.angle(np.exp(1j * (ego.heading_rad - seen.path[0, 2]))))) > AGAINST_RAD
        passing = any(-AROUND_M < h.ahead_m < AROUND_M and h.clear_m < 1.0 for h in seen.hazards)
        wrong = ((over and not passing) or turned) and seen.box_left_m <= 0 and ego.speed_mps > MOVING_MPS
        self.wrong_s = self.wrong_s + world.time_s - self.last_s if wrong else 0.0
        lasting = self.wrong_s > WRONG_S
        score.wrong_way += lasting and not self.was_wrong
        self.was_wrong = lasting
