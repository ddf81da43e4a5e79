"""The rider's pages."""

from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_http_methods, require_safe

from dispatch.rider.forms import SignUpForm
from fleet.access.domain import Role
from fleet.access.permissions import allowed, public
from fleet.console.views import page_config

HOME = "/ride"


@allowed(Role.RIDER)
@ensure_csrf_cookie
@require_safe
def ride_page(request: HttpRequest) -> HttpResponse:
    return render(request, "rider/ride.html", {"page": page_config(request)})


@public("anybody may become a rider")
@require_http_methods(["GET", "POST"])
def sign_up(request: HttpRequest) -> HttpResponse:
    if request.user.is_authenticated:
        return HttpResponseRedirect(HOME)
    form = SignUpForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and form.user is not None:
        login(request, form.user, backend="django.contrib.auth.backends.ModelBackend")
        return HttpResponseRedirect(_safe_target(request))
    return render(request, "rider/signup.html", {"form": form}, status=422 if form.errors else 200)


def _safe_target(request: HttpRequest) -> str:
    wanted = request.GET.get("next", "")
    safe = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if safe else HOME
