"""Behaviour at limits: every drive into thick fog, with a dead camera or before an unknown object ends in a safe stop
or a question; and how often a car asks or stops for nothing on ordinary routes.

python -m benchmarks.limits [vla-2.0] [--seeds 5] [--minutes 10] [--publish]
"""

import argparse
import time
from pathlib import Path

from autonomy.policy.registry import release_folder
from autonomy.scoring import wilson
from autonomy.sim.platforms import PLATFORMS
from autonomy.sim.roads import RoadMap
from autonomy.sim.scenario import all_scenarios
from autonomy.train.drives import training_maps
from autonomy.train.evaluate import Trial, policy_of
from autonomy.train.publish import add_to_manifest
from autonomy.train.trials import scenario
from benchmarks import report

MAPS = Path("var/training/maps/heldout")
ENDS = {"stop_or_help", "help"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("release", nargs="?", default="vla-2.0")
    parser.add_argument("--maps", type=Path, default=MAPS)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=10.0, help="begin no new scenario after so long")
    parser.add_argument("--no-safety", action="store_true")
    parser.add_argument("--publish", action="store_true", help="into the release's manifest")
    options = parser.parse_args()
    policy, pictures = policy_of(options.release)
    towns = [RoadMap.load(path) for path in training_maps(options.maps) if path.stem.startswith("town")]
    names = [one.name for one in all_scenarios() if ENDS & set(one.success)]
    slugs = sorted(PLATFORMS)
    tried: dict[str, list[bool]] = {name: [] for name in names}
    until = time.monotonic() + 60 * options.minutes
    for seed in range(options.seeds):
        for number, name in enumerate(names):
            if time.monotonic() > until:
                break
            trial = Trial(policy, pictures, safety=not options.no_safety)
            town, slug = towns[(seed + number) % len(towns)], slugs[(seed + number) % len(slugs)]
            outcome = scenario(name, town, trial, seed=options.seed * 1000 + seed, platform=slug)
            if outcome is not None:
                tried[name].append(outcome.success)
                print(f"{name:28} {'ok' if outcome.success else outcome.failures}", flush=True)
    runs = [one for found in tried.values() for one in found]
    ends = wilson(sum(runs), len(runs))
    figures: dict[str, report.Figure] = {
        "runs": len(runs),
        "safe_end": round(ends["value"] or 0.0, 4),
        "safe_end_low": round(ends["low"] or 0.0, 4),
        "safe_end_high": round(ends["high"] or 1.0, 4),
        **{name: f"{sum(found)} of {len(found)}" for name, found in tried.items() if found},
    }
    notes = (
        f"{options.release} {'without' if options.no_safety else 'with'} the safety layer on held-out towns, as many "
        f"runs as {options.minutes:g} minutes allowed. False alarms are counted on ordinary routes: see `driving` "
        "(questions, and stops by the safety layer, for 1,000 km). Interval: 95 %, Wilson."
    )
    report.write(f"limits_{options.release.replace('.', '_').replace('-', '_')}", figures, notes)
    if options.publish:
        add_to_manifest(
            release_folder(options.release),
            lambda m: m.setdefault("scores", {}).setdefault("limits", {}).update(safe_end=dict(ends)),
        )


if __name__ == "__main__":
    main()
