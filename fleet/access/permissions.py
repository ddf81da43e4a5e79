"""How a route or a socket declares who may use it: one of `allow(...)` and `public(...)`.

    permission_classes = [allow(Role.OPERATOR)]     on a DRF view
    @allowed(Role.OPERATOR)                         on a Django view
    access = allow(Role.OPERATOR)                   on a websocket consumer

What declares nothing is closed, and a test that walks all routes and sockets fails.
"""

import functools
from collections.abc import Callable
from typing import Any, ClassVar, Concatenate, ParamSpec, TypeVar, cast

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from fleet.access.domain import Role

P = ParamSpec("P")
ResponseT = TypeVar("ResponseT", bound=HttpResponseBase)
PageView = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


class Access(BasePermission):
    """Base of declared permissions. `roles` empty and `why` given: everybody."""

    roles: ClassVar[frozenset[Role]] = frozenset()
    why: ClassVar[str] = ""

    @classmethod
    def admits(cls, user: Any) -> bool:
        """Whether this user may come in; for views, sockets and templates alike."""
        if cls.why:
            return True
        return bool(user and user.is_authenticated and user.is_active and user.role in cls.roles)

    def has_permission(self, request: Request, view: Any) -> bool:
        return self.admits(request.user)


class Undeclared(Access):
    """Nobody. What a view has that declares nothing."""


class PublicDocs(Access):
    why = "the API's description tells nothing about anybody"


def allow(*roles: Role) -> type[Access]:
    """A permission class for exactly these roles."""
    assert roles, "name at least one role, or use public()"
    return type("Allow_" + "_".join(roles), (Access,), {"roles": frozenset(roles)})


class public:  # a word in a sentence: permission_classes = [public("why").access]
    """Open to everybody, with the reason. Decorates a Django view; `.access` is for DRF views and consumers."""

    def __init__(self, why: str) -> None:
        self.access: type[Access] = type("Public", (Access,), {"why": why})

    def __call__(self, view: Callable[P, ResponseT]) -> Callable[P, ResponseT]:
        view.access = self.access  # type: ignore[attr-defined]  # a mark that the route test reads
        return view


def allowed(*roles: Role) -> Callable[[PageView[P]], PageView[P]]:
    """Declare a Django view: visitors go to the login page, other roles get 403."""
    access = allow(*roles)

    def decorate(view: PageView[P]) -> PageView[P]:
        @functools.wraps(view)
        def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            if access.admits(request.user):
                return view(request, *args, **kwargs)
            if request.user.is_authenticated:
                raise PermissionDenied("Your role may not open this page.")
            return redirect_to_login(request.get_full_path())

        guarded.access = access  # type: ignore[attr-defined]  # a mark that the route test reads
        return cast("PageView[P]", guarded)

    return decorate
