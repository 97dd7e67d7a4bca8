"""Routes of the quarantine app."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from quarantine import (
    action_views,
    audit_views,
    digest_views,
    found_views,
    request_views,
    views,
)
from quarantine.action_views import DELETE, RELEASE, REQUEST, RESTORE

app_name = "quarantine"
urlpatterns: list[URLPattern | URLResolver] = [
    path("quarantine/", views.held_list, name="list"),
    path("quarantine/by-id/<path:quarantine_id>/", views.by_quarantine_id, name="by-quarantine-id"),
    path("quarantine/<int:held>/", views.detail, name="detail"),
    path("quarantine/<int:held>/content/", views.content, name="content"),
    path("quarantine/<int:held>/source/", views.source, name="source"),
    path("quarantine/<int:held>/download/", views.download, name="download"),
    path("quarantine/<int:held>/attachment/", views.attachment, name="attachment"),
    path("quarantine/release/", action_views.action_view(action_views.RELEASE), name="release"),
    path("quarantine/delete/", action_views.action_view(action_views.DELETE), name="delete"),
    path("quarantine/restore/", action_views.action_view(action_views.RESTORE), name="restore"),
    path("quarantine/request/", action_views.action_view(action_views.REQUEST), name="request"),
    path("quarantine/resolve/", action_views.action_view(action_views.RESOLVE), name="resolve"),
    path("quarantine/release/found/", found_views.found_view(RELEASE), name="release-found"),
    path("quarantine/delete/found/", found_views.found_view(DELETE), name="delete-found"),
    path("quarantine/restore/found/", found_views.found_view(RESTORE), name="restore-found"),
    path("quarantine/request/found/", found_views.found_view(REQUEST), name="request-found"),
    path("quarantine/bulk/<int:pk>/", found_views.bulk, name="bulk"),
    path("quarantine/results/<str:token>/", action_views.results, name="results"),
    path("quarantine/requests/", request_views.request_list, name="requests"),
    path("quarantine/requests/seen/", request_views.answers_seen, name="answers-seen"),
    path("quarantine/requests/<int:pk>/", request_views.decide, name="decide"),
    path("quarantine/requests/<int:pk>/withdraw/", request_views.withdraw, name="withdraw"),
    path("quarantine/audit/", audit_views.audit_list, name="audit"),
    path("quarantine/audit/export.csv/", audit_views.audit_export, {"ending": "csv"}, "audit-csv"),
    path(
        "quarantine/audit/export.ndjson/",
        audit_views.audit_export,
        {"ending": "ndjson"},
        "audit-ndjson",
    ),
    path("quarantine/digest/<str:token>/", digest_views.digest_link, name="digest-link"),
]
