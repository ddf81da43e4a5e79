#!/usr/bin/env python3
"""`make maps`: road maps to train and test the driver on, without a database.

    ops/training_maps.py [--towns N] [--heldout N] [--junctions LEAST MOST] [--seed N] [--out DIR] [EXTRACT ...]

Writes DIR/train/*.npz, generated towns, and DIR/heldout/*.npz: other towns and every OpenStreetMap extract that is
given. A map that is there already is kept; buildings, water and parks are in it.
"""

import argparse
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import numpy as np

from geofence.roads.domain.city.plan import LEAST_JUNCTIONS, plan_city
from geofence.roads.domain.city.write import write_city
from geofence.roads.domain.mapfile import to_bytes, write_atomically
from geofence.roads.domain.osm.assemble import assemble
from geofence.roads.domain.osm.extract import ExtractError, read_extract
from geofence.roads.domain.subgraph import largest_connected

ROOT = Path(__file__).resolve().parent.parent
MAPS = ROOT / "var" / "training" / "maps"


@dataclass(frozen=True, slots=True)
class Town:
    """A town to generate: the same numbers give the same town."""

    name: str
    junctions: int
    seed: int


def towns(count: int, *, first_seed: int, junctions: tuple[int, int]) -> Iterator[Town]:
    """Towns of different sizes; seeds run from `first_seed`."""
    random = np.random.default_rng([first_seed, count])
    for number in range(count):
        size = int(random.integers(junctions[0], junctions[1] + 1))
        yield Town(f"town-{first_seed + number:03d}", size, first_seed + number)


def compile_extract(extract: Path, out: Path) -> int:
    """Write the largest connected network of an extract, with its buildings. Returns the number of edges.

    Raises ExtractError when the file gives no network."""
    read = read_extract(extract, lambda stage, done, total: None)
    graph, _ = largest_connected(assemble(read))
    write_atomically(out, to_bytes(graph, read.areas))
    return graph.edge_count


def generate(town: Town, out: Path) -> int:
    """Generate a town and write its map. Returns the number of edges."""
    with tempfile.TemporaryDirectory() as folder:
        extract = Path(folder) / "town.osm.pbf"
        write_city(plan_city(junctions=town.junctions, seed=town.seed), extract)
        return compile_extract(extract, out)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("extracts", nargs="*", type=Path, metavar="EXTRACT", help="OpenStreetMap extracts, held out")
    parser.add_argument("--towns", type=int, default=12, help="towns to train on (default 12)")
    parser.add_argument("--heldout", type=int, default=4, help="towns held out (default 4)")
    parser.add_argument("--junctions", type=int, nargs=2, default=(LEAST_JUNCTIONS, 220), metavar=("LEAST", "MOST"))
    parser.add_argument("--seed", type=int, default=100, help="first seed; held-out towns start 500 later")
    parser.add_argument("--out", type=Path, default=MAPS)
    options = parser.parse_args(arguments)
    low, high = options.junctions
    if not LEAST_JUNCTIONS <= low <= high:
        parser.error(f"--junctions: {low} to {high}: at least {LEAST_JUNCTIONS} and in order")
    if options.towns < 0 or options.heldout < 0 or options.seed < 0:
        parser.error("--towns, --heldout and --seed must not be negative")
    for part, count, seed in (("train", options.towns, options.seed), ("heldout", options.heldout, options.seed + 500)):
        for town in towns(count, first_seed=seed, junctions=(low, high)):
            out = options.out / part / f"{town.name}.npz"
            if not out.exists():
                print(f"[maps] {out}: {generate(town, out)} edges", flush=True)
    for extract in options.extracts:
        out = options.out / "heldout" / f"{extract.name.split('.')[0]}.npz"
        try:
            print(f"[maps] {out}: {compile_extract(extract, out)} edges", flush=True)
        except ExtractError as error:
            print(f"[maps] {error}", file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
