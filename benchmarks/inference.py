"""How much quicker VLA 2.0 answers than VLA 1.0: from bytes of pictures to trajectories, on one core.

python -m benchmarks.inference [--rounds 7]

Equal parameters, the same encoder, the same 16 pictures of history, and the same engineering on both sides: half
precision on the processor's matrix units, batching, keys and values of the context made once, a KV cache. Weights are
random: times do not depend on them. Times are CPU time of one thread, medians of rounds that take the networks in turn,
so that other work on the machine touches all of them alike. Every further row leaves one choice out, or gives the base
line one that such models do not have: features of its past pictures, kept from cycle to cycle.
"""

import argparse
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import torch

from autonomy.model.config import ModelConfig
from autonomy.model.driving import prepare
from autonomy.model.inputs import EGO_NAMES, EGO_SIZE, SPEED_SCALE, Inputs
from autonomy.model.memory import Memory
from autonomy.model.release import build, parameters
from autonomy.model.vla1 import Vla1
from autonomy.model.vla2 import Vla2
from autonomy.world.camera import CAMERA_NAMES, FRAME_HEIGHT, FRAME_WIDTH
from autonomy.world.observation import ROUTE_POINTS, ROUTE_SPACING_M
from benchmarks import report

BATCHES = (1, 64)


@dataclass(frozen=True)
class Contender:
    """A network and how it is run. `drive`: one cycle of all cars."""

    name: str
    drive: Callable[[], object]


class Rereading:
    """VLA 2.0 without streaming: its pictures are encoded anew in every cycle."""

    def __init__(self, module: Vla2, cars: int) -> None:
        self.module = module
        slots = module.config.history - 1
        self.frames = torch.randint(0, 256, (cars * slots, *picture_shape()), dtype=torch.uint8)

    def __call__(self, inputs: Inputs, memory: Memory) -> None:
        with torch.inference_mode():
            kept = self.module.context.kept(self.module.pool(self.module.encoder(self.frames)))
            memory.rows.copy_(kept.view_as(memory.rows))
        self.module.step(inputs, memory)


def picture_shape() -> tuple[int, int, int, int]:
    return (len(CAMERA_NAMES), 3, FRAME_HEIGHT, FRAME_WIDTH)


def inputs_of(cars: int) -> Inputs:
    """Noise for pictures, a straight road, an instruction of eight words."""
    ego = torch.zeros(cars, EGO_SIZE)
    ego[:, EGO_NAMES.index("speed")] = 8.0 / SPEED_SCALE
    ego[:, EGO_NAMES.index("limit")] = 10.0 / SPEED_SCALE
    ego[:, EGO_NAMES.index("stop")] = 1.0
    line = torch.stack([torch.arange(ROUTE_POINTS) * ROUTE_SPACING_M, torch.zeros(ROUTE_POINTS)], -1)
    pixels = torch.randint(0, 256, (cars, *picture_shape()), dtype=torch.uint8)
    return Inputs(pixels, ego, line.expand(cars, -1, -1).contiguous(), torch.full((cars, 9), 70))


def filled(module: Vla1 | Vla2, cars: int) -> Memory:
    """A memory as after a minute of driving."""
    memory = module.new_memory(cars)
    memory.seen += 300
    return memory


def ready(config: ModelConfig, *, precision: str = "bf16", cached: bool = False) -> Vla1 | Vla2:
    module = Vla1(config, cached=True) if cached else build(config)
    return prepare(module, precision=precision)


def contenders(cars: int) -> list[Contender]:
    newer, older = ModelConfig.of("vla-2.0"), ModelConfig.of("vla-1.0")
    seen = inputs_of(cars)

    def runner(name: str, module: Vla1 | Vla2) -> Contender:
        memory = filled(module, cars)
        return Contender(name, lambda: module.step(seen, memory))

    streaming = ready(newer)
    assert isinstance(streaming, Vla2)
    again, again_memory = Rereading(streaming, cars), filled(streaming, cars)
    found = [
        runner("vla2", streaming),
        runner("vla1", ready(older)),
        runner("vla1_cached_features", ready(older, cached=True)),
        Contender("vla2_rereads_its_pictures", lambda: again(seen, again_memory)),
        runner("vla2_fp32", ready(newer, precision="fp32")),
        runner("vla1_fp32", ready(older, precision="fp32")),
        runner("vla1_history_of_1", ready(replace(older, history=2), cached=True)),
    ]
    return found


def measure(rivals: Sequence[Contender], rounds: int, cycles: int) -> dict[str, float]:
    """Milliseconds a cycle of each, taken in turn for so many cycles."""
    for rival in rivals:
        rival.drive()
    times: dict[str, list[float]] = {rival.name: [] for rival in rivals}
    for _ in range(rounds):
        for rival in rivals:
            began = time.thread_time()
            for _ in range(cycles):
                rival.drive()
            times[rival.name].append(1000 * (time.thread_time() - began) / cycles)
    return {name: statistics.median(values) for name, values in times.items()}


def parts(cars: int, rounds: int) -> dict[str, float]:
    """Where VLA 2.0's time goes: milliseconds of encoding and of the rest."""
    module = ready(ModelConfig.of("vla-2.0"))
    seen = inputs_of(cars)

    def encode() -> None:
        with torch.inference_mode():
            module.encoder(seen.pixels)

    return measure([Contender("encoder", encode)], rounds, 3)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(0)
    newer, older = (parameters(build(ModelConfig.of(name))) for name in ("vla-2.0", "vla-1.0"))
    figures: dict[str, float | int | str] = {
        "vla2_parameters": newer,
        "vla1_parameters": older,
        "history_pictures": ModelConfig().history,
        "cameras": len(CAMERA_NAMES),
        "picture_px": f"{FRAME_WIDTH} x {FRAME_HEIGHT}",
        "threads": 1,
        "clock": "CPU time of the thread",
    }
    for cars in BATCHES:
        few = cars > 8
        took = measure(contenders(cars), options.rounds, 1 if few else 5)
        for name, milliseconds in took.items():
            figures[f"batch_{cars}_{name}_ms"] = round(milliseconds, 2)
        figures[f"batch_{cars}_vla2_encoder_ms"] = round(parts(cars, options.rounds)["encoder"], 2)
        figures |= ratios(cars, took)
    for name, value in figures.items():
        print(f"{name}: {value}")
    report.write("inference", figures, (__doc__ or "").split("\n\n", 2)[2])


def ratios(cars: int, took: dict[str, float]) -> dict[str, float | int | str]:
    """The ratio of the whole, and what it is without each choice."""
    pairs = {
        "ratio": ("vla1", "vla2"),
        "ratio_if_vla1_caches_its_features": ("vla1_cached_features", "vla2"),
        "ratio_without_streaming_in_vla2": ("vla1", "vla2_rereads_its_pictures"),
        "ratio_both_fp32": ("vla1_fp32", "vla2_fp32"),
        "gain_of_streaming": ("vla2_rereads_its_pictures", "vla2"),
        "gain_of_parallel_decoding": ("vla1_cached_features", "vla2"),
        "gain_of_bf16": ("vla2_fp32", "vla2"),
    }
    found: dict[str, float | int | str] = {
        f"batch_{cars}_{name}": round(took[slow] / took[fast], 2)
        for name, (slow, fast) in pairs.items()
        if slow in took and fast in took
    }
    slow_best, fast_best = (min(took[f"{name}{how}"] for how in ("", "_fp32")) for name in ("vla1", "vla2"))
    return {**found, f"batch_{cars}_ratio_each_in_its_quickest_form": round(slow_best / fast_best, 2)}


if __name__ == "__main__":
    main()
