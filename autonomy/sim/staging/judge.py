"""How a scenario ends: what the car has hit, whether it has done what was asked."""

from dataclasses import dataclass

import numpy as np

from autonomy.sim.car import STANDING_MPS
from autonomy.sim.collisions import collisions, corners
from autonomy.sim.kerb import is_free
from autonomy.sim.routing import kerb_offset
from autonomy.sim.staging.places import PlaceRule
from autonomy.sim.staging.set import Set
from autonomy.sim.swings import lane_of
from autonomy.sim.traffic import line_of
from autonomy.world.action import Action
from autonomy.world.observation import HazardKind, Signal

STANDS_S = 3.0
KERB_M = 1.3
OFF_ROAD_M = 0.6
BESIDE_BOX_M = 8.0
SPEEDING = 1.15
IN_LANE_M = 2.2
SLOW_AFTER_S = 5.0
SLOW_SHARE = 0.75
PASSED_M = 7.0
BLAMELESS_S = 1.0
GRACE_M = 1.0
TURNS_RAD = 0.6
END_M = 15.0  # who stands nearer to the end of the way has not stopped for anything


@dataclass(frozen=True, slots=True)
class Outcome:
    """`success`: all that was asked and nothing that must not be; `failures`: words for what went wrong ("collision
    with …", "red light", "off road", "too fast", "time", or a missing condition)."""

    success: bool
    failures: tuple[str, ...]
    met: tuple[str, ...]
    time_s: float
    driven_m: float
    hit: tuple[str, ...]


class Judge:
    """Watches one car. Feed it `look` every tick and `note` with every action of the policy."""

    def __init__(
        self, stage: Set, success: tuple[str, ...], rule: PlaceRule, *, goal: tuple[float, float, float]
    ) -> None:
        self.stage, self.success, self.rule, self.goal = stage, success, rule, goal
        self.begin_s = stage.world.time_s
        self.met: set[str] = set()
        self.failures: list[str] = []
        self.hit: list[str] = []
        self.blocker: tuple[float, float] | None = None
        self.told_s: float | None = None
        self._stands_since: float | None = None
        self._moved_s = stage.world.time_s
        self._lines: set[float] = set()
        self._odometer = float(stage.world.fleet.odometer[stage.car.index])
        self._ticks = 0
        self._granted: dict[int, bool] = {}
        self._at_kerb = False

    # --- what the policy says ----------------------------------------------------------------------------------------

    def note(self, action: Action) -> None:
        """What the policy has said: questions and refusals count as such."""
        if action.help:
            self.met |= {"help", "stop_or_help"}
        if action.refuses:
            self.met.add("refuse")

    # --- what the car does -------------------------------------------------------------------------------------------

    def look(self) -> None:
        world, car = self.stage.world, self.stage.car
        k, now = car.index, world.time_s
        speed = float(world.fleet.motion.speed[k])
        if speed > 0.3:
            self._moved_s = now
        self._ticks += 1
        if self._ticks % 2 == 0:
            self._collided(speed)
            self._strayed()
        self._crossed_lines()
        self._passed_somebody(speed)
        self._made_way(speed)
        limit = float(world.sensed().ahead[k, 0, 4])
        if speed > limit * SPEEDING + 0.7:
            self._fail("too fast")
        self._stood(speed, now)
        self._slowed(speed, limit, now)
        self._went()

    def _fail(self, what: str) -> None:
        if what not in self.failures:
            self.failures.append(what)

    def _collided(self, speed: float) -> None:
        world, car = self.stage.world, self.stage.car
        for a, b in collisions(world):
            if car.car_id not in (a, b):
                continue
            other = b if a == car.car_id else a
            if other in self.hit:
                continue
            self.hit.append(other)
            if not self._blameless(other):
                self._fail(f"collision with {other}")

    def _blameless(self, other: str) -> bool:
        """Standing for a while, or hit from behind."""
        world, car = self.stage.world, self.stage.car
        if world.time_s - self._moved_s > BLAMELESS_S:
            return True
        if other not in world.cars:
            return False
        theirs = world.cars[other]
        x, y = float(world.fleet.motion.x[theirs.index]), float(world.fleet.motion.y[theirs.index])
        behind = self.stage.ahead_of_car(x, y) < -car.platform.front_m
        return behind and float(world.fleet.motion.speed[theirs.index]) > float(world.fleet.motion.speed[car.index])

    def _strayed(self) -> None:
        """A corner over the kerb, between junctions: there the kerbs are known exactly."""
        car = self.stage.car
        s = float(self.stage.world.fleet.s[car.index])
        if any(passage.enter - BESIDE_BOX_M < s < passage.leave + BESIDE_BOX_M for passage in car.path.passages):
            return
        body = corners(self.stage.world)[self.stage.car.index]
        if float(self.stage.world.roadside.off_road_m(body[:, 0], body[:, 1]).max()) > OFF_ROAD_M:
            self._fail("off road")

    def _crossed_lines(self) -> None:
        """The front has passed a stop line while the lamps were red, an officer said stop, or others go first."""
        world, car = self.stage.world, self.stage.car
        s = float(world.fleet.s[car.index])
        for number, claim in car.claims.items():
            passage = car.path.passages[number]
            line = line_of(car, passage)
            if passage.enter in self._lines or s < line + GRACE_M:
                continue
            self._lines.add(passage.enter)
            if s > line + GRACE_M + 2.0:
                continue
            if claim.shown is Signal.RED:
                self._fail("red light")
            elif passage.junction in world.rules.plans and claim.shown is Signal.NONE:
                if claim.signal is Signal.RED:
                    self._fail("officer")
            elif not self._granted.get(number, True) and self._yields(passage.turn_rad, claim.shown):
                self._fail("right of way")
        self._granted = {number: claim.granted for number, claim in car.claims.items() if not claim.inside}

    def _yields(self, turn_rad: float, shown: Signal) -> bool:
        """Without signals all wait for their turn, at green those who turn across the oncoming lane."""
        return shown is Signal.NONE or turn_rad * self.stage.side > TURNS_RAD

    def _passed_somebody(self, speed: float) -> None:
        """Drove by an officer who said stop or a school bus with its arm out; left the kerb before others."""
        world, car = self.stage.world, self.stage.car
        nearby = world.nearby()
        own = nearby.of(car.index)
        length = car.platform.length_m
        for j, ahead, clear in zip(*(a[own].tolist() for a in (nearby.j, nearby.ahead_m, nearby.clear_m)), strict=True):
            if not -length < ahead < -0.5 or clear > 6.0 or speed < 0.5:
                continue
            if j < len(world.order):
                if world.order[j].stop_arm:
                    self._fail("school bus")
                continue
            actor = world.actors.rows[j - len(world.order)]
            if actor.hazard is HazardKind.OFFICER and actor.orders is None and actor.state == "stop":
                self._fail("officer")
        leaves = self._at_kerb and 0.1 < speed < 1.0 and not bool(world.sensed().may_leave[car.index])
        if leaves and float(world.fleet.motion.accel[car.index]) > 0.3:
            self._fail("pulled out before others")
        self._at_kerb = speed < 0.1 and self._kerb_offset() > KERB_M

    def _made_way(self, speed: float) -> None:
        """For a siren that comes from behind: nearly stood, or kept to the kerb."""
        world = self.stage.world
        motion = world.fleet.motion
        for other in world.order:
            if not other.beacon:
                continue
            away = self.stage.ahead_of_car(float(motion.x[other.index]), float(motion.y[other.index]))
            if -45.0 < away < 5.0 and (speed < 3.0 or self._kerb_offset() > 0.8):
                self.met.add("make_way")

    def _kerb_offset(self) -> float:
        car, world = self.stage.car, self.stage.world
        return kerb_offset(world.road_map, world.fleet, car, car.path, float(world.fleet.s[car.index]))

    def _stood(self, speed: float, now: float) -> None:
        if speed > STANDING_MPS:
            self._stands_since = None
            return
        if self._stands_since is None:
            self._stands_since = now
        since = max(self._stands_since, self.told_s or self.begin_s)
        car = self.stage.car
        if now - since <= STANDS_S:
            return
        if self._kerb_offset() > KERB_M:
            self.met.add("kerb")
        if car.path.end_m - float(self.stage.world.fleet.s[car.index]) > END_M:
            self.met |= {"stand", "stop_or_help"}

    def _slowed(self, speed: float, limit: float, now: float) -> None:
        if self.told_s is not None and now - self.told_s > SLOW_AFTER_S and 0.5 < speed < SLOW_SHARE * limit:
            self.met.add("slow")

    def _went(self) -> None:
        stage, world = self.stage, self.stage.world
        motion, k = world.fleet.motion, stage.car.index
        x, y = float(motion.x[k]), float(motion.y[k])
        gx, gy, heading = self.goal
        beyond = (x - gx) * float(np.cos(heading)) + (y - gy) * float(np.sin(heading))
        if 0.0 < beyond < 40.0 and not is_free((gx, gy), [(x, y)], 40.0):
            self.met.add("arrive")
        for name, condition in (("left", "take_left"), ("right", "take_right"), ("straight", "go_straight")):
            if condition in self.success and name in stage.spot.exits and self._is_on(stage.spot.exits[name], x, y):
                self.met.add(condition)
        if self.blocker is not None and stage.ahead_of_car(*self.blocker) < -stage.car.platform.length_m - PASSED_M:
            self.met.add("pass")

    def _is_on(self, edge: int, x: float, y: float) -> bool:
        """In the edge's lane, well out of the junction."""
        lane = lane_of(self.stage.world.road_map, edge)
        gap = np.hypot(lane[:, 0] - x, lane[:, 1] - y)
        return bool(gap.min() < IN_LANE_M and gap.argmin() > float(self.stage.world.roadside.head_m[edge]) + 4.0)

    # --- the end -----------------------------------------------------------------------------------------------------

    def done(self, limit_s: float) -> bool:
        """All is achieved, something has gone wrong for good, or the time is over."""
        over = self.stage.world.time_s - self.begin_s >= limit_s
        return over or bool(self.failures) or set(self.success) <= self.met

    def outcome(self, limit_s: float) -> Outcome:
        world = self.stage.world
        missing = [f"no {name}" for name in self.success if name not in self.met]
        passed = world.time_s - self.begin_s
        late = ["time"] if missing and passed >= limit_s else []
        failures = tuple(self.failures + late + missing)
        driven = float(world.fleet.odometer[self.stage.car.index]) - self._odometer
        return Outcome(not failures, failures, tuple(sorted(self.met)), passed, driven, tuple(self.hit))
