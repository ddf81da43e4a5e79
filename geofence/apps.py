from django.apps import AppConfig


class GeofenceConfig(AppConfig):
    name = "geofence"

    def ready(self) -> None:
        # The roads know nothing of what stands beside them; whoever hangs on their edges is named here.
        from geofence.odd.services import when_map_changes, when_zones_change
        from geofence.roads.services import on_import
        from geofence.stops.services import rebuild
        from geofence.zones.changes import on_change

        on_import(rebuild)
        on_import(when_map_changes)
        on_change(when_zones_change)
