"""Routes of the quarantine app."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from quarantine import action_views, views

app_name = "quarantine"
urlpatterns: list[URLPattern | URLResolver] = [
    path("quarantine/", views.held_list, name="list"),
    path("quarantine/by-id/<path:quarantine_id>/", views.by_quarantine_id, name="by-quarantine-id"),
    path("quarantine/<int:held>/", views.detail, name="detail"),
    path("quarantine/<int:held>/content/", views.content, name="content"),
    path("quarantine/<int:held>/source/", views.source, name="source"),
    path("quarantine/<int:held>/download/", views.download, name="download"),
    path("quarantine/release/", action_views.action_view(action_views.RELEASE), name="release"),
    path("quarantine/delete/", action_views.action_view(action_views.DELETE), name="delete"),
    path("quarantine/restore/", action_views.action_view(action_views.RESTORE), name="restore"),
    path("quarantine/request/", action_views.action_view(action_views.REQUEST), name="request"),
    path("quarantine/results/<str:token>/", action_views.results, name="results"),
]
