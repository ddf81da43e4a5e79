"""One run of learning, from whatever is on disk to a release: follow the data, learn, measure, keep what is good.

A run is a folder: `checkpoint.safetensors`, `curve.jsonl`, `curve.png` and `release/`, the newest usable weights.
"""

import time
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch

from autonomy.model.config import ModelConfig
from autonomy.model.losses import clip_loss
from autonomy.model.release import build
from autonomy.train import plots
from autonomy.train.clips import Clips, Shares
from autonomy.train.feed import ahead, batches, to_tensors
from autonomy.train.learn import Learner, Recipe, Stage, curve, note, stops_early, validate
from autonomy.train.publish import write_release
from autonomy.train.schedule import Budget
from autonomy.train.shards import Arrays, finished, open_shard

Say = Callable[[str], None]
VALIDATION = "val"
HELD_OUT_PICTURES, HELD_OUT_LENGTH = 64, 4
REFRESH = 8


@dataclass(frozen=True, slots=True)
class Session:
    """data: folder with shards in `train/` and `val/`; run: where the run is kept; minutes, updates: the budget;
    save_s: how often a checkpoint is written; rescan_s: how often new shards are looked for; follow: wait for shards
    that are still being made; more_data: False once the last shard was seen."""

    data: Path
    run: Path
    config: ModelConfig
    recipe: Recipe = field(default_factory=Recipe)
    shares: Shares = field(default_factory=Shares)
    minutes: float | None = None
    updates: int | None = None
    save_s: float = 120.0
    rescan_s: float = 30.0
    validation_batches: int = 12
    follow: bool = False


def training_clips(data: Path, length: int, shares: Shares) -> Clips:
    """Raises ValueError when there is nothing to learn from."""
    return Clips([open_shard(path) for path in finished(data / "train")], length=length, shares=shares)


def validation_clips(data: Path, length: int) -> Clips | None:
    """None where nothing was held out; variants are asked as often as in training."""
    paths = finished(data / VALIDATION)
    return Clips([open_shard(path) for path in paths], length=length) if paths else None


def learn(session: Session, say: Say) -> Learner:
    """Learn until the budget is used up or the held-out loss stops falling; goes on from a checkpoint."""
    recipe = session.recipe
    module = build(session.config, seed=recipe.seed).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    learner = Learner(module, clip_loss, recipe)
    if learner.load(session.run):
        say(f"goes on from update {learner.updates}")
    budget = Budget(updates=session.updates, minutes=session.minutes, spent_s=learner.spent_s)
    if session.follow:
        _await_data(session, say)
    progress = budget.progress(learner.updates)
    stage = recipe.stage(progress)
    module.encoder.settled = stage.length > 1
    clips, source = _source(session, stage, learner.updates)
    held_out = validation_clips(session.data, min(stage.length, HELD_OUT_LENGTH))
    say(f"{clips.rows} pictures in {len(clips.shards)} shards")
    saved = scanned = time.monotonic()
    window: list[dict[str, float]] = []
    while progress < 1.0:
        window.append(learner.update(to_tensors(next(source)), progress))
        learner.spent_s = budget.spent_s
        progress = budget.progress(learner.updates)
        if learner.updates % recipe.validate_every == 0:
            learner.refresh(to_tensors(next(source)) for _ in range(REFRESH))
            stop = _measure(session, learner, held_out=held_out, window=window, clips=clips, say=say)
            window = []
            if stop:
                say("the held-out loss no longer falls")
                break
        now = time.monotonic()
        if now - saved >= session.save_s:
            keep(session, learner)
            saved = now
        if now - scanned >= session.rescan_s:
            scanned = now
            new = len(finished(session.data / "train")) != len(clips.shards)
            if new or recipe.stage(progress) != stage:
                stage = recipe.stage(progress)
                module.encoder.settled = stage.length > 1  # statistics of few drives at once would mislead
                source.close()
                clips, source = _source(session, stage, learner.updates)
                held_out = validation_clips(session.data, min(stage.length, HELD_OUT_LENGTH))
                say(f"{clips.rows} pictures in {len(clips.shards)} shards")
    learner.refresh(to_tensors(next(source)) for _ in range(4 * REFRESH))
    source.close()
    learner.spent_s = budget.spent_s
    keep(session, learner)
    return learner


def _source(session: Session, stage: Stage, first: int) -> tuple[Clips, Generator[Arrays, None, None]]:
    """The clips that are there now, and batches of them from update `first` on."""
    clips = training_clips(session.data, stage.length, session.shares)
    return clips, ahead(batches(clips, stage.batch, session.recipe.seed + 1, first=first))


def restored(session: Session) -> Learner:
    """What a run has learned so far. Raises ValueError where there is nothing."""
    learner = Learner(build(session.config, seed=session.recipe.seed), clip_loss, session.recipe)
    if not learner.load(session.run):
        raise ValueError(f"run: {session.run} has no checkpoint")
    return learner


def keep(session: Session, learner: Learner) -> None:
    """Checkpoint, curve and the release of the moment."""
    learner.save(session.run)
    plots.learning_curve(curve(session.run), session.run / "curve.png")
    write_release(session.run / "release", learner, session)


def _await_data(session: Session, say: Say) -> None:
    waits = 0
    while not finished(session.data / "train"):
        if waits % 12 == 0:
            say(f"waits for shards in {session.data / 'train'}")
        waits += 1
        time.sleep(5.0)


def _measure(
    session: Session,
    learner: Learner,
    *,
    held_out: Clips | None,
    window: list[dict[str, float]],
    clips: Clips,
    say: Say,
) -> bool:
    """One more row of the curve; True when it is time to stop."""
    mean = {name: float(np.mean([row[name] for row in window])) for name in window[0]}
    row: dict[str, float | int] = {
        "update": learner.updates,
        "minutes": round(learner.spent_s / 60, 3),
        "pictures": clips.rows,
        "rate": learner.optimiser.param_groups[0]["lr"],
        **{f"train_{name}": round(value, 5) for name, value in mean.items()},
    }
    stop = False
    if held_out is not None:
        batch = HELD_OUT_PICTURES // held_out.length
        found = validate(learner, held_out, batch=batch, count=session.validation_batches)
        row.update({f"val_{name}": round(value, 5) for name, value in found.items()})
        stop = stops_early(learner, found["loss"])
    note(session.run, row)
    shown = "  ".join(f"{name} {value:.3f}" for name, value in row.items() if name.split("_")[0] in ("train", "val"))
    say(f"update {learner.updates}  {row['minutes']:.1f} min  {shown}")
    return stop
