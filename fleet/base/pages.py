"""Errors that no view answers: programs under /api/ get a problem document, people a page."""

from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.views import defaults

from fleet.base.errors import problem_page

_API = "/api/"


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    """Such as an unknown Host header, or a form with thousands of fields."""
    return _either(
        request,
        400,
        "invalid",
        "The request is not valid.",
        lambda: defaults.bad_request(request, exception),
    )


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    return _either(
        request,
        403,
        "permission_denied",
        "You may not do this.",
        lambda: defaults.permission_denied(request, exception),
    )


def not_found(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    return _either(
        request,
        404,
        "not_found",
        "There is nothing at this address.",
        lambda: defaults.page_not_found(request, exception),
    )


def failed(request: HttpRequest) -> HttpResponseBase:
    """Our bug; the trace is in the log and not in the answer."""
    return _either(
        request,
        500,
        "internal",
        "Something went wrong here. It has been logged.",
        lambda: defaults.server_error(request),
    )


def _either(
    request: HttpRequest, status: int, code: str, detail: str, page: Callable[[], HttpResponseBase]
) -> HttpResponseBase:
    if request.path.startswith(_API):
        return problem_page(request.path, code=code, detail=detail, status_code=status)
    return page()
