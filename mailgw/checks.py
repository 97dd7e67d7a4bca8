"""Numbered system checks of the deployment: each says what is wrong and what to do."""

from __future__ import annotations

from collections.abc import Sequence
from zoneinfo import available_timezones

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register


def check_site_time_zone(
    app_configs: Sequence[AppConfig] | None, **_options: object
) -> list[CheckMessage]:
    """mailgw.E001: pages can't show times in a zone that doesn't exist."""
    if settings.SITE_TIME_ZONE in available_timezones():
        return []
    message = f"SITE_TIME_ZONE {settings.SITE_TIME_ZONE!r} is no time zone."
    return [Error(message, hint="Use a name such as Asia/Jakarta.", id="mailgw.E001")]


def check_database_engine(
    app_configs: Sequence[AppConfig] | None, **_options: object
) -> list[CheckMessage]:
    """mailgw.E002: COPY, partitions and network columns exist in PostgreSQL only."""
    if settings.DATABASES["default"]["ENGINE"] == "django.db.backends.postgresql":
        return []
    hint = "Set DATABASE_URL to postgres://USER:PASSWORD@HOST/NAME, or unset it."
    return [Error("The database is not PostgreSQL.", hint=hint, id="mailgw.E002")]


def check_front_end_packages(
    app_configs: Sequence[AppConfig] | None, **_options: object
) -> list[CheckMessage]:
    """mailgw.E003: pages without their CSS and charts are no console."""
    if settings.NODE_MODULES.is_dir() or (settings.STATIC_ROOT / "staticfiles.json").exists():
        return []
    hint = "Run bin/start, or npm ci --omit=dev in the project's directory."
    return [Error("The front-end packages are missing.", hint=hint, id="mailgw.E003")]


def check_log_format(
    app_configs: Sequence[AppConfig] | None, **_options: object
) -> list[CheckMessage]:
    """mailgw.W004: programs that collect logs read JSON."""
    if settings.LOG_FORMAT == "json":
        return []
    hint = "Set LOG_FORMAT=json where logs are collected."
    return [Warning("Log lines are written for people.", hint=hint, id="mailgw.W004")]


def register_checks() -> None:
    for check in (check_site_time_zone, check_database_engine, check_front_end_packages):
        register(check, Tags.compatibility)
    register(check_log_format, Tags.compatibility, deploy=True)
