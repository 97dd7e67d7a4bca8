"""What tokens may do with mail and its logs."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from mailgw.lib.scopes import EXPORT, Scope

READ, LINES, WRITE_SEGMENTS = "tracking:read", "lines:read", "segments:write"
READ_REGISTRY, WRITE_REGISTRY = "registry:read", "registry:write"
SCOPES = (
    Scope(READ, _("Search mail and rejections, read stories"), "tracking.view_message"),
    Scope(LINES, _("Read raw log lines"), "tracking.view_message"),
    Scope(EXPORT, _("Take whole results as CSV or NDJSON"), "tracking.view_message"),
    Scope(WRITE_SEGMENTS, _("Push log lines to any push source"), "tracking.add_logsegment"),
    Scope(READ_REGISTRY, _("Read customers and networks"), "tracking.view_clientnetwork"),
    Scope(WRITE_REGISTRY, _("Change customers and networks"), "tracking.import_registry"),
)
