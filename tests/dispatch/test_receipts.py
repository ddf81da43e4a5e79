"""One receipt a completed ride, whatever happens to the workers."""

import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction

from dispatch.rides import receipts
from dispatch.rides.models import Receipt
from fleet.base import clock
from fleet.ledger.models import LedgerEntry
from tests.dispatch.test_ride_state_machine import new_car, new_ride

pytestmark = pytest.mark.django_db(transaction=True)


def waiting(count: int) -> None:
    car = new_car()
    for number in range(count):
        ride = new_ride(
            state="completed",
            vehicle=car,
            requested_at=clock.now(),
            price_parts=[{"code": "base", "amount_minor": 500}],
        )
        Receipt.objects.create(ride=ride, due_at=clock.now() - timedelta(minutes=number))


def test_many_workers_write_each_receipt_once() -> None:
    waiting(12)
    issued: list[int] = []

    def work() -> None:
        issued.append(receipts.issue_waiting())
        connection.close()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(issued) == 12
    assert LedgerEntry.objects.filter(kind="receipt.issued").count() == 12
    assert set(Receipt.objects.values_list("amount_minor", flat=True)) == {500}
    assert Receipt.objects.values("number").distinct().count() == 12


def test_a_worker_that_dies_half_way_leaves_the_receipt_to_the_next_one() -> None:
    waiting(1)
    with pytest.raises(KeyboardInterrupt), transaction.atomic():
        assert receipts.issue_one()
        raise KeyboardInterrupt
    assert Receipt.objects.get().issued_at is None
    assert LedgerEntry.objects.filter(kind="receipt.issued").count() == 0
    assert receipts.issue_waiting() == 1
    assert Receipt.objects.get().number is not None


def test_the_background_task_issues_what_waits() -> None:
    from dispatch.tasks import issue_receipts

    waiting(2)
    assert issue_receipts() == 2
    assert issue_receipts() == 0
