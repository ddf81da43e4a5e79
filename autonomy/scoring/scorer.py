"""Watches cars drive in a world and counts: fed once per tick, before the world moves on."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from autonomy.policy.base import Policy
from autonomy.scoring.boxes import corners_of, overlap
from autonomy.scoring.contacts import Approaches, collision_of
from autonomy.scoring.drive import DriveScore
from autonomy.scoring.pdms import WINDOW_S, Window
from autonomy.scoring.rules_kept import LawKeeper
from autonomy.scoring.time_to_collision import too_close
from autonomy.sim.bodies import AllBodies
from autonomy.sim.car import Car
from autonomy.sim.routing import kerb_offset
from autonomy.sim.world import World
from autonomy.world.action import Action
from autonomy.world.observation import Observation

F8 = NDArray[np.float64]
OFF_ROAD_M = 0.75
OFF_ROAD_IN_BOX_M = 2.0  # kerbs are drawn square at junctions and known to about a metre there
NEAR_LINE_M = 3.0
AT_STOP_M = 2.5
AT_KERB_M = 1.3
HARD_MPS2 = -4.0
AGAIN_S = 2.0  # the same bodies that touch again within this time are one collision


@dataclass(slots=True)
class _Running:
    """What is kept of a drive under way."""

    score: DriveScore
    odometer_m: float
    whole_m: float
    window: Window | None = None
    comfort: list[float] = field(default_factory=list)
    touching: dict[str, float] = field(default_factory=dict)
    off_road: bool = False
    braking: bool = False
    asking: bool = False
    law: LawKeeper = field(default_factory=LawKeeper)


class Scorer:
    """Scores any cars of one world. `expert`: asked for each observation, for progress and causes; None: neither is
    judged."""

    def __init__(self, world: World, expert: Policy | None = None) -> None:
        self.world = world
        self.expert = expert
        self._running: dict[str, _Running] = {}
        self._approaches = Approaches()

    def begin(self, car_id: str) -> None:
        """A drive begins: call it when the car has its path. Raises KeyError for an unknown car."""
        car = self.world.cars[car_id]
        state = self.world.state(car_id)
        score = DriveScore(car_id, car.platform.slug, self.world.time_s)
        self._running[car_id] = _Running(score, state.odometer_m, max(state.path_remaining_m, 1.0))

    def tick(self, observations: Sequence[Observation], actions: Sequence[Action]) -> None:
        """Once per tick, with what the policy saw and said, before `World.act` and `World.step`. Cars without a drive
        begun are passed over."""
        pairs = [(o, a) for o, a in zip(observations, actions, strict=True) if o.car_id in self._running]
        if not pairs:
            return
        truth = self.expert.act([seen for seen, _ in pairs]) if self.expert is not None else [None] * len(pairs)
        bodies = self.world.sensed().bodies
        boxes = corners_of(bodies)
        self._approaches.look(self.world, [self.world.cars[seen.car_id] for seen, _ in pairs])
        outside = self._outside(boxes, [self.world.cars[seen.car_id].index for seen, _ in pairs])
        for (seen, action), expert, off_m in zip(pairs, truth, outside.tolist(), strict=True):
            running, car = self._running[seen.car_id], self.world.cars[seen.car_id]
            running.law.tick(self.world, car, seen, running.score)
            self._window(running, car, seen, expert)
            self._contacts(running, car, bodies, boxes)
            self._road(running, off_m, seen)
            if running.window is not None and too_close(bodies, boxes, car.index):
                running.window.clear = 0.0
            self._words(running, seen, action, expert)

    def end(self, car_id: str, *, completed: bool | None = None) -> DriveScore:
        """The drive is over. `completed`: whether it reached its goal, by default whether the car stands there."""
        running, car, state = self._running.pop(car_id), self.world.cars[car_id], self.world.state(car_id)
        score = running.score
        score.completed = state.at_path_end if completed is None else completed
        score.km = (state.odometer_m - running.odometer_m) / 1000
        score.seconds = self.world.time_s - score.start_s
        left = 0.0 if score.completed else state.path_remaining_m
        score.completion = float(np.clip(1.0 - left / running.whole_m, 0.0, 1.0))
        if running.comfort:
            score.comfort = float(np.mean(running.comfort))
        if score.completed and car.errand:
            s = float(self.world.fleet.s[car.index])
            score.stop_error_m = abs(car.stop_m - s)
            beside = kerb_offset(self.world.road_map, self.world.fleet, car, car.path, s)
            at_kerb = not (car.path.at_kerb and car.place_m is not None) or beside > AT_KERB_M
            score.stopped_right = score.stop_error_m < AT_STOP_M and at_kerb
        return score

    def _outside(self, boxes: F8, indices: list[int]) -> F8:
        own = boxes[indices].reshape(-1, 2)
        far: F8 = self.world.roadside.off_road_m(own[:, 0], own[:, 1]).reshape(-1, 4).max(axis=1)
        return far

    def _window(self, running: _Running, car: Car, seen: Observation, expert: Action | None) -> None:
        now, driven = self.world.time_s, float(self.world.fleet.odometer[car.index])
        window = running.window
        if window is not None and now - window.start_s >= WINDOW_S - 1e-6:
            running.score.windows.append(window.score(driven))
            running.comfort.append(window.comfort())
            window = None
        if window is None:
            planned = None
            if expert is not None:
                steps = np.diff(expert.trajectory[:, :2], axis=0)
                first = expert.trajectory[0, :2] - (seen.ego.x_m, seen.ego.y_m)
                planned = float(np.hypot(steps[:, 0], steps[:, 1]).sum() + np.hypot(*first))
            window = running.window = Window(now, driven, planned)
        window.times.append(now)
        window.speed.append(seen.ego.speed_mps)
        window.heading.append(seen.ego.heading_rad)

    def _contacts(self, running: _Running, car: Car, bodies: AllBodies, boxes: F8) -> None:
        index, now = car.index, self.world.time_s
        reach = (bodies.length + bodies.length[index]) / 2 + 0.5
        near = np.hypot(bodies.x - bodies.x[index], bodies.y - bodies.y[index]) < reach
        near[index] = False
        found = np.flatnonzero(near)
        if len(found) == 0:
            return
        found = found[overlap(np.repeat(boxes[index][None], len(found), axis=0), boxes[found])]
        for j in found.tolist():
            collision = collision_of(
                self.world, car, j, bodies=bodies, boxes=boxes, approaches=self._approaches,
                trespasses=running.law.trespasses,
            )  # fmt: skip
            if collision is None:
                continue
            if now - running.touching.get(collision.other, -1e9) > AGAIN_S:
                running.score.collisions.append(collision)
                if running.window is not None and collision.at_fault:
                    running.window.hit = 0.0
            running.touching[collision.other] = now

    def _road(self, running: _Running, off_m: float, seen: Observation) -> None:
        near = seen.box_left_m > 0 or (seen.junction is not None and seen.junction.line_m < NEAR_LINE_M)
        off = off_m > (OFF_ROAD_IN_BOX_M if near else OFF_ROAD_M)
        if off and running.window is not None:
            running.window.on_road = 0.0
        running.score.off_road += off and not running.off_road
        running.score.off_road_m = max(running.score.off_road_m, off_m)
        running.off_road = off
        braking = seen.ego.accel_mps2 < HARD_MPS2
        running.score.hard_brakes += braking and not running.braking
        running.braking = braking

    def _words(self, running: _Running, seen: Observation, action: Action, expert: Action | None) -> None:
        asking = action.help is not None
        running.score.helps += asking and not running.asking
        running.asking = asking
        if expert is not None and action.cause:
            running.score.causes_asked += 1
            running.score.causes_right += action.cause == expert.cause
