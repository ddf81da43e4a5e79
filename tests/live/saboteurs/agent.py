"""An agent that dies when a car has arrived at a stop: after it is written down, and before the platform hears of it.

`SABOTAGE=no-outbox` makes it the broken variant: what the car has done is written first, and dies before its event is.
"""

import os
import runpy
import sys
from collections.abc import Sequence
from typing import Any

from autonomy.link.journal import Journal
from autonomy.link.messages import Event, EventBody, StopArrived
from tests.live.saboteurs.once import die_once

_commit = Journal.commit


def dying_commit(self: Journal, *, events: Sequence[EventBody] = (), **more: Any) -> list[Event]:
    if not any(isinstance(event, StopArrived) for event in events):
        return _commit(self, events=events, **more)
    if os.environ.get("SABOTAGE") == "no-outbox":
        _commit(self, **more)
        die_once("agent")
    numbered = _commit(self, events=events, **more)
    die_once("agent")
    return numbered


Journal.commit = dying_commit  # type: ignore[method-assign]  # the sabotage

if __name__ == "__main__":
    sys.argv[0] = "autonomy"
    runpy.run_module("autonomy", run_name="__main__")
