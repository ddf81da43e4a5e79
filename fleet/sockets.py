"""Index of the fleet's websocket routes."""

from django.urls import URLPattern, path

from fleet.console.consumers import ConsoleConsumer

websocket_urlpatterns: list[URLPattern] = [path("ws/console", ConsoleConsumer.as_asgi())]
