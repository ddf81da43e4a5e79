"""New cars with keys, folders and service."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from fleet.base import clock
from fleet.gateway import provisioning
from fleet.gateway.keys import command_public_key
from geofence.base.errors import Refusal


def lon_lat(text: str) -> tuple[float, float]:
    lon, _, lat = text.partition(",")
    place = float(lon), float(lat)
    if not (-180 <= place[0] <= 180 and -90 <= place[1] <= 90):
        raise ValueError(text)
    return place


class Command(BaseCommand):
    help = "Take new cars into the fleet, each with its own key in a folder for its computer, and put them in service."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--count", type=int, default=None, help="how many (default: 30, or one for each --at)")
        parser.add_argument("--seed", type=int, default=1, help="chooses the starting places")
        parser.add_argument(
            "--at", type=lon_lat, nargs="*", default=[], metavar="LON,LAT", help="first starting places"
        )
        parser.add_argument("--cars-dir", type=Path, default=None, help="default: HANSOM_CARS_DIR")

    def handle(self, *args: Any, **options: Any) -> None:
        starts: list[tuple[float, float]] = list(options["at"])
        count = options["count"] if options["count"] is not None else len(starts) or 30
        if not 1 <= count <= 10_000:
            raise CommandError("--count: from 1 to 10000")
        try:
            if count > len(starts):
                seed, missing = options["seed"], count - len(starts)
                starts += provisioning.starting_places(count=missing, seed=seed, at=clock.now())
            cars_dir: Path = options["cars_dir"] or settings.HANSOM_CARS_DIR
            made = list(
                provisioning.provision(
                    starts=starts[:count],
                    cars_dir=cars_dir,
                    fleet_key=command_public_key(),
                    actor="provisioning",
                )
            )
        except Refusal as error:
            raise CommandError(str(error)) from error
        if options["verbosity"] > 0:
            self.stdout.write(f"{len(made)} cars, {made[0].plate} to {made[-1].plate}, in {cars_dir}")
