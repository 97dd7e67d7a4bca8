"""The router of /api/v1/ and its OpenAPI schema."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.routers import SimpleRouter

from mailgw.lib.renderers import JsonErrors
from quarantine.found_api import FoundViewSet
from quarantine.viewsets import AuditViewSet, HeldViewSet, RequestViewSet
from stats.alerts.viewsets import AlertViewSet
from tracking.intake_api import SegmentView
from tracking.registry_api import RegistryView
from tracking.trace_api import TraceView
from tracking.viewsets import DeliveryViewSet, MessageViewSet, RejectionViewSet

router = SimpleRouter()
router.register("messages", MessageViewSet, basename="message")
router.register("deliveries", DeliveryViewSet, basename="delivery")
router.register("rejections", RejectionViewSet, basename="rejection")
router.register("alerts", AlertViewSet, basename="alert")
router.register("quarantine/requests", RequestViewSet, basename="quarantine-request")
router.register("quarantine/audit", AuditViewSet, basename="quarantine-audit")
router.register("quarantine/found", FoundViewSet, basename="quarantine-found")
router.register("quarantine", HeldViewSet, basename="quarantine")


class SchemaView(JsonErrors, SpectacularAPIView):
    """The OpenAPI schema, for whoever may log in."""


docs = SpectacularSwaggerSplitView.as_view(url_name="api:schema", template_name="api/docs.html")

urlpatterns = [
    path("schema/", SchemaView.as_view(), name="schema"),
    path(
        "docs/",
        login_required(
            SpectacularSwaggerSplitView.as_view(
                url_name="api:schema", template_name="api/docs.html"
            )
        ),
        name="docs",
    ),
    path("trace/", TraceView.as_view({"get": "retrieve", "post": "create"}), name="trace"),
    path(
        "registry/",
        RegistryView.as_view({"get": "retrieve", "put": "update"}),
        name="registry",
    ),
    path("segments/", SegmentView.as_view(), name="segments"),
    path("", include(router.urls)),
]
