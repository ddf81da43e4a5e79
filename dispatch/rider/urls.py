"""Routes of the rider's page."""

from django.urls import path

from dispatch.rider import views

urlpatterns = [
    path("ride", views.ride_page, name="rider"),
    path("signup", views.sign_up, name="signup"),
]
