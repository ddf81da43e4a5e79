"""Routes of the console."""

from django.urls import path

from fleet.console import api, tiles, views, zones_api
from fleet.releases.api import ReleasesView

urlpatterns = [
    path("", views.home, name="home"),
    path("console/", views.map_page, name="console"),
    path("console/zones/", views.zones_page, name="console-zones"),
    path("console/releases/", views.releases_page, name="console-releases"),
    path("console/history/<slug:subject_type>/<uuid:subject_id>", views.history, name="console-history"),
    path("tiles/<int:z>/<int:x>/<int:y>.mvt", tiles.tile, name="tile"),
    path("api/console/snapshot", api.SnapshotView.as_view(), name="console-snapshot"),
    path("api/console/vehicles/<uuid:vehicle_id>", api.VehicleDetailView.as_view(), name="console-vehicle"),
    path("api/console/releases", ReleasesView.as_view(), name="console-releases-api"),
    path("api/zones", zones_api.ZonesView.as_view(), name="zones"),
    path("api/zones/publish", zones_api.PublishView.as_view(), name="zones-publish"),
    path("api/zones/retire", zones_api.RetireView.as_view(), name="zones-retire"),
    path("api/zones/impact", zones_api.ImpactView.as_view(), name="zones-impact"),
    path("api/zones/<uuid:zone_id>", zones_api.ZoneView.as_view(), name="zone"),
    path("api/odd/versions", zones_api.VersionsView.as_view(), name="odd-versions"),
]
