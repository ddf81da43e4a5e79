"""How many cars drive by cameras in real time on this machine: world, pictures, network, safety layer in one process.

python -m benchmarks.realtime [--cars 12,16,24,32] [--seconds 20] [--release vla-2.0] [--map MAP.npz]
Cars on a release at 5 Hz beside fleet cars on rules at 10 Hz and traffic of the world's own. Paced by the clock: what
the machine can't keep up with is dropped and counted. A row counts as real time when at most 1 % of the answers miss
their deadline of 200 ms and less than 1 % of the world's time is dropped.
"""

import argparse
import os
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from autonomy.agent.driver import Driver, Learned
from autonomy.agent.eyes import Camerawork, Eyes
from autonomy.agent.pace import Pace
from autonomy.hosting import Engine
from autonomy.hosting.opening import open_engine
from autonomy.model.config import ModelConfig
from autonomy.model.release import build, save_release
from autonomy.policy.registry import RELEASES, RULES, Post, releases
from autonomy.policy.rules import RulesPolicy
from autonomy.policy.vla import load_network, use_threads
from autonomy.safety.layer import Safety
from autonomy.sim.errands import Errands
from autonomy.sim.grid import grid_town
from autonomy.sim.population import populate
from autonomy.sim.roads import RoadMap
from autonomy.sim.world import World
from benchmarks import report

STEP_S = 0.1
SETTLE_S = 4.0


@dataclass(frozen=True)
class Row:
    cars: int
    answers_a_car_hz: float
    latency_p50_ms: float
    latency_p99_ms: float
    draw_p50_ms: float
    step_p50_ms: float
    missed_pct: float
    dropped_pct: float
    cpu_cores: float

    @property
    def real_time(self) -> bool:
        return self.missed_pct <= 1.0 and self.dropped_pct < 1.0 and self.answers_a_car_hz > 4.9


def drive(
    road_map: RoadMap, folder: Path, release: str, *, cars: int, rules: int, traffic: bool, seconds: float
) -> Row:
    """One run: `cars` by the release, `rules` fleet cars by rules."""
    world = World(road_map, seed=1)
    errands = Errands(world, 1)
    ids = errands.add_cars(cars + rules)
    if traffic:
        populate(world, seed=1, vehicles=20, pedestrians=40, cyclists=5, parked=20)
    posts = {car_id: Post(release if k < cars else RULES) for k, car_id in enumerate(ids)}
    engine = open_engine(posts, releases=folder, load=load_network)
    safety = Safety()
    driver = Driver(
        world, RulesPolicy(), safety, ids, learned=Learned(engine, Eyes(world.scene, Camerawork(world)), posts)
    )
    with engine:
        _run(driver, errands, SETTLE_S)
        engine.count_anew()
        cpu, began = time.process_time(), time.monotonic()
        dropped_s = _run(driver, errands, seconds)
        wall = time.monotonic() - began
        cpu = time.process_time() - cpu
        return _row(engine, release, cars=cars, wall=wall, dropped_s=dropped_s, cpu=cpu)


def _run(driver: Driver, errands: Errands, seconds: float) -> float:
    """Drive in step with the clock. Returns the world time that was dropped."""
    pace = Pace(step_s=STEP_S, factor=1.0, now_s=time.monotonic())
    until = time.monotonic() + seconds
    while (now := time.monotonic()) < until:
        for _ in range(pace.due(now)):
            errands.tick()
            driver.step(STEP_S)
        time.sleep(0.005)
    return pace.dropped_s


def _row(engine: Engine, release: str, *, cars: int, wall: float, dropped_s: float, cpu: float) -> Row:
    now = engine.snapshot().releases[release]
    given = now.answers
    asked = cars * wall * 5.0
    return Row(
        cars=cars,
        answers_a_car_hz=round(given / wall / cars, 2),
        latency_p50_ms=round(now.latency_p50_ms, 1),
        latency_p99_ms=round(now.latency_p99_ms, 1),
        draw_p50_ms=round(now.draw_p50_ms, 1),
        step_p50_ms=round(now.step_p50_ms, 1),
        missed_pct=round(100 * (now.missed + max(0.0, asked - given - 2 * cars)) / asked, 2),
        dropped_pct=round(100 * dropped_s / wall, 2),
        cpu_cores=round(cpu / wall, 2),
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cars", default="8,12,16,24,32,40", help="cars by the release, one run each")
    parser.add_argument("--rules", type=int, default=0, help="fleet cars by rules beside them")
    parser.add_argument("--no-traffic", action="store_true", help="nobody else on the streets")
    parser.add_argument("--seconds", type=float, default=20.0, help="of each run")
    parser.add_argument("--release", default="vla-2.0")
    parser.add_argument("--map", help="exported map (.npz); default: a chequerboard town")
    parser.add_argument("--threads", type=int, default=1, help="of the network (default 1)")
    options = parser.parse_args()
    use_threads(options.threads)
    road_map = RoadMap.load(options.map) if options.map else RoadMap.from_arrays(grid_town())
    shipped = options.release in releases()
    with tempfile.TemporaryDirectory() as scratch:
        folder = RELEASES if shipped else Path(scratch)
        if not shipped:  # the same work, nonsense plans
            save_release(folder / options.release, build(ModelConfig.of(options.release)), {})
        rows = []
        for cars in (int(part) for part in options.cars.split(",")):
            rows.append(
                drive(
                    road_map,
                    folder,
                    options.release,
                    cars=cars,
                    rules=options.rules,
                    traffic=not options.no_traffic,
                    seconds=options.seconds,
                )
            )
            print(rows[-1], flush=True)
    best = max((row.cars for row in rows if row.real_time), default=0)
    figures: dict[str, float | int | str] = {
        "release": options.release if shipped else f"{options.release} with random weights",
        "map": Path(options.map).name if options.map else "grid 5x5",
        "cars_in_real_time": best,
        "cars_on_rules_beside": options.rules,
        "traffic": "none" if options.no_traffic else "20 vehicles, 40 pedestrians, 5 cyclists, 20 parked",
        "load_before": round(os.getloadavg()[0], 2),
    }
    for row in rows:
        named = f"cars_{row.cars}"
        figures |= {f"{named}_{name}": value for name, value in vars(row).items() if name != "cars"}
    print(f"cars in real time: {best}")
    report.write("realtime", figures, __doc__ or "")


if __name__ == "__main__":
    main()
