"""Learning curves as pictures."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("Agg")

from matplotlib import pyplot

PANELS = (
    ("loss", "loss"),
    ("ade_m", "mean error of the trajectory, m"),
    ("fde_m", "error after 4 s, m"),
    ("cause_accuracy", "right cause"),
)


def learning_curve(rows: Sequence[Mapping[str, Any]], path: Path) -> bool:
    """Loss, errors of the trajectory and right causes over updates, learned and held out; False when there is nothing
    to draw yet."""
    if not rows:
        return False
    figure, axes = pyplot.subplots(2, 2, figsize=(10, 6), constrained_layout=True)
    try:
        for axis, (name, title) in zip(axes.flat, PANELS, strict=True):
            for prefix, label in (("train", "learned from"), ("val", "held out")):
                points = [(row["update"], row[f"{prefix}_{name}"]) for row in rows if f"{prefix}_{name}" in row]
                if points:
                    axis.plot(*zip(*points, strict=True), label=label, linewidth=1.2)
            axis.set_title(title, fontsize=10)
            axis.set_xlabel("updates", fontsize=9)
            axis.grid(alpha=0.3)
        axes.flat[0].legend(fontsize=9)
        path.parent.mkdir(parents=True, exist_ok=True)
        figure.savefig(path, dpi=110)
    finally:
        pyplot.close(figure)
    return True
