"""Makes one shard: sets up the world, the driver and the teacher, and records."""

from pathlib import Path

import numpy as np

from autonomy.policy.base import Policy
from autonomy.policy.teacher import Teacher
from autonomy.sim.roads import RoadMap
from autonomy.train.collect import Collector, Progress, meta_of
from autonomy.train.counterfactuals import Asker
from autonomy.train.drives import Drive, PlainDrive
from autonomy.train.noise import Disturbance, Noise
from autonomy.train.rounds import Job
from autonomy.train.shards import ShardWriter

VARIANTS = {"plain": 0.08, "scenario": 0.25, "order": 0.5, "limit": 0.05}


def run_job(root: Path, job: Job, progress: Progress | None = None) -> str:
    """Returns the job's name."""
    writer = ShardWriter(
        root / job.name, meta_of(job.source, job.seed, job.release or "teacher", {"map": job.road_map})
    )
    driver = _driver(job)
    random = np.random.default_rng([job.seed, 5])
    collector = Collector(
        course_of(job),
        writer,
        teacher=Teacher(),
        driver=driver,
        noise=Noise(Disturbance(), job.seed),
        asker=Asker(random, every=VARIANTS[job.source]),
        doubts=getattr(driver, "doubts", None),
    )
    collector.run(job.pictures, progress)
    writer.close()
    return job.name


def _driver(job: Job) -> Policy | None:
    if not job.release:
        return None
    from autonomy.train.pilot import Pilot  # torch is needed only where a network drives

    return Pilot(Path(job.release))


def course_of(job: Job) -> Drive:
    """The world of a job."""
    road_map = RoadMap.load(job.road_map)
    if job.source == "scenario":
        from autonomy.train.stages import ScenarioDrive

        return ScenarioDrive(road_map, seed=job.seed, cars=job.cars)
    return PlainDrive(road_map, seed=job.seed, cars=job.cars, orders=job.source == "order", limit=job.source == "limit")
