"""Generate the demo city as an OpenStreetMap extract."""

import argparse
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from geofence.roads.domain.city.plan import LEAST_JUNCTIONS, MOST_JUNCTIONS, plan_city
from geofence.roads.domain.city.write import write_city


class Command(BaseCommand):
    help = (
        "Generate a demo city and write it as an OpenStreetMap extract, which import_city then reads like any other: a "
        "ring road, avenues, one-way grids in the centre, grown quarters further out, a river with bridges, parks, "
        "roundabouts, signals, crossings, turn restrictions, street names, speed limits and buildings. The same "
        "numbers give the same city."
    )

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("out", type=Path, help="path of the file: .osm.pbf, .osm, .osm.gz or .osm.bz2")
        parser.add_argument(
            "--junctions",
            type=int,
            default=2000,
            help=f"about how many junctions, {LEAST_JUNCTIONS} to {MOST_JUNCTIONS} (default 2000)",
        )
        parser.add_argument("--seed", type=int, default=7, help="another seed gives another city (default 7)")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["seed"] < 0:
            raise CommandError("--seed must not be negative")
        out: Path = options["out"]
        try:
            city = plan_city(junctions=options["junctions"], seed=options["seed"])
            write_city(city, out)
        except (ValueError, OSError) as error:
            raise CommandError(str(error)) from error
        if options["verbosity"]:
            web = city.traffic.web
            self.stdout.write(
                f"{out}: {web.junction_count():,} junctions, {len(city.traffic.signals)} with signals, "
                f"{len(city.traffic.rules)} turn restrictions, {len(city.ground):,} areas, {out.stat().st_size:,} bytes"
            )
