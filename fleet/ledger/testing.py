"""For tests that live inside one transaction which never commits."""

from django.db import connection


def flush() -> None:
    """Give the entries recorded so far their place in the chain now, as a commit would."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
