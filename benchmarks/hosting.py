"""What hosting costs and keeps: the engine's own time, latency by number of cars, behaviour under overload, memory.

python -m benchmarks.hosting [--release vla-2.0] [--hour]
Pictures are made beforehand (noise), so that network and engine alone are measured; `benchmarks.realtime` has the whole
car. `--hour`: the memory of the process before and after an hour of driving at 5 Hz (18,000 looks).
"""

import argparse
import gc
import os
import tempfile
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from autonomy.hosting import Engine, HostingLimits
from autonomy.hosting.network import Memory, Network
from autonomy.model.config import ModelConfig
from autonomy.model.release import build, save_release
from autonomy.policy.registry import RELEASES, releases
from autonomy.policy.vla import load_network, use_threads
from autonomy.sim.errands import Errands
from autonomy.sim.grid import grid_town
from autonomy.sim.roads import RoadMap
from autonomy.sim.world import World
from autonomy.world.action import ACTION_STEPS, Action
from autonomy.world.camera import CAMERA_NAMES, FRAME_HEIGHT, FRAME_WIDTH
from autonomy.world.observation import CameraFrames, Observation
from benchmarks import report

PERIOD_S = 0.2
Figures = dict[str, float | int | str]


class Free:
    """A network that costs nothing: what is left is the engine."""

    release = "free"
    calibration: dict[str, float] = {}  # noqa: RUF012 - never changed

    def empty_memory(self, rows: int) -> Memory:
        return {"ring": np.zeros((rows, 15, 8, 64), dtype=np.float32)}

    def step(
        self, observations: Sequence[Observation], memory: Memory, *, in_words: Sequence[bool]
    ) -> tuple[list[Action], Memory]:
        plan = np.zeros((ACTION_STEPS, 4))
        return [Action(seen.car_id, seen.time_s, plan) for seen in observations], memory

    def warm_up(self, batch: int) -> None:
        """Nothing to warm up."""


def cars_of(count: int) -> list[Observation]:
    """What so many cars see; the pictures are noise."""
    world = World(RoadMap.from_arrays(grid_town()), seed=1)
    errands = Errands(world, 1)
    ids = errands.add_cars(min(count, 64))
    errands.tick()
    random = np.random.default_rng(1)
    seen = world.observe(ids)
    shape = (len(CAMERA_NAMES), 3, FRAME_HEIGHT, FRAME_WIDTH)
    return [
        replace(
            seen[k % len(seen)],
            car_id=f"car-{k}",
            frames=CameraFrames(random.integers(0, 256, shape, dtype=np.uint8), CAMERA_NAMES, 0.0),
        )
        for k in range(count)
    ]


def engine_of(network: Network, seen: Sequence[Observation], limits: HostingLimits | None = None) -> Engine:
    engine = Engine({network.release: network}, limits=limits)
    for look in seen:
        engine.assign(look.car_id, network.release)
    return engine


def own_cost(seen: Sequence[Observation]) -> Figures:
    """Microseconds of the engine for each look, all of them in one batch."""
    figures: Figures = {}
    for cars in (1, 16, 64):
        engine = engine_of(Free(), seen[:cars])
        began = time.perf_counter()
        rounds = 400
        for _ in range(rounds):
            engine.submit(seen[:cars])
            engine.catch_up()
            engine.collect()
        figures[f"engine_us_a_look_{cars}_cars"] = round(1e6 * (time.perf_counter() - began) / rounds / cars, 1)
    return figures


def paced(engine: Engine, seen: Sequence[Observation], seconds: float) -> None:
    """Hand over what all cars see every 200 ms, as the loop of the process does."""
    due = time.monotonic()
    until = due + seconds
    while due < until:
        engine.submit(seen)
        due += PERIOD_S
        while (left := due - time.monotonic()) > 0:
            engine.collect()
            time.sleep(min(left, 0.01))


def curve(network: Network, seen: Sequence[Observation], counts: Sequence[int], seconds: float) -> Figures:
    """Latency and misses at 5 Hz, by number of cars."""
    figures: Figures = {}
    for cars in counts:
        with engine_of(network, seen[:cars]) as engine:
            engine.warm_up((1, cars))
            paced(engine, seen[:cars], 2.0)
            engine.count_anew()
            cpu = time.process_time()
            paced(engine, seen[:cars], seconds)
            cpu = time.process_time() - cpu
            now = engine.snapshot().releases[network.release]
        asked = cars * seconds / PERIOD_S
        figures |= {
            f"cars_{cars}_latency_p50_ms": round(now.latency_p50_ms, 1),
            f"cars_{cars}_latency_p99_ms": round(now.latency_p99_ms, 1),
            f"cars_{cars}_missed_pct": round(100 * (now.missed + now.stale + now.replaced) / asked, 2),
            f"cars_{cars}_cpu_cores": round(cpu / seconds, 2),
        }
        print({name: value for name, value in figures.items() if name.startswith(f"cars_{cars}_")}, flush=True)
    return figures


class Slow(Free):
    """Takes 30 ms for a look, whatever the batch: 24 cars at 5 Hz are 3.6 times what it can do."""

    release = "slow"

    def step(
        self, observations: Sequence[Observation], memory: Memory, *, in_words: Sequence[bool]
    ) -> tuple[list[Action], Memory]:
        time.sleep(0.03 * len(observations))
        return super().step(observations, memory, in_words=in_words)


def overload(seen: Sequence[Observation]) -> Figures:
    """The age of answers when 24 cars ask for 3.6 times of what there is: queue of one against a queue of all."""
    limits = HostingLimits(stale_s=1.5, hang_s=10.0, batch=4)
    with engine_of(Slow(), seen[:24], limits) as engine:
        paced(engine, seen[:24], 8.0)
        now = engine.snapshot().releases["slow"]
    # Everything that was asked is answered in turn: 120 looks a second come, 33 go.
    queue: deque[float] = deque()
    ages = []
    for tick in range(40):
        queue.extend([tick * PERIOD_S] * 24)
        for _ in range(round(PERIOD_S / 0.03)):
            ages.append((tick + 1) * PERIOD_S - queue.popleft())
    return {
        "overload_queue_of_one_p99_ms": round(now.latency_p99_ms),
        "overload_queue_of_all_p99_ms": round(1000 * float(np.percentile(ages, 99))),
        "overload_dropped_pct": round(100 * (now.replaced + now.stale) / (now.replaced + now.stale + now.answers), 1),
    }


def mend(seen: Sequence[Observation]) -> Figures:
    """From the begin of a hang to the first answer of the next thread."""

    class Hangs(Free):
        hang = True

        def step(
            self, observations: Sequence[Observation], memory: Memory, *, in_words: Sequence[bool]
        ) -> tuple[list[Action], Memory]:
            if self.hang:
                type(self).hang = False
                time.sleep(30.0)
            return super().step(observations, memory, in_words=in_words)

    engine = engine_of(Hangs(), seen[:1])
    engine.start()
    began = time.monotonic()
    while not engine.snapshot().releases["free"].answers and time.monotonic() - began < 20:
        engine.submit(seen[:1])
        engine.collect()
        time.sleep(0.05)
    return {"hang_to_next_answer_s": round(time.monotonic() - began, 2), "hang_restarts": engine.restarts}


def memory(network: Network, seen: Sequence[Observation], looks: int) -> Figures:
    """Resident memory of the process before and after so many looks of one car with a fleet of eight instances."""
    engine = engine_of(network, seen[:8])

    def drive(count: int) -> float:
        for k in range(count):
            engine.submit([replace(seen[k % 8], time_s=PERIOD_S * k)])
            engine.catch_up()
            engine.collect()
        gc.collect()
        return _resident_mib()

    settled = drive(1000)
    after = drive(looks)
    return {"memory_looks": looks, "memory_before_mib": round(settled, 1), "memory_after_mib": round(after, 1)}


def _resident_mib() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--release", default="vla-2.0")
    parser.add_argument("--counts", default="1,8,16,32,64", help="cars of the latency curve")
    parser.add_argument("--seconds", type=float, default=10.0, help="of each point of the curve")
    parser.add_argument("--threads", type=int, default=1, help="of the network (default 1)")
    parser.add_argument("--hour", action="store_true", help="memory over an hour of driving (default: six minutes)")
    options = parser.parse_args()
    use_threads(options.threads)
    seen = cars_of(64)
    shipped = options.release in releases()
    with tempfile.TemporaryDirectory() as scratch:
        folder = RELEASES if shipped else Path(scratch)
        if not shipped:
            save_release(folder / options.release, build(ModelConfig.of(options.release)), {})
        network = load_network(folder / options.release)
        figures: Figures = {
            "release": options.release if shipped else f"{options.release} with random weights",
            "threads": options.threads,
            "load_before": round(os.getloadavg()[0], 2),
        }
        figures |= own_cost(seen)
        figures |= curve(network, seen, [int(part) for part in options.counts.split(",")], options.seconds)
        figures |= overload(seen)
        figures |= mend(seen)
        figures |= memory(network, seen, 18_000 if options.hour else 1_800)
    for name, value in figures.items():
        print(f"{name}: {value}")
    report.write("hosting", figures, __doc__ or "")


if __name__ == "__main__":
    main()
