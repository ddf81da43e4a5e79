"""A page and API server that dies after a booking is committed and before it is answered.

`SABOTAGE=no-idempotency` makes it the broken variant: it forgets the keys, so that the patient client books again.
"""

import os
from collections.abc import Callable, Iterable
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fleet.settings")

import django

django.setup()

if os.environ.get("SABOTAGE") == "no-idempotency":
    import fleet.base.idempotency

    fleet.base.idempotency.idempotent = lambda handler: handler  # before the API is imported

from fleet.wsgi import application as whole
from tests.live.saboteurs.once import die_once

StartResponse = Callable[..., Any]


def application(environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
    answer = whole(environ, start_response)
    if environ["REQUEST_METHOD"] == "POST" and environ["PATH_INFO"] == "/api/rides":
        die_once("web")
    return answer
