"""Write the operational design domain as the file that cars read."""

import argparse
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from geofence.odd.services import FILE, export_odd
from geofence.roads.domain.network import NoNetwork


class Command(BaseCommand):
    help = (
        "Write the operational design domain in force as a file (JSON): for the active road network which edges are "
        "inside, by time for the next 30 days, and the limits of weather and light. Publishing a zone and importing a "
        "city write it to HANSOM_MAP_DIR/odd.json; run this once a day for zones with hours."
    )

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("out", type=Path, nargs="?", help="path of the file (default: HANSOM_MAP_DIR/odd.json)")

    def handle(self, *args: Any, **options: Any) -> None:
        out: Path = options["out"] or Path(settings.HANSOM_MAP_DIR) / FILE
        try:
            version = export_odd(out)
        except NoNetwork as error:
            raise CommandError(error.detail) from error
        except OSError as error:
            raise CommandError(f"cannot write {out}: {error}") from error
        if options["verbosity"]:
            self.stdout.write(f"{out}: operational design domain version {version}, {out.stat().st_size:,} bytes")
