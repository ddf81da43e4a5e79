"""Background work of rides."""

from celery import shared_task

from dispatch.rides import receipts


@shared_task(name="dispatch.issue_receipts")  # type: ignore[untyped-decorator]  # celery publishes no types
def issue_receipts() -> int:
    """Issue the receipts that wait. Beat starts it; however often or seldom it runs, each ride gets one."""
    return receipts.issue_waiting()
