"""Index of all routes."""

from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

urlpatterns = [
    path("", include("fleet.base.health")),
    path("", include("fleet.access.api")),
    path("", include("fleet.access.views")),
    path("", include("fleet.vehicles.api")),
    path("", include("fleet.console.urls")),
    path("api/schema", SpectacularAPIView.as_view(), name="schema"),
    path("api/docs", SpectacularSwaggerSplitView.as_view(url_name="schema"), name="docs"),
    # Each app's own index; dispatch stands above fleet, so it is named and not imported.
    path("", include("dispatch.urls")),
]

handler400 = "fleet.base.pages.bad_request"
handler403 = "fleet.base.pages.forbidden"
handler404 = "fleet.base.pages.not_found"
handler500 = "fleet.base.pages.failed"
