"""Addresses for machines that watch over an installation."""

from django.urls import path

from sanneng.web.views import running

urlpatterns = [
    path("healthz", running.healthz, name="healthz"),
    path("metrics", running.metrics, name="metrics"),
]
