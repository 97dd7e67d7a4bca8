"""Celery tasks of tracking."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from celery import shared_task

from tracking.ingest.pipeline import run_source, waiting_sources
from tracking.models import LogSource
from tracking.watching import end_watches, mail_notice


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


@shared_task(name="tracking.end_watches")
def end_ended_watches() -> list[int]:
    """Tell those who watch a mail that has ended."""
    ended = end_watches()
    for pk in ended:
        mail_watch_notice.delay(pk)
    return ended


@shared_task(
    name="tracking.mail_notice",
    autoretry_for=(OSError,),
    retry_backoff=60,
    max_retries=8,
)
def mail_watch_notice(pk: int) -> bool:
    """The notice by mail, if its reader has an address and the site sends mail."""
    return mail_notice(pk)
