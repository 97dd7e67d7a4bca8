"""The quarantine app."""

from __future__ import annotations

from django.apps import AppConfig

from quarantine import checks

__all__ = ["QuarantineConfig", "checks"]


class QuarantineConfig(AppConfig):
    name = "quarantine"
