"""Every refusal of the API in one shape: RFC 9457 problem details, with the field and the reason."""

from collections.abc import Iterator
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, JsonResponse
from rest_framework import status
from rest_framework.exceptions import APIException, NotAuthenticated, ValidationError
from rest_framework.response import Response
from rest_framework.views import exception_handler

from geofence.base.errors import Refusal

CONTENT_TYPE = "application/problem+json"
TITLES = {
    400: "The request is not valid",
    401: "Who are you?",
    403: "You may not do this",
    404: "There is no such thing",
    405: "Not possible here",
    406: "No such representation",
    409: "The state has changed",
    410: "It is gone",
    411: "A length is missing",
    413: "The request is too large",
    415: "Unknown media type",
    422: "The request can't be carried out",
    428: "A header is missing",
    429: "Too many requests",
    503: "Not available right now",
}


def problem(
    *,
    code: str,
    detail: str,
    status_code: int,
    instance: str,
    errors: list[dict[str, str]],
    extra: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """The members of a problem document; `errors` has one entry {field, code, detail} for each fault."""
    return {
        "type": f"urn:hansom:problem:{code}",
        "title": TITLES.get(status_code, "Error"),
        "status": status_code,
        "detail": detail,
        "instance": instance,
        "code": code,
        "errors": errors,
        **(extra or {}),
    }


def _flatten(detail: Any, path: str = "") -> Iterator[dict[str, str]]:
    """Validation errors of nested serializers, as dotted field names."""
    if isinstance(detail, dict):
        for key, value in detail.items():
            name = "" if key == "non_field_errors" else str(key)
            yield from _flatten(value, ".".join(part for part in (path, name) if part))
    elif isinstance(detail, list):
        for item in detail:
            yield from _flatten(item, path)
    else:
        yield {"field": path, "code": str(getattr(detail, "code", "invalid")), "detail": str(detail)}


def _from_api_exception(error: APIException, instance: str) -> dict[str, Any]:
    errors = list(_flatten(error.detail))
    if isinstance(error, ValidationError):
        named = [f"{e['field']}: {e['detail']}" if e["field"] else e["detail"] for e in errors]
        return problem(code="invalid", detail="; ".join(named), status_code=400, instance=instance, errors=errors)
    code = str(errors[0]["code"]) if errors else "error"
    detail = errors[0]["detail"] if errors else ""
    return problem(code=code, detail=detail, status_code=error.status_code, instance=instance, errors=[])


def _from_refusal(error: Refusal, instance: str) -> dict[str, Any]:
    errors = [{"field": error.field, "code": error.code, "detail": error.detail}] if error.field else []
    return problem(
        code=error.code,
        detail=error.detail,
        status_code=error.status,
        instance=instance,
        errors=errors,
        extra=error.extra,
    )


def problem_response(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's exception handler. Unknown exceptions are not touched: they are our bugs and must be seen."""
    request = context["request"]
    if isinstance(error, Refusal):
        response = Response(_from_refusal(error, request.path), status=error.status)
    else:
        base = exception_handler(error, context)
        if base is None:
            return None
        if isinstance(error, Http404):
            body = problem(code="not_found", detail="Not found.", status_code=404, instance=request.path, errors=[])
        elif isinstance(error, PermissionDenied):
            body = problem(
                code="permission_denied", detail=str(error), status_code=403, instance=request.path, errors=[]
            )
        else:
            assert isinstance(error, APIException)
            body = _from_api_exception(error, request.path)
        response = base
        response.data = body
        if isinstance(error, NotAuthenticated) and response.status_code == status.HTTP_403_FORBIDDEN:
            # A session cookie has no WWW-Authenticate; without credentials the answer is 401 all the same.
            response.status_code = body["status"] = 401
    response.content_type = CONTENT_TYPE
    return response


def problem_page(request_path: str, *, code: str, detail: str, status_code: int) -> JsonResponse:
    """The same document from a middleware, outside DRF."""
    body = problem(code=code, detail=detail, status_code=status_code, instance=request_path, errors=[])
    return JsonResponse(body, status=status_code, content_type=CONTENT_TYPE)
