"""Routes of the quarantine app."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver

app_name = "quarantine"
urlpatterns: list[URLPattern | URLResolver] = []
