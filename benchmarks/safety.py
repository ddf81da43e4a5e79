"""The safety layer alone against a hostile policy: how many collisions are left that were avoidable?

python -m benchmarks.safety [--episodes 10000] [--seed 0]
The policy wants to hit: it chases the nearest body, swerves, drifts out of its lane, ignores stop lines and bends, goes
at full throttle, brakes for nothing, falls silent, repeats itself, says what is no number. Every episode is driven with
the layer and, as the control, without. Whether a collision was avoidable is computed from the record alone, see
`benchmarks.safety_truth`.
"""

import argparse
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from autonomy.safety.layer import Safety
from autonomy.world.action import Action
from benchmarks import report
from benchmarks.safety_truth import avoidable, first_contact
from benchmarks.safety_world import FRONT_M, NAMES, OTHERS, STEP_TIMES, STEPS, TICK_S, Episodes, Record, rows_of

F8 = NDArray[np.float64]
MOODS = ("full", "chase", "swerve", "drift", "straight", "brake", "frozen", "silent", "nan", "late")
WEIGHTS = (0.24, 0.22, 0.16, 0.12, 0.1, 0.04, 0.04, 0.03, 0.03, 0.02)
BATCH = 250


class Hostile:
    """One policy for each episode; its mood changes every second or so."""

    def __init__(self, seed: int, count: int) -> None:
        self._random = np.random.default_rng([seed, 13])
        self._mood = np.zeros(count, dtype=np.int64)
        self._until = np.zeros(count)
        self._target = np.zeros(count)
        self._last: list[F8 | None] = [None] * count

    def act(self, episodes: Episodes, ego: F8) -> list[Action | None]:
        fresh = np.flatnonzero(episodes.time_s >= self._until)
        self._mood[fresh] = self._random.choice(len(MOODS), len(fresh), p=WEIGHTS)
        self._until[fresh] = episodes.time_s + self._random.uniform(0.4, 2.0, len(fresh))
        self._target[fresh] = self._random.uniform(-6.0, 6.0, len(fresh))
        rows = self._rows(episodes, ego)
        return [self._say(row, rows[row], episodes.time_s) for row in range(episodes.count)]

    def _rows(self, episodes: Episodes, ego: F8) -> F8:
        mood, speed = self._mood[:, None], ego[:, 2:3]
        faster = np.minimum(speed + 2.5 * STEP_TIMES[None, :], 1.3 * episodes.limit[:, None] + 3.0)
        slower = np.maximum(speed - 7.0 * STEP_TIMES[None, :], 0.0)
        speeds = np.where(mood == MOODS.index("brake"), slower, np.maximum(faster, 0.5))
        s = ego[:, :1] + np.cumsum(speeds, axis=1) * 0.2
        quick = np.where(mood == MOODS.index("drift"), 0.6, 2.5)
        target = np.select(
            [mood == MOODS.index("chase"), (mood == MOODS.index("swerve")) | (mood == MOODS.index("drift"))],
            [self._prey(episodes, ego)[:, None], self._target[:, None]],
            np.zeros_like(mood),
        )
        begin = ego[:, 1:2]
        left = begin + np.clip(target - begin, -quick * STEP_TIMES, quick * STEP_TIMES)
        made = rows_of(episodes, s, left, speeds)
        straight = np.flatnonzero(self._mood == MOODS.index("straight"))
        motion = episodes.motion
        gone = s[straight] - ego[straight, :1]
        heading = np.broadcast_to(motion.heading[straight, None], gone.shape)
        made[straight, :, 0] = motion.x[straight, None] + gone * np.cos(heading)
        made[straight, :, 1] = motion.y[straight, None] + gone * np.sin(heading)
        made[straight, :, 2] = heading
        return made

    def _prey(self, episodes: Episodes, ego: F8) -> F8:
        """Where across the lane the nearest body ahead will be."""
        others = episodes.others
        gap = np.where(others.kind >= 0, others.s - ego[:, :1] - FRONT_M, np.inf)
        gap = np.where(gap < -3.0, np.inf, gap)
        nearest = gap.argmin(axis=1)
        at = np.arange(episodes.count)
        soon = np.clip(gap[at, nearest], 0.0, 40.0) / np.maximum(ego[:, 2], 2.0)
        there = others.left[at, nearest] + others.across[at, nearest] * np.minimum(soon, 3.0)
        return np.where(np.isfinite(gap[at, nearest]), np.clip(there, -7.0, 7.0), 0.0)

    def _say(self, row: int, made: F8, time_s: float) -> Action | None:
        mood, last = MOODS[self._mood[row]], self._last[row]
        if mood == "silent":
            return None
        if mood == "nan":
            return Action(str(row), time_s, np.full_like(made, np.nan))
        if mood == "frozen" and last is not None:
            return Action(str(row), time_s, last)
        self._last[row] = made
        return Action(str(row), time_s - (1.5 if mood == "late" else 0.0), made)


@dataclass
class Tally:
    """What became of the episodes of one kind. `by`: avoidable ones by what was hit."""

    collisions: int = 0
    moving: int = 0
    avoidable: int = 0
    by: Counter[str] = field(default_factory=Counter)
    rows: list[int] = field(default_factory=list)
    km: float = 0.0

    def add(self, other: "Tally") -> None:
        """Count the other's episodes too."""
        self.collisions += other.collisions
        self.moving += other.moving
        self.avoidable += other.avoidable
        self.by += other.by
        self.rows += other.rows
        self.km += other.km


def drive(seed: int, count: int, *, layer: bool) -> tuple[Episodes, Record]:
    """Drive `count` episodes to their end; nobody is taken out after a collision."""
    episodes, policy = Episodes(seed, count), Hostile(seed, count)
    safety = Safety() if layer else None
    record = Record(
        np.zeros((STEPS + 1, count, 4)),
        np.zeros((STEPS + 1, count, OTHERS, 4)),
        np.zeros((STEPS + 1, count, OTHERS), bool),
    )
    everyone = np.arange(count)
    for step in range(STEPS + 1):
        ego = episodes.locate()
        others = episodes.others
        record.ego[step] = ego
        record.others[step] = np.stack([others.s, others.left, others.along, others.across], axis=2)
        record.known[step] = episodes.known(ego[:, 0])
        said = policy.act(episodes, ego)
        if safety is None:
            _obey(episodes, said)
        else:
            fit, limits = safety.check(episodes.observations(ego, everyone), said)
            bounds = np.array([(b.speed_max_mps, b.accel_max_mps2, b.accel_min_mps2) for b in limits.values()])
            _drive_on(episodes, everyone, fit, bounds)
        episodes.step()
    return episodes, record


def _obey(episodes: Episodes, said: list[Action | None]) -> None:
    """Without the layer the car drives what the policy says; what can't be driven changes nothing."""
    good = [k for k, action in enumerate(said) if action is not None and np.isfinite(action.trajectory).all()]
    actions = [action for k in good if (action := said[k]) is not None]
    if actions:
        _drive_on(episodes, np.array(good), actions, np.tile([np.inf, np.inf, -np.inf], (len(good), 1)))


def _drive_on(episodes: Episodes, rows: NDArray[np.int64], actions: list[Action], limits: F8) -> None:
    trajectories = np.stack([action.trajectory for action in actions])
    episodes.act(rows, trajectories, np.array([action.time_s for action in actions]), limits)


def judge(episodes: Episodes, record: Record, tally: Tally) -> None:
    """Count what happened."""
    tally.km += float((record.ego[-1, :, 0] - record.ego[0, :, 0]).sum()) / 1000
    for row in range(episodes.count):
        contact = first_contact(record, episodes.others, row)
        if contact is None:
            continue
        tally.collisions += 1
        if not contact.at_fault:
            continue
        tally.moving += 1
        if avoidable(record, episodes.others, row, contact, float(episodes.motion.brake_max[row])):
            tally.avoidable += 1
            tally.by[NAMES[int(episodes.others.kind[row, contact.slot])]] += 1
            tally.rows.append(row)


def batch(seed: int, count: int) -> tuple[Tally, Tally, float]:
    """(with the layer, without it, seconds of CPU with it)."""
    with_layer, without = Tally(), Tally()
    began = time.process_time()
    guarded = drive(seed, count, layer=True)
    spent = time.process_time() - began
    judge(*guarded, with_layer)
    judge(*drive(seed, count, layer=False), without)
    return with_layer, without, spent


def run(episodes: int, seed: int, processes: int) -> tuple[Tally, Tally, float]:
    """(with the layer, without it, microseconds of CPU a tick of one car, its world included)."""
    with_layer, without, spent = Tally(), Tally(), 0.0
    starts = range(0, episodes, BATCH)
    counts = [min(BATCH, episodes - start) for start in starts]
    with ProcessPoolExecutor(processes) as pool:
        for guarded, free, seconds in pool.map(batch, [seed + start for start in starts], counts):
            with_layer.add(guarded)
            without.add(free)
            spent += seconds
            print(f"{with_layer.avoidable} avoidable with the layer, {without.avoidable} without", flush=True)
    return with_layer, without, 1e6 * spent / (episodes * (STEPS + 1))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--episodes", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--processes", type=int, default=2)
    options = parser.parse_args()
    guarded, free, cost = run(options.episodes, options.seed, options.processes)
    figures: dict[str, float | int | str] = {
        "episodes": options.episodes,
        "seconds_each": round((STEPS + 1) * TICK_S, 1),
        "with_layer_avoidable_at_fault": guarded.avoidable,
        "with_layer_moving_contacts": guarded.moving,
        "with_layer_contacts": guarded.collisions,
        "with_layer_km": round(guarded.km, 1),
        "without_layer_avoidable_at_fault": free.avoidable,
        "without_layer_moving_contacts": free.moving,
        "without_layer_contacts": free.collisions,
        "without_layer_km": round(free.km, 1),
        "upper_95_per_episode": round(3.0 / options.episodes, 6) if guarded.avoidable == 0 else "",
        "tick_cpu_us": round(cost),
    }
    figures |= {f"without_layer_hit_{name}": free.by[name] for name in NAMES}
    for name, value in figures.items():
        print(f"{name}: {value}")
    report.write(
        "safety",
        figures,
        "A hostile policy for 9 s an episode, with the safety layer and without. Avoidable: from the moment that became"
        " dangerous by RSS on, rolled out independently of the layer, an answer existed that touches nobody. upper_95: "
        "rule of three.",
    )


if __name__ == "__main__":
    main()
