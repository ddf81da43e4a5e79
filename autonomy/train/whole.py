"""The whole way from nothing to a release, in rounds; or one stage of it."""

import argparse
from dataclasses import replace
from pathlib import Path

import torch

from autonomy.model.config import ModelConfig
from autonomy.train import rounds, session
from autonomy.train.drives import training_maps
from autonomy.train.learn import Recipe
from autonomy.train.rounds import Job, Mixture
from autonomy.train.schedule import Rate
from autonomy.train.session import Say, Session

VALIDATION_ROUND = 90
VALIDATION_PART = 0.06


def train(options: argparse.Namespace, mixture: Mixture, say: Say) -> None:
    """Raises ValueError for bad input."""
    torch.set_num_threads(max(options.threads, 1))
    if options.stage == "collect":
        driver = "" if options.driver is None else str(options.driver)
        collect(options, mixture, options.round, driver, say)
        return
    plan = session_of(options)
    if options.stage == "learn":
        session.learn(plan, say)
    elif options.stage == "all":
        all_rounds(options, mixture, plan, say)
    if options.stage in ("all", "release") or options.publish is not None:
        from autonomy.train.finish import finish

        folder = options.publish or plan.run / "release"
        finish(plan, session.restored(plan), folder, say, count=options.calibration)


def all_rounds(options: argparse.Namespace, mixture: Mixture, plan: Session, say: Say) -> None:
    """The teacher's round, then the rounds in which the learned driver drives; learning is spread evenly over them."""
    count = options.rounds + 1
    if options.minutes is None and options.updates is None:
        options.minutes = 120.0
    for number in range(count):
        driver = "" if number == 0 else str(plan.run / "release")
        collect(options, mixture, number, driver, say)
        part = (number + 1) / count
        last = number == count - 1
        session.learn(
            replace(
                plan,
                minutes=None if options.minutes is None else options.minutes * part,
                updates=None if options.updates is None else max(round(options.updates * part), 1),
                recipe=plan.recipe if last else replace(plan.recipe, rate=replace(plan.recipe.rate, descent=0.0)),
            ),
            say,
        )


def collect(options: argparse.Namespace, mixture: Mixture, number: int, driver: str, say: Say) -> None:
    """One round's shards; with the first round also those for validation, from a map of their own."""
    maps = training_maps(options.maps)
    own, kept = (maps[:-1], maps[-1:]) if len(maps) > 1 else (maps, maps)
    pictures = options.pictures if number == 0 else options.round_pictures
    made = {"shard_pictures": options.shard_pictures, "cars": options.cars, "seed": options.seed, "mixture": mixture}
    wanted = rounds.jobs(number, own, pictures=pictures, release=driver, **made)
    if number == 0:
        held = rounds.jobs(
            VALIDATION_ROUND, kept, pictures=max(round(pictures * VALIDATION_PART), options.shard_pictures * 2), **made
        )
        _make(options.data / "val", held, options.workers, say)
    _make(options.data / "train", wanted, options.workers, say)


def _make(root: Path, wanted: list[Job], workers: int, say: Say) -> None:
    left = len(rounds.missing(root, wanted))
    say(f"{root}: {len(wanted) - left} of {len(wanted)} shards are there")
    if left:
        for name in rounds.make(root, wanted, workers=workers):
            say(f"{root.name}/{name}")


def session_of(options: argparse.Namespace) -> Session:
    """The session that the options describe."""
    recipe = Recipe(seed=options.seed, rate=Rate(peak=options.peak))
    return Session(
        data=options.data,
        run=options.run_folder or Path("var/training/runs") / options.model,
        config=ModelConfig.of(options.model),
        recipe=recipe,
        minutes=options.minutes,
        updates=options.updates,
        follow=options.follow,
    )
