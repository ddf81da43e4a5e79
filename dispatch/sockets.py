"""Index of the app's websocket routes."""

from django.urls import URLPattern, path

from dispatch.booking.consumers import RideConsumer

websocket_urlpatterns: list[URLPattern] = [path("ws/rides/<uuid:ride_id>", RideConsumer.as_asgi())]
