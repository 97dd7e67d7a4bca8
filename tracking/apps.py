"""The tracking app."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from mailgw.lib.scopes import register_scopes
from tracking.scopes import SCOPES


class TrackingConfig(AppConfig):
    """Makes the scopes of tracking known."""

    name = "tracking"
    verbose_name = _("Tracking")
    default_auto_field = "django.db.models.AutoField"

    def ready(self) -> None:
        register_scopes(SCOPES)
