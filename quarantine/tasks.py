"""Celery tasks of the quarantine. Each may run twice, or late."""

from __future__ import annotations

import logging
from dataclasses import asdict
from typing import Any

from celery import shared_task
from kombu.exceptions import OperationalError as BrokerError

from quarantine.answer_tasks import mail_request_answer
from quarantine.digest import send_digests
from quarantine.models import QuarantineSource
from quarantine.release_ties import tie_releases
from quarantine.services.deletion import purge_deleted
from quarantine.services.found import left_over
from quarantine.services.found import run as run_bulk
from quarantine.services.release import resume_releases
from quarantine.services.retention import prune
from quarantine.sync import sync_source
from quarantine.telling import mail_answers_left

__all__ = ["mail_request_answer"]

log = logging.getLogger(__name__)

# Well within a task's time; the next run goes on.
PRUNED_AT_ONCE = 20_000


@shared_task(name="quarantine.sync_source")
def sync_one_source(source_id: int) -> dict[str, Any]:
    """Read what is new in one source; a source that is gone has nothing."""
    source = QuarantineSource.objects.filter(pk=source_id, is_enabled=True).first()
    return asdict(sync_source(source)) if source else {}


@shared_task(name="quarantine.sync_sources")
def sync_sources() -> list[int]:
    """Have every source read, each on its own: a slow one keeps no other waiting."""
    sources = list(QuarantineSource.objects.filter(is_enabled=True).values_list("pk", flat=True))
    for source_id in sources:
        sync_one_source.apply_async((source_id,), expires=60)
    return sources


@shared_task(name="quarantine.tie_releases")
def tie_releases_to_log() -> int:
    """Have tracking know which mail is a release, and of which."""
    return tie_releases()


@shared_task(name="quarantine.finish_actions")
def finish_actions() -> dict[str, int]:
    """End what dead processes left, and make deletions final whose time has come."""
    for pk in left_over():
        run_bulk_action.apply_async((pk,), expires=60)
    return {
        "resumed": len(resume_releases()),
        "purged": len(purge_deleted()),
        "told": mail_answers_left(),
    }


@shared_task(name="quarantine.run_bulk")
def run_bulk_action(pk: int) -> bool:
    """Do a part of a confirmed action on many mails, and come again for the rest."""
    is_done = run_bulk(pk)
    if not is_done:
        run_bulk_action.apply_async((pk,))
    return is_done


def start_bulk_action(pk: int) -> None:
    """Without a broker it begins when beat finds it left over."""
    try:
        run_bulk_action.apply_async((pk,), retry=False)
    except BrokerError:
        log.warning("bulk action %s waits: the broker does not answer", pk)


@shared_task(name="quarantine.prune")
def prune_quarantine() -> list[dict[str, Any]]:
    """Delete what is older than it is kept."""
    return [asdict(due) for due in prune(is_dry_run=False, limit=PRUNED_AT_ONCE)]


@shared_task(name="quarantine.send_digests")
def send_recipients_digests() -> int:
    """Today's digest to whom it was not sent yet."""
    return send_digests()
