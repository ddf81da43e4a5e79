"""The ledger orders, chains and guards itself."""

import threading

import pytest
from django.db import DatabaseError, connection, connections, transaction

from fleet.ledger import selectors, services
from fleet.ledger.domain import GENESIS, ChainRow, entry_hash, verify_chain
from fleet.ledger.models import LedgerEntry
from fleet.ledger.testing import flush


def record(kind: str = "test.happened", number: int = 0) -> None:
    services.record(
        kind=kind, subject_type="test", subject_id="s1", actor="test", data={"number": number, "text": "ä→✓"}
    )


@pytest.mark.django_db
def test_entries_get_rising_sequence_numbers_without_gaps() -> None:
    start = selectors.head()
    for number in range(5):
        record(number=number)
    flush()
    events = selectors.after(start)
    assert [event.seq for event in events] == [start + 1, start + 2, start + 3, start + 4, start + 5]
    assert [event.data["number"] for event in events] == [0, 1, 2, 3, 4]
    assert events[0].data["text"] == "ä→✓"


@pytest.mark.usefixtures("committed")
def test_record_outside_a_transaction_is_refused_and_writes_nothing() -> None:
    with pytest.raises(RuntimeError, match="outside a transaction"):
        record()
    assert LedgerEntry.objects.count() == 0


@pytest.mark.usefixtures("committed")
def test_a_rolled_back_transaction_leaves_neither_entry_nor_gap() -> None:
    with transaction.atomic():
        record(number=1)
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        record(number=2)
        raise ZeroDivisionError
    with transaction.atomic():
        record(number=3)
    assert [(event.seq, event.data["number"]) for event in selectors.after(0)] == [(1, 1), (2, 3)]


@pytest.mark.usefixtures("committed")
def test_concurrent_writers_leave_one_unbroken_chain() -> None:
    def write() -> None:
        for number in range(20):
            with transaction.atomic():
                record(number=number)
        connections.close_all()

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    report = selectors.verify()
    assert (report.checked, report.head_seq, report.broken_at) == (80, 80, None)


@pytest.mark.usefixtures("committed")
@pytest.mark.parametrize(
    "tampering",
    [
        "UPDATE fleet_ledgerentry SET body = '{}' WHERE seq = 2",
        "UPDATE fleet_ledgerentry SET seq = 9 WHERE seq = 2",
        "DELETE FROM fleet_ledgerentry WHERE seq = 2",
        "INSERT INTO fleet_ledgerentry (seq, at, kind, subject_type, subject_id, actor, body) "
        "VALUES (9, now(), 'x', 'x', 'x', 'x', '{}')",
    ],
)
def test_the_database_refuses_to_change_history(tampering: str) -> None:
    with transaction.atomic():
        for number in range(3):
            record(number=number)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(tampering)
    report = selectors.verify()
    assert (report.checked, report.broken_at) == (3, None)


@pytest.mark.usefixtures("committed")
@pytest.mark.parametrize(
    ("tampering", "broken_at"),
    [
        ("UPDATE fleet_ledgerentry SET body = '{}' WHERE seq = 2", 2),
        ("DELETE FROM fleet_ledgerentry WHERE seq = 2", 2),
        ("DELETE FROM fleet_ledgerentry WHERE seq = 4", 4),
        ("UPDATE fleet_ledgerentry SET at = at + interval '1 microsecond' WHERE seq = 3", 3),
        ("UPDATE fleet_ledgerentry SET actor = 'somebody' WHERE seq = 1", 1),
    ],
)
def test_verification_finds_what_the_owner_of_the_database_changed_with_the_guards_off(
    tampering: str, broken_at: int
) -> None:
    with transaction.atomic():
        for number in range(4):
            record(number=number)
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")  # triggers off, as an insider could
        cursor.execute(tampering)
        cursor.execute("SET session_replication_role = DEFAULT")
    assert selectors.verify().broken_at == broken_at


def row(seq: int, prev: str) -> ChainRow:
    blank = ChainRow(seq, 1_000_000 * seq, "k", "t", "i", "a", "{}", prev, "")
    return ChainRow(seq, 1_000_000 * seq, "k", "t", "i", "a", "{}", prev, entry_hash(blank))


def test_verification_accepts_a_chain_and_names_the_first_entry_that_does_not_fit() -> None:
    first = row(1, GENESIS)
    second = row(2, first.hash)
    assert verify_chain([first, second]).head_hash == second.hash
    assert verify_chain([second]).reason == "entry 1 is missing"
    assert verify_chain([first, row(2, GENESIS)]).reason == "does not follow the entry before it"
