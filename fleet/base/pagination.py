"""Lists are given newest first, by cursor, so that a page does not shift while rows arrive."""

from rest_framework.pagination import CursorPagination


class NewestFirst(CursorPagination):
    ordering = "-id"  # ids are UUIDv7: newest first
    page_size_query_param = "limit"
    max_page_size = 200
