"""A worker that is killed between claiming a receipt and writing it.

`SABOTAGE=pop-first` makes it the broken variant: it takes the row as from a queue, and has it in its memory only.
"""

import os
import sys
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fleet.settings")

from fleet.celery import app

app.loader.import_default_modules()

from dispatch.rides import receipts
from dispatch.rides.models import Receipt
from fleet.ledger import services as ledger
from tests.live.saboteurs.once import die_once

_record = ledger.record


def dying_record(**entry: Any) -> None:
    if entry["kind"] == "receipt.issued":
        die_once("worker")
    _record(**entry)


def pop_first() -> bool:
    waiting = Receipt.objects.filter(issued_at__isnull=True).first()
    if waiting is None:
        return False
    waiting.delete()
    die_once("worker")
    return True


vars(ledger)["record"] = dying_record  # the sabotage
if os.environ.get("SABOTAGE") == "pop-first":
    vars(receipts)["issue_one"] = pop_first

if __name__ == "__main__":
    app.start(sys.argv[1:])
