"""Who asks: sessions for browsers, with CSRF protection, answering 401 to visitors; tokens for apps."""

from typing import Any

from django.conf import settings
from drf_spectacular.authentication import SessionScheme as DRFSessionScheme
from drf_spectacular.contrib.knox_auth_token import KnoxTokenScheme
from knox.auth import TokenAuthentication as KnoxTokenAuthentication
from rest_framework.authentication import SessionAuthentication as DRFSessionAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request


class SessionAuthentication(DRFSessionAuthentication):
    def authenticate_header(self, request: Request) -> str:
        return "Session"


class TokenAuthentication(KnoxTokenAuthentication):  # type: ignore[misc]  # knox publishes no types
    """Refuses what can be no token before it is decoded and looked for; the library stumbles over bytes of its own."""

    def authenticate_credentials(self, token: bytes) -> tuple[Any, Any]:
        if not token.isalnum():
            raise AuthenticationFailed("Invalid token.")
        found: tuple[Any, Any] = super().authenticate_credentials(token)
        return found


class TokenScheme(KnoxTokenScheme):  # type: ignore[no-untyped-call]  # drf-spectacular registers it on the way
    """Describes it in the API's schema, which finds it by the name of the class."""

    target_class = "fleet.access.authentication.TokenAuthentication"
    name = "token"


class SessionScheme(DRFSessionScheme):  # type: ignore[no-untyped-call]
    """The same for browsers."""

    target_class = "fleet.access.authentication.SessionAuthentication"
    name = "session"
    priority = 0

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        return {
            "type": "apiKey",
            "in": "cookie",
            "name": settings.SESSION_COOKIE_NAME,
            "description": "Sign in at `/login`. Requests that change something need the CSRF token as `X-CSRFToken`.",
        }
