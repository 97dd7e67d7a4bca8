"""Routes of the helpdesk app."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver

app_name = "helpdesk"
urlpatterns: list[URLPattern | URLResolver] = []
