"""Import a city from an OpenStreetMap extract."""

import argparse
import re
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from geofence.roads import services
from geofence.roads.domain.osm.extract import ExtractError

NAMES_SHOWN = 12


class Command(BaseCommand):
    help = (
        "Import the drivable network of an OpenStreetMap extract (.osm.pbf, .osm, .osm.gz, .osm.bz2): one-ways, turn "
        "restrictions, speed limits, lanes, signals, crossings; water, parks and buildings for the base map. The "
        "largest part in which every road can be driven to from every other is kept, and what was dropped is "
        "reported. The network becomes the active one, unless --no-activate is given, and its map is written for the "
        "cars. When the extract can't be used, nothing changes. Extracts: https://download.geofabrik.de or "
        "https://extract.bbbike.org; a demo city: manage.py generate_city."
    )

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("extract", type=Path, help="path of the extract")
        parser.add_argument("--slug", help="short name for URLs; default: from the file's name")
        parser.add_argument("--name", help="name for people; default: from the file's name")
        parser.add_argument(
            "--activate",
            action=argparse.BooleanOptionalAction,
            default=True,
            help="make it the active network (default) or only store it",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["extract"]
        stem = re.split(r"\.osm|\.pbf", path.name)[0] or "city"
        slug = options["slug"] or re.sub(r"[^a-z0-9]+", "-", stem.lower()).strip("-") or "city"
        if not re.fullmatch(r"[-a-zA-Z0-9_]{1,60}", slug):
            raise CommandError("--slug: letters, digits, - and _ only, at most 60")
        name = options["name"] or stem.replace("-", " ").replace("_", " ").title()
        bars = _Bars(quiet=options["verbosity"] == 0)
        try:
            report = services.import_extract(
                path, slug=slug, name=name[:200], activate=options["activate"], progress=bars
            )
        except ExtractError as error:
            raise CommandError(f"cannot import: {error}") from error
        finally:
            bars.close()
        if options["verbosity"]:
            self._print(report)

    def _print(self, report: services.ImportReport) -> None:
        say = self.stdout.write
        say(
            f"{report.name} ({report.slug}): {report.junctions:,} junctions, {report.edges:,} directed edges, "
            f"{report.road_km:,.1f} km, {report.signals} signals, {report.crossings} crossings, "
            f"{report.turn_restrictions} forbidden turns, {report.areas:,} areas, in {report.duration_s:.1f} s"
        )
        say(
            f"Dropped as not connected: {report.dropped_edges:,} edges, {report.dropped_km:,.1f} km, "
            f"{report.dropped_parts:,} parts"
        )
        if report.dropped_names:
            more = len(report.dropped_names) - NAMES_SHOWN
            say("  among them: " + ", ".join(report.dropped_names[:NAMES_SHOWN]) + (f", {more} more" * (more > 0)))
        for reason, count in report.left_out.items():
            say(f"Left out, {reason.replace('_', ' ')}: {count:,}")
        say(f"Map {report.digest[:12]}, {'active' if report.active else 'not active'}")


class _Bars:
    """One bar for each stage; lines only when the output is no terminal."""

    def __init__(self, *, quiet: bool) -> None:
        self._quiet = quiet or not sys.stderr.isatty()
        self._bar: Any = None
        self._stage = ""

    def __call__(self, stage: str, done: int, total: int | None) -> None:
        if self._quiet:
            return
        if stage != self._stage:
            self.close()
            self._stage = stage
            self._bar = tqdm(desc=f"{stage:>10}", total=total, unit="")
        self._bar.total = total
        self._bar.n = done
        self._bar.refresh()

    def close(self) -> None:
        if self._bar is not None:
            self._bar.close()
            self._bar = None
