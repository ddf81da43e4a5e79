"""Signing in and out with a browser."""

from django.contrib.auth.views import LoginView, LogoutView
from django.urls import path

from fleet.access.domain import WATCHERS
from fleet.access.permissions import public


class SignIn(LoginView):
    """After signing in, everybody goes where his role works, unless he came from somewhere."""

    template_name = "login.html"
    redirect_authenticated_user = True

    def get_default_redirect_url(self) -> str:
        user = self.request.user
        return "/console/" if user.is_authenticated and user.role in WATCHERS else "/ride"


urlpatterns = [
    path("login", public("this is where one says who one is")(SignIn.as_view()), name="login"),
    path("logout", public("leaving is always allowed")(LogoutView.as_view()), name="logout"),
]
