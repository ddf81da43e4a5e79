"""Refusals: what the platform will not do, said so that a person and a program both understand it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class Refusal(Exception):
    """A request that is understood and turned down.

    `code` is a stable word for programs, `detail` a sentence for people, `field` names the part of the input at
    fault, `status` is the HTTP status with which an edge answers, `extra` holds further public members (JSON types).
    """

    def __init__(
        self,
        code: str,
        detail: str,
        *,
        field: str | None = None,
        status: int = 400,
        extra: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(code, detail)
        self.code = code
        self.detail = detail
        self.field = field
        self.status = status
        self.extra: dict[str, Any] = dict(extra or {})

    def __str__(self) -> str:
        where = f" ({self.field})" if self.field else ""
        return f"{self.code}{where}: {self.detail}"


class NotFound(Refusal):
    """The named thing does not exist, or the asker may not know that it does."""

    def __init__(self, detail: str, *, code: str = "not_found", field: str | None = None) -> None:
        super().__init__(code, detail, field=field, status=404)


class Conflict(Refusal):
    """The thing is no longer in the state that the request assumes; somebody else was first."""

    def __init__(
        self,
        code: str,
        detail: str,
        *,
        field: str | None = None,
        extra: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(code, detail, field=field, status=409, extra=extra)


class Unprocessable(Refusal):
    """The request is well formed, and the rules forbid what it asks for."""

    def __init__(
        self,
        code: str,
        detail: str,
        *,
        field: str | None = None,
        extra: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(code, detail, field=field, status=422, extra=extra)
