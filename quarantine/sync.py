"""Sync: what the sources hold becomes rows, and rows learn what became of them.

Shelf by shelf, each in transactions of its own: killed anywhere, the next run goes on. A shelf
whose stamp is as it was is not read. What was done outside of this console: noticing.py.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from quarantine import linking, noticing
from quarantine.backends.base import (
    Backend,
    BackendUnavailable,
    FoundItem,
    ItemGone,
    ItemUnreadable,
    Shelf,
)
from quarantine.connect import connect
from quarantine.models import QuarantinedMessage, QuarantineSource, SourceShelf

log = logging.getLogger(__name__)

BATCH = 500
# A run ends somewhere, so that one full source does not keep the others waiting.
MAX_NEW_ITEMS = 10_000
_LOCK = 0x51_53_59_4E  # "QSYN"


@dataclass(slots=True)
class SyncReport:
    """Counts of one run; ``is_whole`` False when the limit ended it before the end."""

    source: str
    shelves: int = 0
    added: int = 0
    gone: int = 0
    back: int = 0
    unreadable: int = 0
    linked: int = 0
    released: int = 0
    deleted: int = 0
    failure: str = ""
    is_whole: bool = True
    is_busy: bool = False
    examples: list[str] = field(default_factory=list)


def sync_source(source: QuarantineSource, limit: int = MAX_NEW_ITEMS) -> SyncReport:
    """One run over a source; at most ``limit`` new mails. Two at once: the second does nothing."""
    report = SyncReport(source.name)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [_LOCK, source.pk])
        report.is_busy = not cursor.fetchone()[0]
        if report.is_busy:
            return report
        try:
            _run(source, report, limit)
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [_LOCK, source.pk])
    return report


def _run(source: QuarantineSource, report: SyncReport, limit: int) -> None:
    try:
        _read_shelves(source, connect(source), report, limit)
    except BackendUnavailable as error:
        report.failure = str(error)
        log.warning("quarantine source %s: %s", source.name, error)
    report.linked = linking.link_to_log(source.pk)
    report.released = noticing.note_releases(source)
    report.deleted = noticing.note_deletions(source)
    source.failure = report.failure or "\n".join(report.examples)
    source.synced_at = source.synced_at if report.failure else timezone.now()
    source.save(update_fields=("failure", "synced_at"))


def _read_shelves(
    source: QuarantineSource, backend: Backend, report: SyncReport, limit: int
) -> None:
    known = dict(SourceShelf.objects.filter(source=source).values_list("name", "stamp"))
    present = list(backend.shelves())
    for shelf in present:
        if shelf.stamp and shelf.stamp == known.get(shelf.name):
            continue
        if report.added >= limit:
            report.is_whole = False
            break
        _read_shelf(source, backend, shelf, report, limit)
    for name in known.keys() - {shelf.name for shelf in present}:
        _note_missing(source, _rows_of(source, name), set(), report)
        SourceShelf.objects.filter(source=source, name=name).delete()


def _read_shelf(
    source: QuarantineSource, backend: Backend, shelf: Shelf, report: SyncReport, limit: int
) -> None:
    report.shelves += 1
    try:
        present = set(backend.keys(shelf.name))
    except ItemUnreadable as error:
        _note_unreadable(report, error)
        return
    rows = _rows_of(source, shelf.name)
    fresh = sorted(present - rows.keys())
    unreadable = report.unreadable
    room = max(limit - report.added, 0)
    for start in range(0, min(len(fresh), room), BATCH):
        _add(source, backend, shelf.name, fresh[start : min(start + BATCH, room)], report)
    _note_missing(source, rows, present, report)
    is_whole = len(fresh) <= room and report.unreadable == unreadable
    report.is_whole = report.is_whole and len(fresh) <= room
    SourceShelf.objects.update_or_create(
        source=source,
        name=shelf.name,
        defaults={"stamp": shelf.stamp if is_whole else ""},
    )


def _note_missing(
    source: QuarantineSource, rows: dict[str, bool], present: set[str], report: SyncReport
) -> None:
    """Mail that is not there any more, and mail that is there again."""
    missing = [key for key, was_there in rows.items() if was_there and key not in present]
    back = [key for key, was_there in rows.items() if not was_there and key in present]
    report.gone += noticing.note_missing(source, missing)
    report.back += noticing.note_back(source, back)


def _rows_of(source: QuarantineSource, shelf: str) -> dict[str, bool]:
    """Keys of everything that a shelf ever had, and whether it was there when last read."""
    rows = QuarantinedMessage.objects.filter(source=source, shelf=shelf)
    return dict(rows.values_list("key", "is_at_source"))


def _add(
    source: QuarantineSource,
    backend: Backend,
    shelf: str,
    keys: Sequence[str],
    report: SyncReport,
) -> None:
    found = [item for key in keys if (item := _describe(backend, key, report)) is not None]
    rows = [row_of(source, shelf, item) for item in found]
    with transaction.atomic():
        # A key that a run killed just now has added already is left as it is.
        QuarantinedMessage.objects.bulk_create(rows, ignore_conflicts=True)
    report.added += len(rows)


def _describe(backend: Backend, key: str, report: SyncReport) -> FoundItem | None:
    try:
        return backend.describe(key)
    except ItemGone:
        return None
    except ItemUnreadable as error:
        _note_unreadable(report, error)
        return None


def _note_unreadable(report: SyncReport, error: ItemUnreadable) -> None:
    report.unreadable += 1
    if len(report.examples) < 3:
        report.examples.append(str(error))


def row_of(source: QuarantineSource, shelf: str, item: FoundItem) -> QuarantinedMessage:
    """A new row, held."""
    values: dict[str, Any] = {
        name: getattr(item, name)
        for name in (
            "key", "kind", "received_at", "envelope_sender", "header_from", "subject",
            "message_id", "size_bytes", "score", "virus", "quarantine_id", "client_ip",
        )
    }  # fmt: skip
    return QuarantinedMessage(
        source=source,
        shelf=shelf,
        recipients=list(item.recipients),
        rules=list(item.rules),
        data=dict(item.data),
        **values,
    )


def sync_all(only: str | None = None) -> list[SyncReport]:
    """Every enabled source, or the named one; one that fails does not stop the others."""
    sources = QuarantineSource.objects.filter(is_enabled=True)
    if only is not None:
        sources = QuarantineSource.objects.filter(name=only)
    return [sync_source(source) for source in sources]
