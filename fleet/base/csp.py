"""Content security policy: own scripts only, no inline code, sockets only to our socket server."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from fleet.base.context import socket_url

# The API docs page (Swagger UI) writes inline styles and data: images, and no script of others.
_POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
    "connect-src 'self' {socket}; worker-src 'self' blob:; object-src 'none'; base-uri 'self'; "
    "form-action 'self'; frame-ancestors 'none'"
)


class ContentSecurityPolicyMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if "Content-Security-Policy" not in response:
            response["Content-Security-Policy"] = _POLICY.format(socket=socket_url(request))
        return response
