"""Write the active network as the map file that cars read."""

import argparse
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from geofence.roads import services
from geofence.roads.domain.network import NoNetwork


class Command(BaseCommand):
    help = (
        "Write the active road network as a map file (.npz, no pickle): the arrays of the road graph by name, lon0 "
        "and lat0 of its projection, and its digest. Cars load it with --map. import_city writes the same file to "
        "HANSOM_MAP_DIR/current.npz."
    )

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("out", type=Path, help="path of the file, usually ending in .npz")

    def handle(self, *args: Any, **options: Any) -> None:
        out: Path = options["out"]
        try:
            digest = services.export_map(out=out)
        except NoNetwork as error:
            raise CommandError(error.detail) from error
        except OSError as error:
            raise CommandError(f"cannot write {out}: {error}") from error
        if options["verbosity"]:
            self.stdout.write(f"{out}: map {digest[:12]}, {out.stat().st_size:,} bytes")
