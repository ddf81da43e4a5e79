"""Closed-loop driving on held-out roads: a release with and without the safety layer, beside the expert.

python -m benchmarks.driving [vla-2.0] [--routes 24] [--cars 12] [--seed 1] [--minutes 20] [--publish]
Maps: `make maps` (var/training/maps/heldout: real extracts and generated towns that no training has seen).
`--publish` also writes the scores into the release's manifest.
"""

import argparse
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from autonomy.policy.registry import release_folder
from autonomy.train.drives import training_maps
from autonomy.train.evaluate import RULES, Result, Trial, by_platform, figures, line, policy_of, routes_on
from autonomy.train.publish import add_to_manifest
from benchmarks import report

MAPS = Path("var/training/maps/heldout")
SHOWN = (
    "route_completion",
    "at_fault_per_1000km",
    "red_lights_per_1000km",
    "off_road_per_1000km",
    "wrong_way_per_1000km",
    "mrm_per_1000km",
    "stops_at_stop",
    "pdms",
    "comfort",
    "right_cause",
)
KINDS = (("with_safety", True), ("without_safety", False), ("teacher", True))


def measure(release: str, options: argparse.Namespace) -> dict[str, Result]:
    """The same routes for each kind, as many as the time allows; kinds take turns map by map, so that a run that is
    cut short still compares like with like."""
    found = {kind: Result() for kind, _ in KINDS}
    until = time.monotonic() + 60 * options.minutes
    for path in training_maps(options.maps):
        for kind, safety in KINDS:
            policy, pictures = policy_of(RULES if kind == "teacher" else release)
            trial = Trial(policy, pictures, safety=safety and kind != "teacher")
            one = routes_on(path, trial, count=options.routes, cars=options.cars, seed=options.seed, until=until)
            found[kind].add(one)
            if one.drives:
                print(kind, line(path.stem, one), flush=True)
    return found


def flat(found: Mapping[str, Result]) -> dict[str, report.Figure]:
    """Figures with the ends of their intervals, by kind."""
    out: dict[str, report.Figure] = {}
    for kind, result in found.items():
        values = figures(result)
        out[f"{kind}_routes"], out[f"{kind}_km"] = len(result.drives), round(values["km"]["value"] or 0.0, 1)
        for name in SHOWN:
            for end in ("value", "low", "high"):
                if values[name].get(end) is not None:
                    key = f"{kind}_{name}" if end == "value" else f"{kind}_{name}_{end}"
                    out[key] = round(float(values[name][end]), 4)
    expert = out.get("teacher_pdms")
    for kind in ("with_safety", "without_safety"):
        if f"{kind}_pdms" in out and isinstance(expert, float) and expert > 0:
            out[f"{kind}_pdms_of_the_experts"] = round(float(out[f"{kind}_pdms"]) / expert, 4)
    return out


def publish(release: str, found: Mapping[str, Result]) -> None:
    """Into the manifest, under the keys that the console reads."""

    def change(manifest: dict[str, Any]) -> None:
        driven = found["with_safety"]
        manifest.setdefault("scores", {}).update(
            {
                "evaluated_at": datetime.now(UTC).isoformat(timespec="seconds"),
                "maps": driven.maps,
                "routes": len(driven.drives),
                "km": round(sum(score.km for score in driven.drives), 2),
                "platforms": by_platform(driven.drives),
                **{kind: figures(result) for kind, result in found.items() if result.drives},
            }
        )

    add_to_manifest(release_folder(release), change)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("release", nargs="?", default="vla-2.0")
    parser.add_argument("--maps", type=Path, default=MAPS)
    parser.add_argument("--routes", type=int, default=24, help="on each map")
    parser.add_argument("--cars", type=int, default=12, help="in a world")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=20.0, help="begin no new world after so long")
    parser.add_argument("--publish", action="store_true")
    options = parser.parse_args()
    found = measure(options.release, options)
    if not any(result.drives for result in found.values()):
        raise SystemExit("no route was driven in the time given")
    notes = (
        f"{options.release} on {', '.join(found['with_safety'].maps)}: routes of 250 m to 1 km between kerbs, among "
        f"traffic, cyclists, people and parked cars, in the weather of the seed; up to {options.routes} routes a map, "
        f"as many as {options.minutes:g} minutes allowed. A car that the safety layer stopped was let go on after 5 s, "
        "as a person would. The expert is privileged. Intervals: 95 %, Wilson for shares, Garwood for rates."
    )
    report.write(f"driving_{options.release.replace('.', '_').replace('-', '_')}", flat(found), notes)
    if options.publish:
        publish(options.release, found)


if __name__ == "__main__":
    main()
