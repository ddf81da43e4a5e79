"""Index of the app's background tasks."""

from fleet.telemetry.tasks import keep_partitions

__all__ = ["keep_partitions"]
