"""The scenario matrix: every type, several seeds, a release beside the expert.

python -m benchmarks.scenarios [vla-2.0] [--seeds 3] [--minutes 20] [--no-safety] [--publish]
Maps are held-out towns; instructions are sentences that no training has seen.
"""

import argparse
import time
from pathlib import Path
from typing import Any

from autonomy.policy.registry import release_folder
from autonomy.scoring import wilson
from autonomy.sim.platforms import PLATFORMS
from autonomy.sim.roads import RoadMap
from autonomy.sim.scenario import all_scenarios
from autonomy.train.drives import training_maps
from autonomy.train.evaluate import RULES, Trial, policy_of
from autonomy.train.publish import add_to_manifest
from autonomy.train.trials import scenario
from benchmarks import report

MAPS = Path("var/training/maps/heldout")


def matrix(options: argparse.Namespace) -> list[dict[str, Any]]:
    """One row a type: name, success, n, teacher_success. Seeds are in the outer loop, so that every type has been
    tried equally often, but for one, when the time is over."""
    policy, pictures = policy_of(options.release)
    teacher, _ = policy_of(RULES)
    towns = [RoadMap.load(path) for path in training_maps(options.maps) if path.stem.startswith("town")]
    slugs = sorted(PLATFORMS)
    rows: dict[str, dict[str, Any]] = {
        one.name: {"name": one.name, "success": 0, "n": 0, "teacher_success": 0} for one in all_scenarios()
    }
    until = time.monotonic() + 60 * options.minutes
    for seed in range(options.seeds):
        for number, name in enumerate(sorted(rows)):
            if time.monotonic() > until:
                return list(rows.values())
            town, slug = towns[(seed + number) % len(towns)], slugs[(seed + number) % len(slugs)]
            own = options.seed * 1000 + seed
            trial = Trial(policy, pictures, safety=not options.no_safety)
            mine = scenario(name, town, trial, seed=own, platform=slug)
            theirs = scenario(name, town, Trial(teacher, False, safety=False), seed=own, platform=slug)
            if mine is None or theirs is None:
                continue
            rows[name]["n"] += 1
            rows[name]["success"] += mine.success
            rows[name]["teacher_success"] += theirs.success
            print(f"{name:34} {'ok' if mine.success else mine.failures}  expert {theirs.success}", flush=True)
    return list(rows.values())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("release", nargs="?", default="vla-2.0")
    parser.add_argument("--maps", type=Path, default=MAPS)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=20.0, help="begin no new scenario after so long")
    parser.add_argument("--no-safety", action="store_true")
    parser.add_argument("--publish", action="store_true", help="into the release's manifest")
    options = parser.parse_args()
    rows = [row for row in matrix(options) if row["n"]]
    runs = sum(row["n"] for row in rows)
    success, expert = (sum(row[key] for row in rows) for key in ("success", "teacher_success"))
    share = wilson(success, runs)
    figures: dict[str, report.Figure] = {
        "types": len(rows),
        "runs": runs,
        "success": round(share["value"] or 0.0, 4),
        "success_low": round(share["low"] or 0.0, 4),
        "success_high": round(share["high"] or 1.0, 4),
        "expert_success": round(expert / max(runs, 1), 4),
        "types_at_nine_tenths_of_the_expert": sum(row["success"] >= 0.9 * row["teacher_success"] for row in rows),
        **{f"{row['name']}": f"{row['success']} of {row['n']} (expert {row['teacher_success']})" for row in rows},
    }
    worst = sorted(rows, key=lambda row: (row["success"] - row["teacher_success"]) / row["n"])[:8]
    notes = (
        f"{options.release} {'without' if options.no_safety else 'with'} the safety layer, {runs} runs of {len(rows)} "
        f"types on held-out towns, as many as {options.minutes:g} minutes allowed. Furthest behind the expert: "
        f"{', '.join(row['name'] for row in worst)}. Interval: 95 %, Wilson."
    )
    report.write(f"scenarios_{options.release.replace('.', '_').replace('-', '_')}", figures, notes)
    if options.publish:
        add_to_manifest(release_folder(options.release), lambda m: m.setdefault("scores", {}).update(scenarios=rows))


if __name__ == "__main__":
    main()
