"""Index of the fleet's websocket routes."""

from django.urls import URLPattern

websocket_urlpatterns: list[URLPattern] = []
