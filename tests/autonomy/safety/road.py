"""A street for one car: straight, 12 m/s, and what a test puts onto it. The car moves by the simulator's dynamics."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np

from autonomy.safety.layer import Safety
from autonomy.sim.faults import Fault, Saboteur
from autonomy.world.action import ACTION_STEP_S, ACTION_STEPS, Action
from autonomy.world.observation import Observation
from benchmarks.safety_truth import first_contact
from benchmarks.safety_world import FRONT_M, SIZES, TICK_S, Episodes, Record

CAR = "0"
SPEED = 10.0


@dataclass
class Drive:
    """What became of a drive."""

    speeds: list[float] = field(default_factory=list)
    left: list[float] = field(default_factory=list)
    s: list[float] = field(default_factory=list)
    hit: bool = False


def street(speed: float = SPEED, **body: float) -> Episodes:
    """A car at s = 0; `body`: kind and any of s, left, along, across of one other, none without a kind."""
    road = Episodes(0, 1)
    road.curvature[:], road.limit[:], road.line_s[:] = 0.0, 12.0, np.nan
    others = road.others
    others.kind[:], others.along[:], others.across[:], others.plan[:] = -1, 0.0, 0.0, 0.0
    if body:
        kind = int(body.pop("kind"))
        others.kind[0, 0] = kind
        others.length[0, 0], others.width[0, 0] = SIZES[kind]
        for name, value in body.items():
            getattr(others, name)[0, 0] = value
    motion = road.motion
    motion.x[:], motion.y[:], motion.heading[:], motion.speed[:], motion.brake_max[:] = 0.0, 0.0, 0.0, speed, 8.0
    return road


def calm(seen: Observation) -> Action:
    """A driver who keeps the lane and stops 3 m before what is in it, with 3 m/s² at most."""
    gap = min((h.ahead_m for h in seen.hazards if h.clear_m == 0.0 and h.ahead_m > -1.0), default=200.0)
    speed, x, rows = seen.ego.speed_mps, seen.ego.x_m, []
    for _ in range(ACTION_STEPS):
        cap = np.sqrt(2 * 2.5 * max(gap - 3.0, 0.0))
        after = float(min(speed + 1.5 * ACTION_STEP_S, 10.0, max(cap, speed - 5.0 * ACTION_STEP_S)))
        gone = (speed + after) / 2 * ACTION_STEP_S
        x, gap, speed = x + gone, gap - gone, max(after, 0.0)
        rows.append((x, 0.0, 0.0, speed))
    return Action.from_rows(seen.car_id, seen.time_s, rows, "drive")


def drive(
    road: Episodes,
    *,
    seconds: float = 9.0,
    fault: Fault | None = None,
    safety: Safety | None = None,
    policy: Callable[[Observation], Action] = calm,
    see: Callable[[Observation], Observation] = lambda seen: seen,
    tick: Callable[[float], None] = lambda _: None,
) -> Drive:
    """Drive the street, with the layer if one is given."""
    steps, saboteur, result = round(seconds / TICK_S), Saboteur(fault) if fault else None, Drive()
    ego, others, known = [], [], []
    for _ in range(steps):
        now = road.locate()
        ego.append(now)
        bodies = road.others
        others.append(np.stack([bodies.s, bodies.left, bodies.along, bodies.across], axis=2))
        known.append(road.known(now[:, 0]))
        tick(road.time_s)
        seen = see(road.observations(now, np.array([0]))[0])
        said = policy(seen)
        action = saboteur.spoil(said, 0.0) if saboteur else said
        _act(road, seen, action, safety)
        result.s.append(float(now[0, 0]))
        result.left.append(float(now[0, 1]))
        result.speeds.append(float(now[0, 2]))
        road.step()
    record = Record(np.stack(ego), np.stack(others), np.stack(known))
    result.hit = first_contact(record, road.others, 0) is not None
    return result


def _act(road: Episodes, seen: Observation, action: Action | None, safety: Safety | None) -> None:
    rows, bounds = np.array([0]), np.array([[np.inf, np.inf, -np.inf]])
    if safety is not None:
        fit, limits = safety.check([seen], [action])
        limit = limits[CAR]
        bounds = np.array([[limit.speed_max_mps, limit.accel_max_mps2, limit.accel_min_mps2]])
        action = fit[0]
    if action is not None and np.isfinite(action.trajectory).all():
        road.act(rows, action.trajectory[None], np.array([action.time_s]), bounds)


__all__ = ["CAR", "FRONT_M", "SPEED", "Drive", "calm", "drive", "replace", "street"]
