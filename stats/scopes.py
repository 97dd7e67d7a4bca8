"""What tokens may do with statistics and alerts."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from mailgw.lib.scopes import Scope

ALERTS, ACKNOWLEDGE = "alerts:read", "alerts:acknowledge"
SCOPES = (
    Scope(ALERTS, _("Read alerts"), "stats.view_alert"),
    Scope(ACKNOWLEDGE, _("Acknowledge alerts"), "stats.acknowledge_alert"),
)
