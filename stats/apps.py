"""The stats app."""

from __future__ import annotations

from django.apps import AppConfig

from mailgw.lib.scopes import register_scopes
from stats import checks
from stats.scopes import SCOPES

__all__ = ["StatsConfig", "checks"]


class StatsConfig(AppConfig):
    """Makes the scopes of stats known."""

    name = "stats"

    def ready(self) -> None:
        register_scopes(SCOPES)
