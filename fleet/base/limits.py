"""How large a request may be, decided before anything reads it."""

import re
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from fleet.base.errors import problem_page


class BodyLimitMiddleware:
    """Refuse bodies over HANSOM_MAX_BODY_BYTES with 413, and bodies of unannounced length with 411."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.headers.get("Transfer-Encoding", "").lower() == "chunked":
            return problem_page(
                request.path,
                code="length_required",
                detail="Send a Content-Length; chunked bodies are not taken.",
                status_code=411,
            )
        announced = request.headers.get("Content-Length") or "0"
        if not re.fullmatch(r"[0-9]{1,18}", announced):
            return problem_page(request.path, code="invalid", detail="Content-Length is not a number.", status_code=400)
        if int(announced) > settings.HANSOM_MAX_BODY_BYTES:
            detail = f"The body has {announced} bytes; at most {settings.HANSOM_MAX_BODY_BYTES} are taken."
            return problem_page(request.path, code="body_too_large", detail=detail, status_code=413)
        return self.get_response(request)
