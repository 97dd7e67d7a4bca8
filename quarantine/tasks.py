"""Celery tasks of the quarantine."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from celery import shared_task

from quarantine.sync import sync_all


@shared_task(name="quarantine.sync_sources")
def sync_sources() -> list[dict[str, Any]]:
    """Read what is new in every source."""
    return [asdict(report) for report in sync_all()]
