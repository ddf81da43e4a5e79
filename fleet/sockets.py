"""Index of the fleet's websocket routes."""

from django.urls import URLPattern, path

from fleet.console.consumers import ConsoleConsumer
from fleet.driverview.consumers import DriverViewConsumer
from fleet.gateway.consumer import vehicle_socket

websocket_urlpatterns: list[URLPattern] = [
    path("ws/console", ConsoleConsumer.as_asgi()),
    path("ws/console/driver/<uuid:vehicle_id>", DriverViewConsumer.as_asgi()),
    path("ws/vehicle", vehicle_socket),  # type: ignore[arg-type]  # an ASGI application, as Channels routes them
]
