"""Open a service area around the imported city."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from geofence.base.errors import Refusal
from geofence.odd import selectors as odd
from geofence.roads.selectors import network
from geofence.zones.opening import publish_service_area_for_network


class Command(BaseCommand):
    help = (
        "Publish a service area around all roads of the active network. Running it again changes nothing, unless the "
        "network or the margin changed: then the area is replaced by a new version."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--margin-m", type=float, default=80.0, help="metres beyond the outermost roads (80)")
        parser.add_argument("--by", default="system:set-up", help="who is recorded as the publisher (system:set-up)")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            found = network(fresh=True)
            area, changed = publish_service_area_for_network(
                network=found, by=options["by"], margin_m=options["margin_m"]
            )
        except Refusal as refusal:
            raise CommandError(refusal.detail) from refusal
        if options["verbosity"]:
            version = odd.current().version
            verb = "published" if changed else "unchanged"
            self.stdout.write(f"{area.name}: {verb}, operational design domain version {version}")
