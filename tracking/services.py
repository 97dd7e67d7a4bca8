"""Lines in, and a worker told of them: what everything that takes in lines calls."""

from __future__ import annotations

import logging
from datetime import datetime

from django.db import transaction
from kombu.exceptions import OperationalError as BrokerError

from tracking.intake import FilePosition, add_segment
from tracking.models import LogSegment, LogSource
from tracking.tasks import process_source

log = logging.getLogger(__name__)

# With so many segments waiting, tasks wait too, or no worker runs: more would only fill the broker.
_ENOUGH_WAITING = 100


def store_segment(
    source: LogSource,
    raw: bytes,
    *,
    sequence: str | None = None,
    position: FilePosition | None = None,
    reference_at: datetime | None = None,
) -> LogSegment:
    """Store raw lines (see ``add_segment``) and have them processed once they are committed.

    A broker that is away does no harm: beat looks for what waits.
    """
    segment = add_segment(
        source, raw, sequence=sequence, position=position, reference_at=reference_at
    )
    transaction.on_commit(lambda: _start(source.pk))
    return segment


def _start(source_id: int) -> None:
    if not start_processing(source_id):
        log.warning("segments of source %s wait: the broker does not answer", source_id)


def start_processing(source_id: int) -> bool:
    """Have a worker process a source's segments; False when the broker does not answer."""
    numbers = LogSource.objects.filter(pk=source_id).values_list("next_number", "next_to_process")
    for stored, processed in numbers:
        if stored - processed > _ENOUGH_WAITING:
            return True
    try:
        process_source.apply_async((source_id,), retry=False)
    except BrokerError:
        return False
    return True
