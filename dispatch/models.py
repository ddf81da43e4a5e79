"""Index of the app's tables."""

from dispatch.assignments.models import Assignment, DispatcherLease
from dispatch.quotes.models import Quote
from dispatch.rides.models import Receipt, Ride

__all__ = ["Assignment", "DispatcherLease", "Quote", "Receipt", "Ride"]
