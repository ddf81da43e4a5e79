"""POST once: the same Idempotency-Key gives the same answer, and the effect happens one time.

The record is inserted before the effect and in the same transaction: a second request with the key waits on the unique
index until the first has committed, and then replays its answer. When the first fails, its record goes with it and the
second may try. An answer that refuses (4xx) is not kept, because nothing happened and the reason may pass.
"""

import functools
import hashlib
import json
from collections.abc import Callable
from typing import Any, Concatenate, ParamSpec, cast

from django.db import connection, transaction
from rest_framework.request import Request
from rest_framework.response import Response

from fleet.base.models import IdempotencyRecord
from geofence.base.errors import Refusal

MAX_KEY = 100
_ONCE: set[object] = set()  # the decorated handlers
P = ParamSpec("P")
Handler = Callable[Concatenate[Any, Request, P], Response]


def _fingerprint(request: Request) -> str:
    canonical = json.dumps(request.data, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def _claim(principal: str, route: str, key: str, request_hash: str) -> bool:
    """Insert the record; False when another request has it already (waiting for that one to end)."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO fleet_idempotencyrecord (principal, route, key, request_hash, created_at) "
            "VALUES (%s, %s, %s, %s, now()) ON CONFLICT (principal, route, key) DO NOTHING RETURNING id",
            [principal, route, key, request_hash],
        )
        return cursor.fetchone() is not None


def _key_of(request: Request) -> str:
    key: str = request.headers.get("Idempotency-Key", "").strip()
    if not key:
        raise Refusal(
            "idempotency_key_required",
            "Send an Idempotency-Key header, new for each new intent, so that a repeat is not carried out twice.",
            field="Idempotency-Key",
        )
    if len(key) > MAX_KEY or not key.isprintable():
        raise Refusal("invalid", f"At most {MAX_KEY} printable characters are taken.", field="Idempotency-Key")
    return key


def _replay(principal: str, route: str, key: str, request_hash: str) -> Response:
    record = IdempotencyRecord.objects.get(principal=principal, route=route, key=key)
    if record.request_hash != request_hash:
        raise Refusal(
            "idempotency_key_reused",
            "This Idempotency-Key was used with another body.",
            field="Idempotency-Key",
            status=422,
        )
    return Response(record.body, status=record.status, headers={"Idempotent-Replayed": "true"})


class _Undo(Exception):
    """Carries a refusing answer out of the transaction, which is rolled back."""

    def __init__(self, response: Response) -> None:
        self.response = response


def idempotent(handler: Handler[P]) -> Handler[P]:
    """Decorate a DRF POST handler. The principal is the signed-in user; anonymous callers share one, by their key.

    Raises Refusal `idempotency_key_required` (400) and `idempotency_key_reused` (422).
    """

    @functools.wraps(handler)
    def once(view: Any, request: Request, *args: P.args, **kwargs: P.kwargs) -> Response:
        key = _key_of(request)
        principal = f"user:{request.user.pk}" if request.user.is_authenticated else "anonymous"
        route, request_hash = request.path[:120], _fingerprint(request)
        try:
            with transaction.atomic():
                if not _claim(principal, route, key, request_hash):
                    return _replay(principal, route, key, request_hash)
                response = handler(view, request, *args, **kwargs)
                if response.status_code >= 400:
                    raise _Undo(response)
                # As the client gets it: rendered, so that a replay is the same to the byte.
                body = json.loads(view.get_renderers()[0].render(response.data) or b"null")
                IdempotencyRecord.objects.filter(principal=principal, route=route, key=key).update(
                    status=response.status_code, body=body
                )
                return response
        except _Undo as undo:
            return undo.response

    _ONCE.add(once)
    return cast("Handler[P]", once)


def takes_key(handler: object) -> bool:
    """Whether this handler was decorated, for the API's description."""
    return getattr(handler, "__func__", handler) in _ONCE
