"""The quarantine app."""

from __future__ import annotations

from django.apps import AppConfig

from mailgw.lib.scopes import register_scopes
from quarantine import checks
from quarantine.scopes import SCOPES

__all__ = ["QuarantineConfig", "checks"]


class QuarantineConfig(AppConfig):
    """Makes the scopes of the quarantine known."""

    name = "quarantine"

    def ready(self) -> None:
        register_scopes(SCOPES)
