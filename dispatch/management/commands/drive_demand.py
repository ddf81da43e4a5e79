"""Play riders through the public API and say how they were served."""

import asyncio
import json
import random
import time
from collections.abc import Iterable
from heapq import merge
from itertools import islice
from pathlib import Path
from typing import Any

import httpx
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import Error
from tqdm import tqdm

from dispatch.assignments.selectors import empty_share
from dispatch.demand.client import App, Refused
from dispatch.demand.domain import Outcome, Tally, Trip, burst, from_csv, over_the_day, steady
from dispatch.demand.player import Pace, Player


class Command(BaseCommand):
    help = "Play riders through the public API: wish, quote, book, meet the car, ride, get out; with a summary."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--rides", type=int, default=100, help="how many rides to wish for")
        parser.add_argument("--forever", action="store_true", help="wish without end, for a demo")
        parser.add_argument(
            "--rate", type=float, default=20.0, help="mean number of wishes a minute of the cars' world"
        )
        parser.add_argument("--burst", type=int, default=0, help="as many wishes more in the first minute")
        parser.add_argument("--profile", choices=["steady", "day"], default="steady")
        parser.add_argument("--start-hour", type=float, default=6.0, help="of the day profile")
        parser.add_argument("--trips", type=Path, help="CSV file of trips instead of drawn ones")
        parser.add_argument("--base-url", default=f"http://127.0.0.1:{settings.WEB_PORT}")
        parser.add_argument("--ws-url", help="follow by websocket at this address instead of asking")
        parser.add_argument("--time-factor", type=float, default=settings.HANSOM_TIME_FACTOR)
        parser.add_argument("--poll", type=float, default=1.0, help="seconds between two looks at a ride")
        parser.add_argument("--ride-limit", type=float, default=1800.0, help="wall seconds after which a ride is stuck")
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument("--json", type=Path, help="write the summary here as well")
        parser.add_argument("--quiet", action="store_true", help="no progress bar")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["rate"] <= 0 or options["time_factor"] <= 0 or options["rides"] < 1 or options["burst"] < 0:
            raise CommandError("--rides, --rate and --time-factor are above zero, --burst is not below.")
        trips = self._trips(options)
        began = time.monotonic()
        try:
            tally = asyncio.run(self._play(trips, options))
        except* (Refused, TimeoutError, httpx.HTTPError) as errors:
            raise CommandError(f"The demand could not be played: {errors.exceptions[0]}") from errors
        summary = {**tally.summary(), "wall_s": round(time.monotonic() - began, 1)}
        summary["time_factor"] = options["time_factor"]
        summary["empty_share"] = self._empty_share(tally)
        self._print(summary)
        if options["json"]:
            options["json"].write_text(json.dumps(summary, indent=2) + "\n")
        if tally.unfinished:
            raise CommandError(f"{len(tally.unfinished)} rides did not end: {tally.unfinished[0].ride_id} …")

    def _trips(self, options: dict[str, Any]) -> Iterable[Trip]:
        rng = random.Random(options["seed"])  # noqa: S311 (a game, not a secret)
        if options["trips"]:
            try:
                with options["trips"].open(newline="") as lines:
                    return sorted(from_csv(lines), key=lambda trip: trip.at_s)
            except (OSError, ValueError) as error:
                raise CommandError(f"{options['trips']}: {error}") from error
        if options["profile"] == "day":
            trips = over_the_day(options["rate"], rng, options["start_hour"])
        else:
            trips = steady(options["rate"], rng)
        first = burst(options["burst"], 60.0 * options["time_factor"], rng)
        together = merge(first, trips, key=lambda trip: trip.at_s)
        return together if options["forever"] else list(islice(together, options["rides"] + len(first)))

    async def _play(self, trips: Iterable[Trip], options: dict[str, Any]) -> Tally:
        limits = httpx.Limits(max_connections=32, max_keepalive_connections=32)
        timeout = httpx.Timeout(20.0, pool=None)
        pace = Pace(options["time_factor"], options["poll"], ride_limit_s=options["ride_limit"])
        async with httpx.AsyncClient(base_url=options["base_url"], limits=limits, timeout=timeout) as http:
            with tqdm(
                total=len(trips) if isinstance(trips, list) else None, desc="rides", disable=options["quiet"]
            ) as bar:
                player = Player(
                    app=App(http),
                    pace=pace,
                    rng=random.Random(options["seed"] + 1),  # noqa: S311 (a game, not a secret)
                    run=f"{options['seed']}-{int(time.time())}",
                    ws_url=options["ws_url"],
                    on_end=lambda outcome: _advance(bar, outcome),
                )
                return await player.play(trips)

    def _empty_share(self, tally: Tally) -> float | None:
        """From the missions, when this process can see the database."""
        try:
            return empty_share([outcome.ride_id for outcome in tally.outcomes if outcome.ride_id])
        except Error:
            return None

    def _print(self, summary: dict[str, Any]) -> None:
        for key, value in summary.items():
            text = ", ".join(f"{k} {v}" for k, v in value.items()) if isinstance(value, dict) else value
            self.stdout.write(f"{key:14} {'-' if text in (None, '') else text}")


def _advance(bar: Any, outcome: Outcome) -> None:
    bar.update(1)
    bar.set_postfix_str(outcome.state)
