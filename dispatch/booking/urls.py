"""Routes of the rider's API."""

from django.urls import path

from dispatch.booking import api

urlpatterns = [
    path("api/service-area", api.ServiceAreaView.as_view(), name="service-area"),
    path("api/quotes", api.QuotesView.as_view(), name="quotes"),
    path("api/rides", api.RidesView.as_view(), name="rides"),
    path("api/rides/<uuid:ride_id>", api.RideView.as_view(), name="ride"),
    path("api/rides/<uuid:ride_id>/tracking", api.TrackingView.as_view(), name="ride-tracking"),
    path("api/rides/<uuid:ride_id>/unlock", api.UnlockView.as_view(), name="ride-unlock"),
    path("api/rides/<uuid:ride_id>/start", api.StartView.as_view(), name="ride-start"),
    path("api/rides/<uuid:ride_id>/cancel", api.CancelView.as_view(), name="ride-cancel"),
    path("api/rides/<uuid:ride_id>/reassign", api.ReassignView.as_view(), name="ride-reassign"),
]
