"""What the console knows: rooms register their part, with how an event changes it.

A part is a provider (all rows as they are now, by id) and a patcher (a pure function of one ledger event). The rule
that both must keep, and that a test proves for every service: snapshot + patches of later events == later snapshot.
Whoever shows something subscribes here; nobody who changes something has to know the console.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction

from fleet.ledger import selectors as ledger
from fleet.ledger.domain import LedgerEvent

Row = dict[str, Any]
Rows = dict[str, Row]
# By entity and id: the fields that changed (None for a row that is no longer shown).
Patch = dict[str, dict[str, Row | None]]
Provider = Callable[[], Rows]
Patcher = Callable[[LedgerEvent], Patch]


@dataclass(frozen=True)
class Part:
    provider: Provider
    patcher: Patcher


_parts: dict[str, Part] = {}


def register(name: str, provider: Provider, patcher: Patcher) -> None:
    """Add a part under `name`; the same name again replaces it. A patcher may also touch the rows of other parts."""
    _parts[name] = Part(provider, patcher)


def names() -> tuple[str, ...]:
    return tuple(_parts)


def rows(name: str) -> Rows:
    """The rows of one part as they are now; empty when nobody registered it."""
    return _parts[name].provider() if name in _parts else {}


def take() -> dict[str, Any]:
    """`{"seq": n, <part>: {id: row}}`, all of one moment: every event up to `seq` is in it and none after."""
    with transaction.atomic():
        if not _inside_outer_transaction():
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        return {"seq": ledger.head(), **{name: part.provider() for name, part in _parts.items()}}


def _inside_outer_transaction() -> bool:
    # The block that `take` opened is the only one unless a caller (a test) has its own.
    return len(connection.savepoint_ids) > 0


def patch_of(event: LedgerEvent) -> Patch:
    """What `event` changes in all parts; empty when the console does not show it."""
    merged: Patch = {}
    for part in _parts.values():
        merge_patch(merged, part.patcher(event))
    return merged


def merge_patch(into: Patch, more: Mapping[str, Mapping[str, Row | None]]) -> None:
    """Lay `more` over `into`, field by field; a removed row stays removed until it comes back as a whole."""
    for entity, changes in more.items():
        known = into.setdefault(entity, {})
        for key, row in changes.items():
            before = known.get(key)
            known[key] = row if row is None or before is None else {**before, **row}


def apply(state: dict[str, Any], patch: Patch) -> None:
    """Change a snapshot as the browser does: shallow merge by id, None removes."""
    for entity, changes in patch.items():
        table: Rows = state.setdefault(entity, {})
        for key, row in changes.items():
            if row is None:
                table.pop(key, None)
            else:
                table[key] = {**table.get(key, {}), **row}


def wire_events(events: Iterable[LedgerEvent]) -> list[dict[str, Any]]:
    """Events as browsers get them. Those without effect stay in, empty, so that the numbers have no gaps."""
    return [
        {
            "seq": event.seq,
            "at": event.at.isoformat(),
            "kind": event.kind,
            "subject": [event.subject_type, event.subject_id],
            "patch": patch_of(event),
        }
        for event in events
    ]
