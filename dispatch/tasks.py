"""Index of the app's background tasks."""

from dispatch.rides.tasks import issue_receipts

__all__ = ["issue_receipts"]
