"""What the kinematic world costs: CPU of a tick and of a second, by number of cars and time factor.

python -m benchmarks.world [--map MAP.npz] [--minutes 3] [--hour]
`--hour` also drives 60 cars for an hour of world time through a small town: nobody may collide or stand for ever.
"""

import argparse
import time
from dataclasses import dataclass

from autonomy.policy.rules import RulesPolicy
from autonomy.safety.layer import Safety
from autonomy.sim.collisions import collisions
from autonomy.sim.errands import Errands
from autonomy.sim.grid import grid_town
from autonomy.sim.roads import RoadMap
from autonomy.sim.world import World
from benchmarks import report

TICK_S = 0.1


@dataclass
class Outcome:
    cpu_ms_a_tick: float
    errands: int
    km: float
    touched: int
    longest_wait_s: float
    digest: str


def drive(road_map: RoadMap, cars: int, minutes: float, *, watch: bool = False) -> Outcome:
    """Drive random errands. CPU counts observe, act, safety and step; giving errands and watching do not."""
    world = World(road_map, seed=1)
    errands = Errands(world, 1)
    ids = errands.add_cars(cars)
    policy, safety = RulesPolicy(), Safety()
    touched: set[tuple[str, str]] = set()
    moved = dict.fromkeys(ids, (0.0, 0.0))
    longest = cpu = 0.0
    ticks = round(minutes * 60 / TICK_S)
    for tick in range(ticks):
        errands.tick()
        began = time.process_time()
        seen = world.observe(ids)
        world.act(*safety.check(seen, policy.act(seen)))
        world.step(TICK_S)
        cpu += time.process_time() - began
        if watch and tick % 5 == 0:
            touched |= collisions(world)
            longest = max(longest, _wait(world, errands, moved))
    km = float(world.fleet.odometer.sum()) / 1000
    return Outcome(1000 * cpu / ticks, errands.done, km, len(touched), longest, world.digest())


def _wait(world: World, errands: Errands, moved: dict[str, tuple[float, float]]) -> float:
    longest = 0.0
    for car_id, car in world.cars.items():
        odometer = float(world.fleet.odometer[car.index])
        if odometer > moved[car_id][1] + 0.5 or car_id in errands.leaves_s:
            moved[car_id] = (world.time_s, odometer)
        longest = max(longest, world.time_s - moved[car_id][0])
    return longest


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--map", help="exported map (.npz); default: a chequerboard town")
    parser.add_argument("--minutes", type=float, default=3.0, help="world time of each run")
    parser.add_argument("--hour", action="store_true", help="also the hour of 60 cars in a small town")
    options = parser.parse_args()
    road_map = RoadMap.load(options.map) if options.map else RoadMap.from_arrays(grid_town())
    small, large = drive(road_map, 30, options.minutes), drive(road_map, 60, options.minutes)
    figures: dict[str, float | int | str] = {
        "map": "exported" if options.map else "grid 5x5",
        "edges": road_map.edge_count,
        "tick_30_cars_cpu_ms": round(small.cpu_ms_a_tick, 2),
        "core_share_30_cars_factor_1_pct": round(small.cpu_ms_a_tick / TICK_S / 10, 2),
        "tick_60_cars_cpu_ms": round(large.cpu_ms_a_tick, 2),
        "core_share_60_cars_factor_10_pct": round(large.cpu_ms_a_tick / TICK_S, 1),
    }
    if options.hour:
        hour = drive(RoadMap.from_arrays(grid_town()), 60, 60.0, watch=True)
        figures |= {
            "hour_60_cars_errands": hour.errands,
            "hour_60_cars_km": round(hour.km, 1),
            "hour_60_cars_collisions": hour.touched,
            "hour_60_cars_longest_wait_s": round(hour.longest_wait_s),
            "hour_60_cars_tick_cpu_ms": round(hour.cpu_ms_a_tick, 2),
        }
    for name, value in figures.items():
        print(f"{name}: {value}")
    report.write("world", figures, "CPU time of observe, rules policy, safety layer and step at 10 Hz of world time.")


if __name__ == "__main__":
    main()
