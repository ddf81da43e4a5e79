"""What a car remembers after its process was killed."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from autonomy.link import messages as m
from autonomy.link.journal import BadJournal, Journal

WRITER = """
import sys
from pathlib import Path
from autonomy.link import messages as m
from autonomy.link.journal import Journal
journal = Journal(Path(sys.argv[1]), "v1")
n = 0
while True:
    n += 1
    journal.commit(parts={"life": str(n).encode()}, events=[m.Held(reason=str(n))], at_ms=n,
                   ack=m.CommandAck(seq=n, outcome="accepted"))
    journal.checkpoint({"place": str(n).encode()})
    print(n, flush=True)
"""


def test_a_killed_car_has_forgotten_nothing_that_it_said(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    process = subprocess.Popen([sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE)
    while not path.exists():
        time.sleep(0.01)
    time.sleep(0.3)
    process.kill()
    said = int(process.communicate()[0].split()[-1])
    journal = Journal(path, "v1")
    last = journal.last_event_seq()
    assert last in (said, said + 1)
    assert [event.seq for event in journal.events_after(0, 10**6)] == list(range(1, last + 1))
    assert journal.events_after(0, 10**6)[-1].body == m.Held(reason=str(last))
    # state, event and outcome belong together
    assert (journal.part("life"), journal.downlink_seq) == (str(last).encode(), last)
    assert journal.part("place") in (str(last).encode(), str(last - 1).encode())
    journal.close()


def test_a_step_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.db", "v1")
    journal.commit(parts={"life": b"1"}, events=[m.Held(reason="a")], at_ms=1)
    with pytest.raises(TypeError):
        journal.commit(parts={"life": b"2"}, events=[m.Held(reason="b"), object()], at_ms=2)  # type: ignore[list-item]
    assert (journal.part("life"), journal.last_event_seq()) == (b"1", 1)
    [event] = journal.commit(parts={}, events=[m.Held(reason="c")], at_ms=3)
    assert event.seq == 2


def test_acknowledged_events_are_forgotten_and_numbers_go_on(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.db", "v1")
    journal.commit(parts={}, events=[m.Held(reason=str(n)) for n in range(1, 6)], at_ms=1)
    journal.forget_through(5)
    assert journal.events_after(0, 10) == []
    journal.close()
    journal = Journal(tmp_path / "journal.db", "v1")
    assert journal.commit(parts={}, events=[m.Held(reason="6")], at_ms=1)[0].seq == 6


def test_outcomes_of_commands_are_kept_for_a_while(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.db", "v1")
    for seq in range(1, 301):
        journal.settle(m.CommandAck(seq=seq, outcome="refused", code="expired"))
    assert journal.outcome_of(300) == m.CommandAck(seq=300, outcome="refused", code="expired")
    assert journal.outcome_of(1) is None
    assert journal.downlink_seq == 300


def test_a_journal_belongs_to_one_car(tmp_path: Path) -> None:
    Journal(tmp_path / "journal.db", "v1").close()
    with pytest.raises(BadJournal, match="belongs to vehicle v1"):
        Journal(tmp_path / "journal.db", "v2")


def test_a_file_that_is_no_journal_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    path.write_bytes(b"no database at all" * 100)
    with pytest.raises(BadJournal, match=r"journal\.db"):
        Journal(path, "v1")


def test_two_processes_can_not_use_one_journal(tmp_path: Path) -> None:
    first = Journal(tmp_path / "journal.db", "v1")
    first.checkpoint({"place": b"x"})
    with pytest.raises(BadJournal, match="locked"):
        Journal(tmp_path / "journal.db", "v1")
    first.close()
