"""Keeping of telemetry, in the background."""

from datetime import timedelta

from celery import shared_task
from django.conf import settings

from fleet.base import clock
from fleet.telemetry import partitions


@shared_task(name="fleet.telemetry.keep_partitions")  # type: ignore[untyped-decorator]  # celery has no types
def keep_partitions() -> None:
    """Make the coming days, drop those older than HANSOM_TELEMETRY_DAYS. Repeating it changes nothing."""
    today = clock.now().date()
    partitions.ensure(today)
    partitions.drop_before(today - timedelta(days=settings.HANSOM_TELEMETRY_DAYS))
