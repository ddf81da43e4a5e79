"""Closed-loop scores: a driver on held-out roads among people and traffic, with and without the safety layer."""

import argparse
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from autonomy.policy.base import Policy
from autonomy.policy.registry import release_folder
from autonomy.policy.teacher import Teacher
from autonomy.scoring import DriveScore, Scorer, poisson_rate, summary
from autonomy.sim.render import Renderer
from autonomy.sim.roads import RoadMap
from autonomy.train.collect import TICK_S, Guard
from autonomy.train.conditions import fair_weather
from autonomy.train.drives import training_maps
from autonomy.train.routes import RouteCourse, draw_routes
from autonomy.train.seats import drive, look
from autonomy.world import ACTION_STEP_S

Say = Callable[[str], None]
RULES = "rules"


@dataclass(frozen=True, slots=True)
class Trial:
    """What is tried. safety: the layer drives along, and lets a car that it has stopped go on after `waits_s`, as a
    person would; pictures: the driver needs them."""

    policy: Policy
    pictures: bool
    safety: bool = True
    waits_s: float = 5.0

    def guard(self) -> Guard | None:
        """A safety layer with the release's limits; None without."""
        return Guard(self.waits_s, getattr(self.policy, "doubts", None)) if self.safety else None


@dataclass(slots=True)
class Result:
    """drives: one a route; stops: how often the safety layer stopped a car; wall_s: how long it took."""

    drives: list[DriveScore] = field(default_factory=list)
    stops: int = 0
    wall_s: float = 0.0
    maps: list[str] = field(default_factory=list)

    def add(self, other: "Result") -> None:
        self.drives += other.drives
        self.stops += other.stops
        self.wall_s += other.wall_s
        self.maps = sorted({*self.maps, *other.maps})


def policy_of(name: str) -> tuple[Policy, bool]:
    """A driver by name or folder, and whether it needs pictures. Raises ValueError for an unknown one."""
    if name == RULES:
        return Teacher(), False
    from autonomy.train.pilot import Pilot

    folder = Path(name)
    return Pilot(folder if (folder / "manifest.json").exists() else release_folder(name)), True


def routes_on(path: Path, trial: Trial, *, count: int, cars: int, seed: int, until: float | None = None) -> Result:
    """`count` routes of one map, `cars` at a time; stops starting worlds at `until` (time.monotonic)."""
    road_map = RoadMap.load(path)
    result = Result(maps=[path.stem])
    for first in range(0, count, cars):
        if until is not None and time.monotonic() > until:
            break
        own_seed = seed * 1000 + first
        weather = fair_weather(np.random.default_rng([own_seed, 41]))
        routes = draw_routes(road_map, min(cars, count - first), own_seed)
        course = RouteCourse(road_map, routes, seed=own_seed, weather=weather)
        if trial.pictures:
            course.world.attach_renderer(Renderer(road_map, seed=own_seed, side=course.world.roadside))
        result.add(run(course, trial))
    return result


def run(course: RouteCourse, trial: Trial) -> Result:
    """Drive until every car is there or out of time."""
    began = time.monotonic()
    world = course.world
    scorer = Scorer(world, expert=Teacher())
    guard = trial.guard()
    result = Result()
    running = set(course.routes)
    for car_id in running:
        scorer.begin(car_id)
    trial.policy.reset(sorted(running))
    while True:
        course.tick()
        for car_id in sorted(running - {seat.car_id for seat in course.seats}):
            running.discard(car_id)
            result.drives.append(scorer.end(car_id, completed=car_id in course.arrived))
            if car_id in course.late:
                world.remove_car(car_id)  # else it would stand in the way of the others
        if not running:
            break
        seats = course.seats
        seen = look(seats, frames=trial.pictures)
        actions = trial.policy.act(seen)
        scorer.tick(seen, actions)
        for tick in range(round(ACTION_STEP_S / TICK_S)):
            if guard is None:
                drive(seats, actions if tick == 0 else (), {}, TICK_S)
            else:
                now = seen if tick == 0 else look(seats, frames=False)
                drive(seats, *guard.check(now, actions), TICK_S)
    result.stops = guard.stops if guard is not None else 0
    result.wall_s = time.monotonic() - began
    return result


def figures(result: Result) -> dict[str, Any]:
    """Scores as release manifests carry them; `mrm_per_1000km`: how often the safety layer stopped a car."""
    km = sum(score.km for score in result.drives)
    found: dict[str, Any] = dict(summary(result.drives))
    found["mrm_per_1000km"] = poisson_rate(result.stops, km)
    return found


def by_platform(drives: Sequence[DriveScore]) -> list[dict[str, Any]]:
    """The same for each vehicle platform."""
    slugs = sorted({score.platform for score in drives})
    return [{"name": slug, **summary([score for score in drives if score.platform == slug])} for slug in slugs]


def main(options: argparse.Namespace, say: Say) -> None:
    """`python -m autonomy evaluate`. Raises ValueError for bad input."""
    policy, pictures = policy_of(options.policy)
    trial = Trial(policy, pictures, safety=not options.no_safety)
    maps = [options.maps] if options.maps.is_file() else training_maps(options.maps)
    until = None if options.minutes is None else time.monotonic() + 60 * options.minutes
    whole = Result()
    for path in maps:
        found = routes_on(path, trial, count=options.routes, cars=options.cars, seed=options.seed, until=until)
        whole.add(found)
        if found.drives:
            say(line(path.stem, found))
    say(line("all", whole))
    if options.json is not None:
        data = {"maps": whole.maps, "scores": figures(whole), "platforms": by_platform(whole.drives)}
        options.json.parent.mkdir(parents=True, exist_ok=True)
        options.json.write_text(json.dumps(data, indent=1) + "\n")


def line(name: str, result: Result) -> str:
    """One map's result for people."""
    drives = result.drives
    km = sum(score.km for score in drives)
    windows = [window for score in drives for window in score.windows]
    right, asked = sum(score.causes_right for score in drives), sum(score.causes_asked for score in drives)
    return (
        f"{name}: {sum(score.completed for score in drives)}/{len(drives)} routes, {km:.1f} km, "
        f"at fault {sum(score.at_fault for score in drives)}, red lights {sum(score.red_lights for score in drives)}, "
        f"off road {sum(score.off_road for score in drives)}, wrong way {sum(score.wrong_way for score in drives)}, "
        f"stopped by the safety layer {result.stops}, "
        f"PDMS {sum(windows) / max(len(windows), 1):.3f}, causes {right / max(asked, 1):.2f}, {result.wall_s:.0f} s"
    )
