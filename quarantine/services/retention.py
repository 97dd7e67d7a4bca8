"""How long held mail, and what is known of it, is kept: by kind, in days, nothing by default."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db.models import Count, Exists, OuterRef, Q, Sum
from django.utils import timezone

from quarantine import audit
from quarantine.backends.base import BackendError
from quarantine.choices import HeldState, Outcome, Verb
from quarantine.connect import connect, item_of
from quarantine.models import BulkAction, QuarantinedMessage
from quarantine.querysets import HeldQuerySet
from quarantine.services.deletion import delete_one
from tracking.choices import QuarantineKind
from tracking.models import QuarantineDeletion

# How long it is kept how an action on many mails ended.
BULK_DAYS = 30
_BATCH = 500
_NO_LIMIT = 2**62
# What nobody will act on any more.
_CLOSED = (HeldState.RELEASED, HeldState.GONE, HeldState.REMOVED)


@dataclass(frozen=True, slots=True)
class Due:
    """What one rule of retention is about; ``failed`` counts filters that did not answer."""

    what: str
    days: int
    mails: int
    size_bytes: int
    failed: int = 0


def prune(*, is_dry_run: bool, limit: int = _NO_LIMIT) -> list[Due]:
    """Delete held mail that is older than its kind is kept, and rows of closed mail.

    Held mail is deleted as by hand: audited, and recoverable for a while. At most ``limit`` mails
    by each rule.
    """
    rules = [(kind, days) for kind, days in kept_days().items() if days]
    most = 0 if is_dry_run else limit
    report = [_prune_held(kind, days, most) for kind, days in rules]
    if settings.QUARANTINE_RECORD_DAYS:
        report.append(_prune_records(settings.QUARANTINE_RECORD_DAYS, most))
        if not is_dry_run:
            _forget_deletions(settings.QUARANTINE_RECORD_DAYS)
    if not is_dry_run:
        _forget_bulk_actions()
    return report


def _forget_bulk_actions() -> None:
    """What was done stays in the audit trail; how a bulk ended is looked at soon or never."""
    before = timezone.now() - timedelta(days=BULK_DAYS)
    BulkAction.objects.filter(ended_at__lt=before).delete()


def _forget_deletions(days: int) -> None:
    """What a filter's log told of mail that the console does not know any more, or never did."""
    before = timezone.now() - timedelta(days=days)
    known = QuarantinedMessage.objects.filter(quarantine_id=OuterRef("quarantine_id"))
    QuarantineDeletion.objects.filter(~Exists(known), at__lt=before).delete()


def kept_days() -> dict[QuarantineKind, int]:
    """QUARANTINE_KEEP_DAYS by kind; 0 keeps for ever."""
    return {
        kind: int(settings.QUARANTINE_KEEP_DAYS.get(kind.name.lower(), 0))
        for kind in QuarantineKind
        if kind
    }


def _prune_held(kind: QuarantineKind, days: int, limit: int) -> Due:
    before = timezone.now() - timedelta(days=days)
    due = QuarantinedMessage.objects.filter(state=HeldState.HELD, kind=kind, received_at__lt=before)
    found = _due(kind.name.lower(), days, due)
    done = 0
    while batch := list(due.select_related("source")[: min(_BATCH, limit - done)]):
        done += len(batch)
        for held in batch:
            entry = audit.Entry(
                audit.SYSTEM,
                Verb.DELETE,
                Outcome.DONE,
                audit.about(held),
                f"{found.what} is kept {days} days",
            )
            delete_one(held, entry)
    return found


def _due(what: str, days: int, rows: HeldQuerySet) -> Due:
    sums = rows.aggregate(mails=Count("pk"), size=Sum("size_bytes"))
    return Due(what, days, sums["mails"], sums["size"] or 0)


def _prune_records(days: int, limit: int) -> Due:
    """Rows of mail that was released or is gone; its actions stay in the audit trail.

    A file that a filter still has would come back as a held mail, so it goes first.
    """
    before = timezone.now() - timedelta(days=days)
    due = QuarantinedMessage.objects.filter(
        Q(state__in=_CLOSED), received_at__lt=before, state_changed_at__lt=before
    )
    found = _due("records", days, due)
    last = done = failed = 0
    later = due.select_related("source").order_by("pk")
    while batch := list(later.filter(pk__gt=last)[: min(_BATCH, limit - done)]):
        done += len(batch)
        last = batch[-1].pk
        removed = [held.pk for held in batch if _remove_file(held)]
        failed += len(batch) - len(removed)
        QuarantinedMessage.objects.filter(pk__in=removed, state__in=_CLOSED).delete()
    return Due(found.what, days, found.mails, found.size_bytes, failed)


def _remove_file(held: QuarantinedMessage) -> bool:
    if not held.is_at_source:
        return True
    try:
        connect(held.source).delete(item_of(held))
    except BackendError:
        return False
    return True
