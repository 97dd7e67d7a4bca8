"""The composition root as a Django app: Celery, system checks, static file selection."""

from __future__ import annotations

from django.apps import AppConfig
from django.contrib.staticfiles.apps import StaticFilesConfig as DjangoStaticFilesConfig

from mailgw import celery, checks


class MailgwConfig(AppConfig):
    """Loads the Celery app, so that tasks called from any process reach the configured broker."""

    name = "mailgw"
    verbose_name = "Mail gateway console"
    celery_app = celery.app

    def ready(self) -> None:
        checks.register_checks()


class StaticFilesConfig(DjangoStaticFilesConfig):
    """Leaves out what the front-end packages ship beside the files that a browser loads."""

    ignore_patterns = [  # noqa: RUF012 (as Django declares it)
        *DjangoStaticFilesConfig.ignore_patterns,
        "*.cjs",
        "*.cjs.map",
        "*.d.ts",
        "*.d.cts",
        "*.rtl.*",
        "tabler-*",
        "tabler.css*",
        "tabler.js*",
        "tabler.esm*",
        "chart.umd.js*",
        "redoc*",
        "htmax*",
        "htmx-2-compat*",
        "htmx-4*",
        "hx-*",
        "ibm-plex-*.woff",
        "ibm-plex-*-italic.*",
        "ibm-plex-*-cyrillic*",
        "ibm-plex-*-greek*",
        "ibm-plex-*-latin-ext*",
        "ibm-plex-*-vietnamese*",
        "ibm-plex-sans-*-standard-*",
        "ibm-plex-sans-*-wdth-*",
        "ibm-plex-mono-*-[12357]00-*",
    ]
