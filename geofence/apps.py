from django.apps import AppConfig


class GeofenceConfig(AppConfig):
    name = "geofence"

    def ready(self) -> None:
        # The roads know nothing of what stands beside them; whoever hangs on their edges is named here.
        from geofence.roads.services import on_import
        from geofence.stops.services import rebuild

        on_import(rebuild)
