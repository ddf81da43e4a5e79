"""Index of the app's routes."""

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("dispatch.booking.urls")),
    path("", include("dispatch.rider.urls")),
]
