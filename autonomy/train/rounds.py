"""Rounds of data: first the teacher drives, then the learned driver does and the teacher corrects.

Every shard is one job, named after what it is made of; a shard that is finished is not made again, so a run that was
stopped goes on where it was.
"""

import hashlib
import json
import multiprocessing
import os
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from autonomy.train.shards import finished

SOURCES = ("plain", "scenario", "order", "limit")


@dataclass(frozen=True, slots=True)
class Mixture:
    """The part of the pictures that each source gives."""

    plain: float = 0.6
    scenario: float = 0.2
    order: float = 0.15
    limit: float = 0.05


@dataclass(frozen=True, slots=True)
class Job:
    """One shard to make. release: directory of the release that drives; "" for the teacher."""

    name: str
    source: str
    seed: int
    road_map: str
    cars: int
    pictures: int
    release: str = ""


def jobs(
    round_number: int,
    maps: Sequence[Path],
    *,
    pictures: int,
    shard_pictures: int,
    cars: int,
    seed: int,
    release: str = "",
    mixture: Mixture | None = None,
) -> list[Job]:
    """The shards of a round, in an order in which every prefix is a fair mixture."""
    if not maps:
        raise ValueError("maps: none to drive on")
    parts = asdict(mixture or Mixture())
    total = sum(parts.values())
    made: list[tuple[float, Job]] = []
    for source in SOURCES:
        count = round(pictures * parts[source] / total / shard_pictures)
        for number in range(count):
            own = (seed * 1000 + round_number) * 1000 + SOURCES.index(source) * 200 + number
            pick = int(np.random.default_rng(own).integers(len(maps)))
            name = f"r{round_number:02d}-{source}-{number:02d}"
            job = Job(name, source, own, str(maps[pick]), cars, shard_pictures, release)
            made.append(((number + 0.5) / count, job))
    return [job for _, job in sorted(made, key=lambda pair: (pair[0], pair[1].name))]


def missing(root: Path, wanted: Sequence[Job]) -> list[Job]:
    """Jobs without a finished shard. A shard of that name from another map, seed or size is an error: ValueError."""
    have = {path.name: json.loads((path / "shard.json").read_text()) for path in finished(root)}
    left = []
    for job in wanted:
        meta = have.get(job.name)
        if meta is None:
            left.append(job)
        elif meta["seed"] != job.seed or meta["source"] != job.source:
            raise ValueError(f"shard: {root / job.name} is of seed {meta['seed']}, not {job.seed}; use another folder")
    return left


def make(root: Path, wanted: Sequence[Job], *, workers: int) -> list[str]:
    """Make what is missing in `workers` processes; returns the names that were made, in the order of their end."""
    left = missing(root, wanted)
    if not left:
        return []
    if workers <= 1:
        from autonomy.train.jobs import run_job

        return [run_job(root, job) for job in left]
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=context, initializer=_one_thread) as pool:
        running = [pool.submit(_run, str(root), asdict(job)) for job in left]
        return [done.result() for done in as_completed(running)]


def _one_thread() -> None:
    os.environ["OMP_NUM_THREADS"] = "1"


def _run(root: str, job: dict[str, object]) -> str:
    from autonomy.train.jobs import run_job  # here and not above: only the worker loads world, renderer and network

    return run_job(Path(root), Job(**job))  # type: ignore[arg-type]  # written by asdict a moment ago


def data_digest(root: Path) -> str:
    """sha256 over the digests of all finished shards, by name."""
    hasher = hashlib.sha256()
    for path in finished(root):
        meta = json.loads((path / "shard.json").read_text())
        hasher.update(f"{path.name}:{meta['digest']}\n".encode())
    return hasher.hexdigest()
