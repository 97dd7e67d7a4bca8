"""Routes of the tracking app."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from tracking import token_views, views

app_name = "tracking"
urlpatterns: list[URLPattern | URLResolver] = [
    path("search/", views.search, name="search"),
    path("search/ask/", views.ask, name="search-ask"),
    path("search/export.csv", views.export_search, {"ending": "csv"}, name="search-csv"),
    path("search/export.ndjson", views.export_search, {"ending": "ndjson"}, name="search-ndjson"),
    path("messages/<int:message>/", views.message_detail, name="message-detail"),
    path("messages/<int:message>/hops/<int:hop>/lines/", views.hop_lines, name="hop-lines"),
    path("rejections/", views.rejections, name="rejections"),
    path("rejections/export.csv", views.export_rejections, name="rejections-csv"),
    path("tokens/", token_views.tokens, name="tokens"),
    path("tokens/<int:token>/revoke/", token_views.revoke, name="token-revoke"),
    path("status/", views.status, name="status"),
]
