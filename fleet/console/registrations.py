"""What fleet itself shows on the console, and what the console listens to. Called once when the process starts."""

from fleet.console import fleet_rows, services, snapshot, zone_rows
from geofence.zones.changes import on_change


def install() -> None:
    snapshot.register("vehicles", fleet_rows.current_vehicles, fleet_rows.patch_vehicles)
    snapshot.register("missions", fleet_rows.current_missions, fleet_rows.patch_missions)
    snapshot.register("zones", zone_rows.current, zone_rows.patch)
    on_change(services.zone_change_record)
