"""Routes of the tracking app."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from tracking import registry_views, saved_views, story_views, token_views, views, watch_views

app_name = "tracking"
urlpatterns: list[URLPattern | URLResolver] = [
    path("search/", views.search, name="search"),
    path("search/ask/", views.ask, name="search-ask"),
    path("search/export.csv", views.export_search, {"ending": "csv"}, name="search-csv"),
    path("search/export.ndjson", views.export_search, {"ending": "ndjson"}, name="search-ndjson"),
    path("search/saved/", saved_views.saved_searches, name="saved-searches"),
    path("search/saved/<int:pk>/", saved_views.change_saved_search, name="saved-search"),
    path(
        "search/saved/<int:pk>/delete/",
        saved_views.delete_saved_search,
        name="saved-search-delete",
    ),
    path("messages/<int:message>/", story_views.message_detail, name="message-detail"),
    path("messages/<int:message>/live/", story_views.message_live, name="message-live"),
    path("messages/<int:message>/hops/<int:hop>/lines/", story_views.hop_lines, name="hop-lines"),
    path(
        "messages/<int:message>/hops/<int:hop>/details/",
        story_views.hop_details,
        name="hop-details",
    ),
    path("messages/<int:message>/watch/", watch_views.watch, name="watch"),
    path("watches/", watch_views.watches, name="watches"),
    path("watches/read/", watch_views.read, name="watches-read"),
    path("watches/<int:watch>/forget/", watch_views.forget, name="watch-forget"),
    path("rejections/", views.rejections, name="rejections"),
    path("rejections/export.csv", views.export_rejections, name="rejections-csv"),
    path("rejections/<slug:place>/", views.rejection, name="rejection"),
    path("rejections/<slug:place>/lines/", views.rejection_lines, name="rejection-lines"),
    path("tokens/", token_views.tokens, name="tokens"),
    path("tokens/<int:token>/revoke/", token_views.revoke, name="token-revoke"),
    path("replies/unclassified/", views.unclassified, name="unclassified"),
    path("status/", views.status, name="status"),
    path("registry/", registry_views.registry, name="registry"),
    path("registry/export.csv", registry_views.export, name="registry-csv"),
    path("registry/networks/new/", registry_views.register, name="register"),
    path("registry/imports/<int:pk>/", registry_views.preview, name="registry-import"),
    path("registry/imports/<int:pk>/discard/", registry_views.discard, name="registry-discard"),
]
