"""What a car must not forget when its process dies: one SQLite file per car.

Every step of the car's life is one transaction: the new state, the events that tell of it, and the outcome of the
command that caused it. So after `kill -9` or loss of power the car goes on from a moment that the platform can know of,
no event is told twice and none is lost. Only the running position (`checkpoint`) is written without waiting for the
disk.
"""

import sqlite3
from collections.abc import Sequence
from pathlib import Path

import msgspec

from autonomy.link.messages import CommandAck, Event, EventBody

OUTCOMES_KEPT = 256
_SCHEMA = """
CREATE TABLE IF NOT EXISTS counter (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS outbox (seq INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL, body BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS outcome (seq INTEGER PRIMARY KEY, ack BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS part (name TEXT PRIMARY KEY, body BLOB NOT NULL) WITHOUT ROWID;
"""
_encode = msgspec.json.Encoder().encode
_body: msgspec.json.Decoder[EventBody] = msgspec.json.Decoder(EventBody)
_ack: msgspec.json.Decoder[CommandAck] = msgspec.json.Decoder(CommandAck)


class BadJournal(Exception):
    """The file is not a journal of this car, or is damaged."""


class Journal:
    """Implements `session.Outbox`. Not for several threads or processes: the file is locked while it is open."""

    def __init__(self, path: Path, vehicle_id: str) -> None:
        """Opens or makes the journal; raises `BadJournal`."""
        try:
            self._db = sqlite3.connect(path, isolation_level=None, timeout=2.0)
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute("PRAGMA locking_mode = EXCLUSIVE")
            self._db.execute("PRAGMA synchronous = FULL")
            self._db.executescript(_SCHEMA)
            self._claim(vehicle_id)
            self._event_seq = self._counter("event_seq")
            self._downlink_seq = self._counter("downlink_seq")
        except sqlite3.Error as error:
            raise BadJournal(f"{path}: {error}") from error

    def close(self) -> None:
        self._db.close()

    # --- one step of the car's life

    def commit(
        self,
        *,
        parts: dict[str, bytes],
        events: Sequence[EventBody] = (),
        at_ms: int = 0,
        ack: CommandAck | None = None,
    ) -> list[Event]:
        """Writes the parts of the state that changed, the events and a command's outcome, all or nothing, to the disk.

        Returns the events with their numbers.
        """
        numbered = [
            Event(seq=self._event_seq + index, at_ms=at_ms, body=body) for index, body in enumerate(events, start=1)
        ]
        with self._transaction():
            self._put_parts(parts)
            for event in numbered:
                self._db.execute("INSERT INTO outbox VALUES (?, ?, ?)", (event.seq, at_ms, _encode(event.body)))
            if numbered:
                self._set_counter("event_seq", numbered[-1].seq)
            if ack is not None:
                self._put_outcome(ack)
        if numbered:
            self._event_seq = numbered[-1].seq
        if ack is not None:
            self._downlink_seq = max(self._downlink_seq, ack.seq)
        return numbered

    def checkpoint(self, parts: dict[str, bytes]) -> None:
        """Writes parts of the state that may be a second old after a loss of power; safe against `kill -9`."""
        self._db.execute("PRAGMA synchronous = NORMAL")
        try:
            with self._transaction():
                self._put_parts(parts)
        finally:
            self._db.execute("PRAGMA synchronous = FULL")

    def part(self, name: str) -> bytes | None:
        row = self._db.execute("SELECT body FROM part WHERE name = ?", (name,)).fetchone()
        return bytes(row[0]) if row else None

    # --- the link's side: `session.Outbox`

    @property
    def downlink_seq(self) -> int:
        """Highest command number that was decided on."""
        return self._downlink_seq

    def last_event_seq(self) -> int:
        return self._event_seq

    def events_after(self, seq: int, limit: int) -> list[Event]:
        if seq >= self._event_seq:
            return []
        rows = self._db.execute(
            "SELECT seq, at_ms, body FROM outbox WHERE seq > ? ORDER BY seq LIMIT ?", (seq, limit)
        ).fetchall()
        return [Event(seq=row[0], at_ms=row[1], body=_body.decode(row[2])) for row in rows]

    def forget_through(self, seq: int) -> None:
        with self._transaction():
            self._db.execute("DELETE FROM outbox WHERE seq <= ?", (seq,))

    def renumber_above(self, seq: int) -> None:
        """Gives the waiting events numbers above `seq`: the platform has counted further than this journal."""
        with self._transaction():
            waiting = self._db.execute("SELECT at_ms, body FROM outbox ORDER BY seq").fetchall()
            self._db.execute("DELETE FROM outbox")
            for index, (at_ms, body) in enumerate(waiting, start=1):
                self._db.execute("INSERT INTO outbox VALUES (?, ?, ?)", (seq + index, at_ms, body))
            self._set_counter("event_seq", seq + len(waiting))
        self._event_seq = seq + len(waiting)

    def outcome_of(self, seq: int) -> CommandAck | None:
        row = self._db.execute("SELECT ack FROM outcome WHERE seq = ?", (seq,)).fetchone()
        return _ack.decode(row[0]) if row else None

    def settle(self, ack: CommandAck) -> None:
        """Records the outcome of a command that had no other effect."""
        self.commit(parts={}, ack=ack)

    # --- inside

    def _claim(self, vehicle_id: str) -> None:
        owner = self.part("vehicle_id")
        if owner is None:
            with self._transaction():
                self._put_parts({"vehicle_id": vehicle_id.encode()})
        elif owner != vehicle_id.encode():
            raise BadJournal(f"this journal belongs to vehicle {owner.decode(errors='replace')}, not to {vehicle_id}")

    def _counter(self, name: str) -> int:
        row = self._db.execute("SELECT value FROM counter WHERE name = ?", (name,)).fetchone()
        return int(row[0]) if row else 0

    def _set_counter(self, name: str, value: int) -> None:
        self._db.execute("INSERT OR REPLACE INTO counter VALUES (?, ?)", (name, value))

    def _put_parts(self, parts: dict[str, bytes]) -> None:
        self._db.executemany("INSERT OR REPLACE INTO part VALUES (?, ?)", list(parts.items()))

    def _put_outcome(self, ack: CommandAck) -> None:
        self._db.execute("INSERT OR REPLACE INTO outcome VALUES (?, ?)", (ack.seq, _encode(ack)))
        self._db.execute("DELETE FROM outcome WHERE seq <= ?", (ack.seq - OUTCOMES_KEPT,))
        if ack.seq > self._downlink_seq:
            self._set_counter("downlink_seq", ack.seq)

    def _transaction(self) -> "_Transaction":
        return _Transaction(self._db)


class _Transaction:
    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def __enter__(self) -> None:
        self._db.execute("BEGIN IMMEDIATE")

    def __exit__(self, kind: object, value: object, trace: object) -> None:
        self._db.execute("COMMIT" if kind is None else "ROLLBACK")
