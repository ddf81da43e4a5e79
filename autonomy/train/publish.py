"""From a run to a release: weights, manifest, and what was measured."""

import shlex
import subprocess
import sys
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from torch import Tensor

from autonomy.model.release import read_manifest, save_release
from autonomy.train.learn import Learner, curve, facts
from autonomy.train.rounds import data_digest

if TYPE_CHECKING:
    from autonomy.train.session import Session

ABOUT = {
    "vla-2.0": "Every picture encoded once, reasoning in latents, all waypoints in parallel.",
    "vla-1.0": "The base line: reads its pictures again, reasons in words and decodes its action token by token.",
}
CURVE_ROWS = 120


def write_release(
    folder: Path,
    learner: Learner,
    session: "Session",
    *,
    calibration: Mapping[str, Any] | None = None,
    extra: Mapping[str, Tensor] | None = None,
    scores: Mapping[str, Any] | None = None,
) -> None:
    """The running mean of the weights with all that is known of them, moved into place when it is whole."""
    manifest = {**manifest_of(learner, session), "calibration": dict(calibration or {}), "scores": dict(scores or {})}
    part = folder.with_name(folder.name + ".new")
    with learner.with_mean() as module:
        save_release(part, module, manifest, extra)  # type: ignore[arg-type]  # a session learns our networks only
    put(part, folder)


def put(part: Path, folder: Path) -> None:
    """Files of `part` into `folder`, the manifest last, so that who reads it finds what it names."""
    folder.mkdir(parents=True, exist_ok=True)
    for path in sorted(part.iterdir(), key=lambda path: path.name == "manifest.json"):
        path.replace(folder / path.name)
    part.rmdir()


def manifest_of(learner: Learner, session: "Session") -> dict[str, Any]:
    """What a release says of its making."""
    rows = curve(session.run)
    recipe = session.recipe
    return {
        "name": session.config.generation,
        "model": session.config.generation,
        "about": ABOUT[session.config.generation],
        "created_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "seed": recipe.seed,
        "command": " ".join(["python", "-m", "autonomy", *map(shlex.quote, sys.argv[1:])]),
        "code_version": _version(),
        "data_digest": data_digest(session.data / "train"),
        "recipe": facts(recipe),
        "training": {
            "minutes": round(learner.spent_s / 60, 2),
            "updates": learner.updates,
            "frames": learner.seen,
            "pictures": rows[-1]["pictures"] if rows else 0,
            "device": "CPU",
            "curve": _thinned(rows),
        },
    }


def add_to_manifest(folder: Path, change: Callable[[dict[str, Any]], None]) -> None:
    """Change a release's manifest in place: scores come after the weights."""
    import json

    manifest = read_manifest(folder)
    change(manifest)
    new = folder / "manifest.json.new"
    new.write_text(json.dumps(manifest, indent=1, sort_keys=True) + "\n")
    new.replace(folder / "manifest.json")


def _thinned(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """At most CURVE_ROWS rows of the curve, the last one among them."""
    every = max(1, -(-len(rows) // CURVE_ROWS))
    kept = rows[::-1][::every][::-1]
    names = ("ade_m", "fde_m", "cause_accuracy", "signal_accuracy")
    return [
        {
            "update": row["update"],
            "minutes": row["minutes"],
            "pictures": row["pictures"],
            "train_loss": row.get("train_loss"),
            "val_loss": row.get("val_loss"),
            **{f"val_{name}": row[f"val_{name}"] for name in names if f"val_{name}" in row},
        }
        for row in kept
    ]


def _version() -> str:
    try:
        asked = subprocess.run(
            ["git", "describe", "--always", "--dirty"],  # noqa: S607 - git is found by PATH
            capture_output=True,
            text=True,
            check=True,
            timeout=10,
            cwd=Path(__file__).parent,
        )
    except (OSError, subprocess.SubprocessError):
        return "unknown"
    return asked.stdout.strip()
