"""Does the driver know why? Its reasons against the expert's, at the same pictures of ordinary drives and scenarios.

python -m benchmarks.explanations [vla-2.0] [--seconds 30] [--publish]
The expert drives; the release looks and is asked at every picture. Right: the same cause as the expert's.
"""

import argparse
from collections import Counter
from pathlib import Path

import numpy as np

from autonomy.policy.base import Policy
from autonomy.policy.registry import release_folder
from autonomy.policy.teacher import Teacher
from autonomy.scoring import wilson
from autonomy.sim.roads import RoadMap
from autonomy.train.collect import TICK_S
from autonomy.train.drives import Drive, PlainDrive, training_maps
from autonomy.train.evaluate import policy_of
from autonomy.train.publish import add_to_manifest
from autonomy.train.seats import drive, look
from autonomy.train.stages import ScenarioDrive
from autonomy.world import ACTION_STEP_S
from benchmarks import report

MAPS = Path("var/training/maps/heldout")
Asked = Counter[tuple[str, str]]


def ask(policy: Policy, course: Drive, seconds: float) -> Asked:
    """(the expert's cause, the driver's) at every picture after the first second."""
    teacher, found = Teacher(), Asked()
    for step in range(round(seconds / ACTION_STEP_S)):
        course.tick()
        seats = course.seats
        seen = look(seats, frames=True)
        theirs, mine = teacher.act(seen), policy.act(seen)
        if step >= 5:
            found.update((expert.cause, own.cause) for expert, own in zip(theirs, mine, strict=True))
        for tick in range(round(ACTION_STEP_S / TICK_S)):
            drive(seats, theirs if tick == 0 else (), {}, TICK_S)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("release", nargs="?", default="vla-2.0")
    parser.add_argument("--maps", type=Path, default=MAPS)
    parser.add_argument("--towns", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=30.0, help="of each drive")
    parser.add_argument("--cars", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--publish", action="store_true", help="into the release's manifest")
    options = parser.parse_args()
    policy, pictures = policy_of(options.release)
    if not pictures:
        raise SystemExit("release: the expert is what others are compared with; give a learned one")
    found = Asked()
    for path in [path for path in training_maps(options.maps) if path.stem.startswith("town")][: options.towns]:
        town = RoadMap.load(path)
        plain = PlainDrive(town, seed=options.seed, cars=options.cars, orders=False, limit=False)
        found.update(ask(policy, plain, options.seconds))
        found.update(ask(policy, ScenarioDrive(town, seed=options.seed, cars=options.cars), options.seconds))
    asked, right = sum(found.values()), sum(count for (a, b), count in found.items() if a == b)
    share = wilson(right, asked)
    causes = sorted({expert for expert, _ in found})
    by_cause = {
        cause: (found[cause, cause], sum(count for (expert, _), count in found.items() if expert == cause))
        for cause in causes
    }
    figures: dict[str, report.Figure] = {
        "pictures": asked,
        "right_cause": round(share["value"] or 0.0, 4),
        "right_cause_low": round(share["low"] or 0.0, 4),
        "right_cause_high": round(share["high"] or 1.0, 4),
        "mean_over_causes": round(float(np.mean([good / count for good, count in by_cause.values()])), 4),
        **{cause: f"{good} of {count}" for cause, (good, count) in by_cause.items()},
    }
    notes = (
        f"{options.release} on {options.towns} held-out towns, ordinary drives and scenarios. Pictures that follow one "
        "another are alike, so the interval (95 %, Wilson) is narrower than it should be."
    )
    report.write(f"explanations_{options.release.replace('.', '_').replace('-', '_')}", figures, notes)
    if options.publish:
        add_to_manifest(
            release_folder(options.release),
            lambda m: m.setdefault("scores", {}).setdefault("language", {}).update(right_cause=dict(share)),
        )
    print(figures)


if __name__ == "__main__":
    main()
