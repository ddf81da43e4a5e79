"""What hosting counts, by release: latencies, missed deadlines, batch sizes, dropped pictures."""

from collections import Counter, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

WINDOW = 4096  # latest answers that percentiles are taken of


@dataclass(frozen=True, slots=True)
class ReleaseFigures:
    """Milliseconds over the latest answers; counts since the start. latency: from handing a picture over to the answer;
    step: the network's own time for a batch; draw: of its pictures, where they were drawn here; batches: how many by
    size; disagreement: of a shadow release (m)."""

    latency_p50_ms: float
    latency_p99_ms: float
    step_p50_ms: float
    step_p99_ms: float
    draw_p50_ms: float
    draw_p99_ms: float
    answers: int
    missed: int
    replaced: int
    stale: int
    faulty: int
    failed: int
    batches: Mapping[int, int]
    disagreement_mean_m: float | None


@dataclass(frozen=True, slots=True)
class Spent:
    """Wall time of one batch: on its pictures and in the network."""

    draw_s: float
    step_s: float


@dataclass(frozen=True, slots=True)
class Snapshot:
    """instances: cars by release (shadows counted apart); restarts: worker threads given up; alive: answers come."""

    releases: Mapping[str, ReleaseFigures]
    instances: Mapping[str, int]
    shadows: Mapping[str, int]
    restarts: int
    alive: bool


@dataclass(eq=False)
class Meter:
    """Counts of one release. Written by the worker, read by anybody: each entry is written whole."""

    latency_s: deque[float] = field(default_factory=lambda: deque(maxlen=WINDOW))
    step_s: deque[float] = field(default_factory=lambda: deque(maxlen=WINDOW))
    draw_s: deque[float] = field(default_factory=lambda: deque(maxlen=WINDOW))
    disagreement_m: deque[float] = field(default_factory=lambda: deque(maxlen=WINDOW))
    batches: Counter[int] = field(default_factory=Counter)
    answers: int = 0
    missed: int = 0
    replaced: int = 0
    stale: int = 0
    faulty: int = 0
    failed: int = 0

    def figures(self) -> ReleaseFigures:
        p50, p99 = _percentiles(self.latency_s)
        step50, step99 = _percentiles(self.step_s)
        draw50, draw99 = _percentiles(self.draw_s)
        apart = list(self.disagreement_m)
        return ReleaseFigures(
            latency_p50_ms=p50,
            latency_p99_ms=p99,
            step_p50_ms=step50,
            step_p99_ms=step99,
            draw_p50_ms=draw50,
            draw_p99_ms=draw99,
            answers=self.answers,
            missed=self.missed,
            replaced=self.replaced,
            stale=self.stale,
            faulty=self.faulty,
            failed=self.failed,
            batches=dict(sorted(self.batches.items())),
            disagreement_mean_m=float(np.mean(apart)) if apart else None,
        )


def _percentiles(seconds: Sequence[float]) -> tuple[float, float]:
    """p50 and p99 in milliseconds, 0 without any."""
    values = list(seconds)
    if not values:
        return 0.0, 0.0
    p50, p99 = np.percentile(values, [50, 99])
    return 1000 * float(p50), 1000 * float(p99)


_TIMES = {
    "latency": "From handing a picture over to the answer.",
    "step": "The network's own time for a batch.",
    "draw": "Time for the pictures of a batch.",
}
_COUNTERS = {
    "answers": "Answers given in time to be used.",
    "missed": "Answers after their deadline.",
    "replaced": "Pictures dropped because a later one came before they were looked at.",
    "stale": "Pictures and answers dropped because they were too old.",
    "faulty": "Answers that were not finite numbers.",
    "failed": "Calls of the network that raised an error.",
}


def prometheus(snapshot: Snapshot) -> str:
    """Prometheus' text exposition format 0.0.4."""
    lines: list[str] = []

    def family(name: str, kind: str, text: str, samples: Sequence[tuple[str, float]]) -> None:
        lines.extend([f"# HELP {name} {text}", f"# TYPE {name} {kind}"])
        lines.extend(f"{name}{labels} {value:.10g}" for labels, value in samples)

    releases = snapshot.releases.items()
    for what, text in _TIMES.items():
        samples = [
            (f'{{release="{name}",quantile="0.{part}"}}', getattr(figures, f"{what}_p{part}_ms") / 1000)
            for name, figures in releases
            for part in (50, 99)
        ]
        family(f"hansom_policy_{what}_seconds", "gauge", text, samples)
    for counter, text in _COUNTERS.items():
        values = [(f'{{release="{name}"}}', float(getattr(figures, counter))) for name, figures in releases]
        family(f"hansom_policy_{counter}_total", "counter", text, values)
    sizes = [
        (f'{{release="{name}",size="{size}"}}', float(count))
        for name, figures in releases
        for size, count in figures.batches.items()
    ]
    family("hansom_policy_batches_total", "counter", "Calls of the network by number of cars.", sizes)
    cars = [(f'{{release="{name}",role="drives"}}', float(n)) for name, n in snapshot.instances.items()]
    cars += [(f'{{release="{name}",role="shadow"}}', float(n)) for name, n in snapshot.shadows.items()]
    family("hansom_policy_cars", "gauge", "Policy instances.", cars)
    apart = [
        (f'{{release="{name}"}}', figures.disagreement_mean_m)
        for name, figures in releases
        if figures.disagreement_mean_m is not None
    ]
    family("hansom_policy_shadow_disagreement_metres", "gauge", "Mean distance from the driven plan.", apart)
    family("hansom_policy_restarts_total", "counter", "Worker threads given up.", [("", float(snapshot.restarts))])
    family("hansom_policy_alive", "gauge", "1 while answers can come.", [("", float(snapshot.alive))])
    return "\n".join(lines) + "\n"
