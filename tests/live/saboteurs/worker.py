"""A worker that is killed between claiming a receipt and writing it.

`SABOTAGE=claim-first` makes it the broken variant: the claim is a commit of its own, so that nobody writes the receipt.
"""

import os
import sys
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fleet.settings")

from fleet.celery import app

app.loader.import_default_modules()

from dispatch.rides import receipts
from dispatch.rides.models import Receipt
from fleet.base import clock
from fleet.ledger import services as ledger
from tests.live.saboteurs.once import die_once

_record = ledger.record


def dying_record(**entry: Any) -> None:
    if entry["kind"] == "receipt.issued":
        die_once("worker")
    _record(**entry)


def claim_first() -> bool:
    claimed = Receipt.objects.filter(issued_at__isnull=True).values_list("pk", flat=True).first()
    if claimed is None:
        return False
    Receipt.objects.filter(pk=claimed).update(issued_at=clock.now())
    die_once("worker")
    return True


vars(ledger)["record"] = dying_record  # the sabotage
if os.environ.get("SABOTAGE") == "claim-first":
    vars(receipts)["issue_one"] = claim_first

if __name__ == "__main__":
    app.start(sys.argv[1:])
