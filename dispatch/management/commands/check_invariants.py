"""Check what must always be true; for operators, and after every fault test."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection, transaction

from dispatch.assignments import invariants


class Command(BaseCommand):
    help = "Check that no ride is lost, no car has two, no route left its domain, and the ledger's chain verifies."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--ended", action="store_true", help="also demand that every booked ride has ended")
        parser.add_argument("--show", type=int, default=10, help="violations to print of each check")

    def handle(self, *args: Any, ended: bool, show: int, **options: Any) -> None:
        checks = [*invariants.ALWAYS, *([invariants.all_rides_ended] if ended else [])]
        broken = 0
        with transaction.atomic():
            # One moment for all checks, so that a ride that moves meanwhile is no violation.
            if not connection.savepoint_ids:
                with connection.cursor() as cursor:
                    cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            for check in checks:
                found = list(check())
                broken += len(found)
                name = check.__name__.replace("_", " ")
                self.stdout.write(f"{'ok ' if not found else 'NOT'}  {name}")
                for sentence in found[:show]:
                    self.stdout.write(f"       {sentence}")
        if broken:
            raise CommandError(f"{broken} violations")
