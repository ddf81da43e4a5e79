"""The last step of a run: calibrate on held-out drives and write the release."""

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray

from autonomy.model.answers import uncertainty
from autonomy.model.driving import prepare
from autonomy.model.inputs import Inputs
from autonomy.model.release import load_release
from autonomy.train.calibrate import Calibration, calibrate, error_scale
from autonomy.train.clips import Clips, Shares
from autonomy.train.feed import batches, to_tensors
from autonomy.train.publish import write_release
from autonomy.train.shards import finished, open_shard

if TYPE_CHECKING:
    from autonomy.train.learn import Learner
    from autonomy.train.session import Session

F8 = NDArray[np.float64]
FAIR = ("plain", "order", "scenario")
CLIPS, LENGTH, COVERAGE = 12, 8, 0.95


def measured(folder: Path, clips: Clips, *, count: int, seed: int) -> dict[str, F8]:
    """A release stepped through `count` batches of clips, as it drives: embedding f8[N, D], said and true error (m)
    and what the modes' distance adds to it (m) f8[N]; the first picture of a clip, seen without a past, is left out."""
    module, _ = load_release(folder)
    module = prepare(module)
    found: dict[str, list[F8]] = {"embedding": [], "said": [], "true": [], "apart": []}
    for _, arrays in zip(range(count), batches(clips, CLIPS, seed), strict=False):
        batch = to_tensors(arrays)
        memory = module.new_memory(CLIPS)
        for step in range(clips.length):
            inputs = Inputs(*(batch[name][:, step].contiguous() for name in ("pixels", "ego", "route", "words")))
            outputs, memory = module.step(inputs, memory)
            if step == 0:
                continue
            chosen = outputs.plans[torch.arange(CLIPS), outputs.weights.argmax(1), :, :2]
            apart = (chosen.float() - batch["plan"][:, step, :, :2]).norm(dim=-1).mean(-1)
            found["embedding"].append(outputs.embedding.double().numpy())
            found["said"].append(outputs.error.double().numpy())
            found["true"].append(apart.double().numpy())
            modes = uncertainty(outputs, 0.0)
            found["apart"].append(modes / (1.0 - modes))
    return {name: np.concatenate(values) for name, values in found.items()}


def fair_clips(folder: Path) -> Clips:
    """Clips of ordinary drives, nothing at its limits: plain ones, or all where there are none."""
    shards = [open_shard(path) for path in finished(folder)]
    plain = [shard for shard in shards if shard.meta["source"] == "plain"]
    return Clips(plain or shards, length=LENGTH, shares=Shares(variant=0.0))


def finish(
    session: "Session", learner: "Learner", folder: Path, say: Callable[[str], None], *, count: int = 16
) -> None:
    """Calibrate and write the release to `folder`."""
    write_release(folder, learner, session)
    known = measured(folder, fair_clips(session.data / "train"), count=count, seed=71)
    held_out = session.data / "val" if finished(session.data / "val") else session.data / "train"
    fresh = measured(folder, fair_clips(held_out), count=count, seed=72)
    metres = error_scale(fresh["said"], fresh["true"], COVERAGE) * fresh["said"] + fresh["apart"]
    found = calibrate(
        train=known["embedding"],
        held_out=fresh["embedding"],
        said_m=fresh["said"],
        true_m=fresh["true"],
        uncertainty=metres / (metres + 1.0),
        coverage=COVERAGE,
    )
    extra = {
        "ood.mean": torch.from_numpy(found.mean).float(),
        "ood.precision": torch.from_numpy(found.precision).float(),
    }
    write_release(folder, learner, session, calibration=plain(found), extra=extra)
    say(f"calibrated: {plain(found)}")


def plain(found: Calibration) -> dict[str, Any]:
    """The numbers of a calibration, without its arrays."""
    return {
        name: round(float(value), 6)
        for name, value in asdict(found).items()
        if isinstance(value, float | int) and name != "mean"
    }
