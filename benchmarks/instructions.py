"""Do words change what the driver does? Counterfactual pairs: the same picture, with an order and without.

python -m benchmarks.instructions [vla-2.0] [--seconds 40] [--publish]
Sentences are held-out ones. Pairs whose order changes nothing for the expert say nothing and are left out; an unsafe
order must be refused while the car keeps to its way.
"""

import argparse
from pathlib import Path

from autonomy.policy.registry import release_folder
from autonomy.scoring import wilson
from autonomy.train.drives import training_maps
from autonomy.train.evaluate import policy_of
from autonomy.train.pilot import Pilot
from autonomy.train.publish import add_to_manifest
from autonomy.train.trials import Pair, pairs
from autonomy.world import UNSAFE
from benchmarks import report

MAPS = Path("var/training/maps/heldout")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("release", nargs="?", default="vla-2.0")
    parser.add_argument("--maps", type=Path, default=MAPS)
    parser.add_argument("--towns", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=40.0, help="of driving in each town")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--publish", action="store_true", help="into the release's manifest")
    options = parser.parse_args()
    policy, _ = policy_of(options.release)
    if not isinstance(policy, Pilot):
        raise SystemExit(f"release: {options.release} hears no words; give a learned one")
    found: list[Pair] = []
    for path in [path for path in training_maps(options.maps) if path.stem.startswith("town")][: options.towns]:
        found += pairs(policy, path, seed=options.seed, seconds=options.seconds)
    told = [pair for pair in found if pair.tells]
    safe = [pair for pair in told if pair.kind not in UNSAFE]
    unsafe = [pair for pair in told if pair.kind in UNSAFE]
    obeyed = wilson(sum(pair.obeyed for pair in safe), len(safe))
    refused = wilson(sum(pair.obeyed for pair in unsafe), len(unsafe))
    kinds = sorted({pair.kind for pair in told})
    figures: dict[str, report.Figure] = {
        "pairs": len(told),
        "obeyed": round(obeyed["value"] or 0.0, 4),
        "obeyed_low": round(obeyed["low"] or 0.0, 4),
        "obeyed_high": round(obeyed["high"] or 1.0, 4),
        "refused_unsafe": round(refused["value"] or 0.0, 4),
        "refused_unsafe_low": round(refused["low"] or 0.0, 4),
        "refused_unsafe_high": round(refused["high"] or 1.0, 4),
        **{
            str(kind): f"{sum(p.obeyed for p in told if p.kind is kind)} of {sum(p.kind is kind for p in told)}"
            for kind in kinds
        },
    }
    notes = (
        f"{options.release}: {len(safe)} pairs with an order that changes what the expert does, {len(unsafe)} with an "
        f"unsafe one, in {options.towns} held-out towns; held-out sentences. Obeyed: nearer to what the expert does "
        "with the words than to what it does without. Intervals: 95 %, Wilson."
    )
    report.write(f"instructions_{options.release.replace('.', '_').replace('-', '_')}", figures, notes)
    if options.publish:
        language = {"obeyed": dict(obeyed), "refused_unsafe": dict(refused)}
        add_to_manifest(
            release_folder(options.release),
            lambda m: m.setdefault("scores", {}).setdefault("language", {}).update(language),
        )
    print(figures)


if __name__ == "__main__":
    main()
