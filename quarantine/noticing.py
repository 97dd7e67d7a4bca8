"""What was done with held mail outside of this console, seen at its source or in the log.

Each is a row of the audit trail, as far as it is known: that it was done, not by whom. Mail that
is under way here belongs to whoever acts on it, so its state is left alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from django.db import transaction
from django.utils import timezone

from quarantine import audit, linking
from quarantine.choices import HeldState, Noticed, Outcome, Verb
from quarantine.models import QuarantinedMessage, QuarantineSource
from quarantine.querysets import HeldQuerySet
from quarantine.services.settling import close_requests

BATCH = 500
# Nobody here will act on it any more, but it may come back.
LEFT = (HeldState.GONE, HeldState.REMOVED)
# What becomes of mail that is not there any more.
_WITHOUT_FILE = {HeldState.HELD: HeldState.REMOVED, HeldState.DELETED: HeldState.GONE}
_SERVED = {
    "released_recipients": Noticed.RELEASED_LOG,
    "removed_recipients": Noticed.REMOVED_LOG,
}


def note_missing(source: QuarantineSource, keys: Sequence[str]) -> int:
    """Mail that its source does not have any more; of how many that changes what can be done."""
    return sum(_note_missing(source, part) for part in _parts(keys))


@transaction.atomic
def _note_missing(source: QuarantineSource, keys: Sequence[str]) -> int:
    rows = list(_locked(source, keys).filter(is_at_source=True))
    changed = []
    for held in rows:
        held.is_at_source = False
        if held.state in _WITHOUT_FILE:
            held.state = _WITHOUT_FILE[HeldState(held.state)]
            held.state_changed_at, held.delete_after = timezone.now(), None
            changed.append(held)
    _save(rows, "is_at_source", "state", "state_changed_at", "delete_after")
    _audit(changed, Noticed.REMOVED_FILE)
    close_requests([held.pk for held in changed], f"{Noticed.REMOVED_FILE}:")
    return len(changed)


def note_back(source: QuarantineSource, keys: Sequence[str]) -> int:
    """Mail that is there again (a mount that was away): how many are held again."""
    return sum(_note_back(source, part) for part in _parts(keys))


@transaction.atomic
def _note_back(source: QuarantineSource, keys: Sequence[str]) -> int:
    rows = list(_locked(source, keys).filter(is_at_source=False))
    changed = []
    for held in rows:
        held.is_at_source = True
        if held.state in LEFT and (held.waiting_recipients or not held.recipients):
            held.state, held.state_changed_at = HeldState.HELD, timezone.now()
            changed.append(held)
    _save(rows, "is_at_source", "state", "state_changed_at")
    _audit(changed, Noticed.BACK)
    return len(changed)


def note_releases(source: QuarantineSource) -> int:
    """Mail that the log says somebody released, here or elsewhere; how many rows changed."""
    return sum(_note_served(seen, "released_recipients") for seen in linking.releases(source.pk))


def note_deletions(source: QuarantineSource) -> int:
    """Mail that the log says was deleted in the filter's own pages; how many rows changed."""
    return sum(_note_served(seen, "removed_recipients") for seen in linking.deletions(source.pk))


@transaction.atomic
def _note_served(seen: linking.Seen, column: str) -> int:
    """Who got it or whose it is no more; with the last recipient the mail is out of our hands."""
    held = QuarantinedMessage.objects.select_for_update(of=("self",)).get(pk=seen.held_id)
    known: list[str] = getattr(held, column)
    news = [name for name in held.recipients if name.casefold() in seen.recipients]
    news = [name for name in news if name not in known]
    if held.state not in {HeldState.HELD, *LEFT} or not news:
        return 0
    setattr(held, column, [*known, *news])
    if not held.waiting_recipients:
        held.state = HeldState.RELEASED if held.released_recipients else HeldState.REMOVED
        held.state_changed_at = seen.at
    held.save(update_fields=(column, "state", "state_changed_at"))
    audit.append(_entry(held), recipients=news, detail=f"{_SERVED[column]}:")
    if held.state == HeldState.REMOVED:
        close_requests([held.pk], f"{_SERVED[column]}:")
    return 1


def _parts(keys: Sequence[str]) -> Iterator[Sequence[str]]:
    return (keys[start : start + BATCH] for start in range(0, len(keys), BATCH))


def _locked(source: QuarantineSource, keys: Sequence[str]) -> HeldQuerySet:
    rows = QuarantinedMessage.objects.select_for_update(of=("self",)).select_related("source")
    return rows.filter(source=source, key__in=keys).order_by("pk")


def _save(rows: Sequence[QuarantinedMessage], *columns: str) -> None:
    QuarantinedMessage.objects.bulk_update(rows, columns)


def _entry(held: QuarantinedMessage) -> audit.Entry:
    return audit.Entry(audit.SYSTEM, Verb.NOTICE, Outcome.DONE, audit.about(held))


def _audit(rows: Sequence[QuarantinedMessage], what: Noticed) -> None:
    if rows:
        audit.append_all([(_entry(held), "", f"{what}:") for held in rows])
