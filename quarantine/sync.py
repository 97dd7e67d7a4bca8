"""Sync: what the sources hold becomes rows, and rows learn what became of them.

Shelf by shelf, each in transactions of its own: killed anywhere, the next run goes on. A shelf
whose stamp is as it was is not read. A mail that is no longer at its source is ``gone``, and held
again when it comes back (a mount that was away).
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from quarantine import audit, linking
from quarantine.backends.base import (
    Backend,
    BackendUnavailable,
    FoundItem,
    ItemGone,
    ItemUnreadable,
    Shelf,
)
from quarantine.choices import HeldState, Outcome, Verb
from quarantine.connect import connect
from quarantine.models import QuarantinedMessage, QuarantineSource, SourceShelf

log = logging.getLogger(__name__)

BATCH = 500
# A run ends somewhere, so that one full source does not keep the others waiting.
MAX_NEW_ITEMS = 10_000
# What may turn out to be gone; mail under way belongs to whoever acts on it.
_WATCHED = (HeldState.HELD, HeldState.DELETED)
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
    report.released = note_releases(source)
    source.failure = report.failure or "; ".join(report.examples)
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
        _mark_gone(source, _rows_of(source, name), report)
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
    _mark_gone(source, {key: rows[key] for key in rows.keys() - present}, report)
    _mark_back(source, rows, present, report)
    is_whole = len(fresh) <= room and report.unreadable == unreadable
    report.is_whole = report.is_whole and len(fresh) <= room
    SourceShelf.objects.update_or_create(
        source=source,
        name=shelf.name,
        defaults={"stamp": shelf.stamp if is_whole else ""},
    )


def _rows_of(source: QuarantineSource, shelf: str) -> dict[str, str]:
    """State by key of everything that a shelf ever had."""
    rows = QuarantinedMessage.objects.filter(source=source, shelf=shelf)
    return dict(rows.values_list("key", "state"))


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


def _mark_gone(source: QuarantineSource, rows: dict[str, str], report: SyncReport) -> None:
    keys = [key for key, state in rows.items() if state in _WATCHED]
    for start in range(0, len(keys), BATCH):
        report.gone += QuarantinedMessage.objects.filter(
            source=source, key__in=keys[start : start + BATCH], state__in=_WATCHED
        ).update(state=HeldState.GONE, state_changed_at=timezone.now(), delete_after=None)


def _mark_back(
    source: QuarantineSource, rows: dict[str, str], present: set[str], report: SyncReport
) -> None:
    keys = [key for key in present if rows.get(key) == HeldState.GONE]
    for start in range(0, len(keys), BATCH):
        report.back += QuarantinedMessage.objects.filter(
            source=source, key__in=keys[start : start + BATCH], state=HeldState.GONE
        ).update(state=HeldState.HELD, state_changed_at=timezone.now())


def note_releases(source: QuarantineSource) -> int:
    """Mail that the log says somebody released, here or elsewhere; how many rows changed."""
    count = 0
    for seen in linking.releases_in_log(source.pk):
        with transaction.atomic():
            held = QuarantinedMessage.objects.select_for_update().get(pk=seen.held_id)
            if held.state not in {HeldState.HELD, HeldState.GONE}:
                continue
            held.released_recipients = [
                item
                for item in held.recipients
                if item in held.released_recipients or item.casefold() in seen.recipients
            ]
            if not held.waiting_recipients:
                held.state, held.state_changed_at = HeldState.RELEASED, seen.at
            held.save(update_fields=("released_recipients", "state", "state_changed_at"))
            audit.append(
                audit.Entry(audit.SYSTEM, Verb.NOTICE, Outcome.DONE, audit.about(held)),
                recipients=seen.recipients,
                detail="the log tells of a release",
            )
        count += 1
    return count


def sync_all(only: str | None = None) -> list[SyncReport]:
    """Every enabled source, or the named one; one that fails does not stop the others."""
    sources = QuarantineSource.objects.filter(is_enabled=True)
    if only is not None:
        sources = QuarantineSource.objects.filter(name=only)
    return [sync_source(source) for source in sources]
