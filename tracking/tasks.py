"""Celery tasks of tracking."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from celery import shared_task

from tracking.ingest.pipeline import run_source, waiting_sources
from tracking.models import LogSource


@shared_task(name="tracking.process_source")
def process_source(source_id: int) -> dict[str, Any]:
    """Process the waiting segments of one source; a source that is gone has none.

    While another worker is at it, that one does the work, and this one is free for other sources.
    """
    if not LogSource.objects.filter(pk=source_id).exists():
        return {}
    return asdict(run_source(source_id, is_patient=False))


@shared_task(name="tracking.process_waiting")
def process_waiting() -> list[int]:
    """Start the work that is left over from a worker that was killed."""
    sources = waiting_sources()
    for source_id in sources:
        process_source.delay(source_id)
    return sources
