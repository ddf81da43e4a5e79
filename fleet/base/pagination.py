"""Lists are given newest first, by cursor, so that a page does not shift while rows arrive."""

from base64 import b64decode
from typing import Any
from urllib.parse import parse_qs
from uuid import UUID

from rest_framework.pagination import CursorPagination
from rest_framework.request import Request

from geofence.base.errors import Refusal


class NewestFirst(CursorPagination):
    """Pages of `?limit=` rows from `?cursor=` on. Raises Refusal `invalid` for what is neither."""

    ordering = "-id"  # ids are UUIDv7: newest first
    page_size_query_param = "limit"
    max_page_size = 200

    def get_page_size(self, request: Request) -> int | None:
        given = request.query_params.get("limit")
        if given is None:
            return self.page_size
        limit = int(given) if given.isascii() and given.isdigit() and len(given) <= 4 else 0
        if not 1 <= limit <= self.max_page_size:
            raise Refusal("invalid", f"A whole number from 1 to {self.max_page_size} is expected.", field="limit")
        return limit

    def decode_cursor(self, request: Request) -> Any:
        given = request.query_params.get(self.cursor_query_param)
        if given is not None and not _points_at_an_id(given):
            raise Refusal("invalid", "This cursor was not given out here.", field=self.cursor_query_param)
        return super().decode_cursor(request)


def _points_at_an_id(cursor: str) -> bool:
    """The library checks the envelope only and asks the database for whatever position is in it."""
    try:
        members = parse_qs(b64decode(cursor.encode("ascii"), validate=True).decode("ascii"), keep_blank_values=True)
        for position in members.get("p", []):
            UUID(position)
    except ValueError:
        return False
    return all(value.isdigit() for value in (*members.get("o", []), *members.get("r", [])))
