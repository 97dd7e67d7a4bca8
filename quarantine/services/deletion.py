"""Deletion: recoverable for a while, then final. The filter's copy goes only at the end."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from quarantine import audit
from quarantine.backends.base import BackendError
from quarantine.choices import HeldState, Noticed, Outcome, Verb
from quarantine.connect import connect, item_of
from quarantine.faults import explained
from quarantine.locks import acting_on
from quarantine.models import QuarantinedMessage
from quarantine.services.bulk import Attempt, act_on_each, unknown
from quarantine.services.release import list_sender
from quarantine.services.results import Actor, ItemOutcome, checked_reason
from quarantine.services.settling import close_requests

log = logging.getLogger(__name__)

# A filter that did not answer is asked again after this.
RETRY = timedelta(hours=1)
PURGE_BATCH = 500

_DELETED_BEFORE = {
    HeldState.DELETED: (Outcome.ALREADY, gettext_lazy("It was deleted before.")),
    HeldState.DELETING: (Outcome.ALREADY, gettext_lazy("It is being deleted.")),
    HeldState.GONE: (Outcome.ALREADY, gettext_lazy("It is no longer held by its filter.")),
    HeldState.REMOVED: (Outcome.ALREADY, gettext_lazy("It was removed outside this console.")),
    HeldState.RELEASED: (Outcome.FAILED, gettext_lazy("It was released before.")),
    HeldState.RELEASING: (Outcome.FAILED, gettext_lazy("It is being released.")),
    HeldState.UNCERTAIN: (
        Outcome.FAILED,
        gettext_lazy("An earlier release is uncertain: look at the log, then resolve it."),
    ),
}


def delete_messages(
    ids: Sequence[int], actor: Actor, reason: str, *, is_sender_blocked: bool = False
) -> list[ItemOutcome]:
    """Delete each, recoverable until ``delete_after``. Raises BadInput before anything is done."""
    attempt = Attempt(actor.who, Verb.DELETE, checked_reason(reason), uuid.uuid4())

    def act(held: QuarantinedMessage) -> ItemOutcome:
        entry = attempt.entry(held, Outcome.DONE)
        outcome = delete_one(held, entry)
        if is_sender_blocked and outcome.outcome == Outcome.DONE:
            return _block_sender(held, entry)
        return outcome

    refusal = "" if actor.may("delete") else _("You may not delete mail.")
    return act_on_each(ids, attempt, lambda _held: refusal, act)


def delete_one(held: QuarantinedMessage, entry: audit.Entry) -> ItemOutcome:
    """Delete one mail; who may do so was checked."""
    now = timezone.now()
    with transaction.atomic():
        is_ours = QuarantinedMessage.objects.filter(pk=held.pk, state=HeldState.HELD).update(
            state=HeldState.DELETED,
            state_changed_at=now,
            delete_after=now + timedelta(hours=settings.QUARANTINE_UNDELETE_HOURS),
        )
        if is_ours:
            audit.append(entry)
            close_requests([held.pk], f"{Noticed.DELETED_HERE}: {entry.reason}")
            return ItemOutcome(held.pk, Outcome.DONE)
    return _not(held.pk, _DELETED_BEFORE)


def _not(pk: int, why: Mapping[HeldState, tuple[Outcome, object]]) -> ItemOutcome:
    """Why nothing was done to a mail in another state than the one expected."""
    state = QuarantinedMessage.objects.filter(pk=pk).values_list("state", flat=True).first()
    if state is None:
        return unknown(pk)
    default = (Outcome.ALREADY, _("Somebody else was faster."))
    outcome, text = why.get(HeldState(state), default)
    return ItemOutcome(pk, outcome, str(text))


def _block_sender(held: QuarantinedMessage, entry: audit.Entry) -> ItemOutcome:
    try:
        failures = list_sender(
            connect(held.source), held, Verb.BLOCK_SENDER, held.recipients, entry
        )
    except BackendError as error:
        failures = [str(error)]
    if not failures:
        return ItemOutcome(held.pk, Outcome.DONE)
    text = _("Deleted, but the sender is not blocked: %(why)s") % {"why": explained(failures[0])}
    return ItemOutcome(held.pk, Outcome.DONE, text)


def restore_messages(ids: Sequence[int], actor: Actor, reason: str) -> list[ItemOutcome]:
    """Take deletions back that are not final yet. Raises BadInput before anything is done."""
    attempt = Attempt(actor.who, Verb.RESTORE, checked_reason(reason), uuid.uuid4())
    refusal = "" if actor.may("delete") else _("You may not restore mail.")
    return act_on_each(
        ids, attempt, lambda _held: refusal, lambda held: _restore_one(held, attempt)
    )


_NOT_RESTORED = {
    HeldState.HELD: (Outcome.ALREADY, gettext_lazy("It is held.")),
    HeldState.GONE: (Outcome.FAILED, gettext_lazy("It is no longer held by its filter.")),
    HeldState.REMOVED: (Outcome.FAILED, gettext_lazy("It was removed outside this console.")),
    HeldState.DELETING: (Outcome.FAILED, gettext_lazy("It is being deleted.")),
}


def _restore_one(held: QuarantinedMessage, attempt: Attempt) -> ItemOutcome:
    with transaction.atomic():
        is_ours = QuarantinedMessage.objects.filter(pk=held.pk, state=HeldState.DELETED).update(
            state=HeldState.HELD, state_changed_at=timezone.now(), delete_after=None
        )
        if is_ours:
            audit.append(attempt.entry(held, Outcome.DONE))
            return ItemOutcome(held.pk, Outcome.DONE)
    return _not(held.pk, _NOT_RESTORED)


def purge_deleted(limit: int = PURGE_BATCH) -> list[ItemOutcome]:
    """Make deletions final whose time has come, and those a dead process left half-way."""
    due = QuarantinedMessage.objects.filter(delete_after__lte=timezone.now()).order_by(
        "delete_after"
    )
    outcomes = []
    for held in due.select_related("source")[:limit]:
        with acting_on(held.pk) as is_ours:
            if is_ours:
                outcomes += _purge_one(held)
    return outcomes


def _purge_one(held: QuarantinedMessage) -> list[ItemOutcome]:
    """Deleting twice is no harm, so what was left half-way is simply done again."""
    now = timezone.now()
    batch = uuid.uuid4()
    about = audit.about(held)
    rows = QuarantinedMessage.objects.filter(pk=held.pk)
    waiting = rows.filter(state__in=(HeldState.DELETED, HeldState.DELETING), delete_after__lte=now)
    with transaction.atomic():
        if not waiting.update(state=HeldState.DELETING, state_changed_at=now):
            return []
        audit.append(audit.Entry(audit.SYSTEM, Verb.PURGE, Outcome.INTENT, about, "", batch))
    try:
        connect(held.source).delete(item_of(held))
        outcome, detail = Outcome.DONE, ""
        after: dict[str, Any] = {
            "state": HeldState.GONE,
            "delete_after": None,
            "is_at_source": False,
        }
    except BackendError as error:
        outcome, detail = Outcome.FAILED, str(error)
        after = {"state": HeldState.DELETED, "delete_after": now + RETRY}
        log.warning("held mail %s could not be deleted: %s", held.pk, error)
    with transaction.atomic():
        rows.filter(state=HeldState.DELETING).update(state_changed_at=timezone.now(), **after)
        entry = audit.Entry(audit.SYSTEM, Verb.PURGE, outcome, about, "", batch)
        audit.append(entry, detail=detail)
    return [ItemOutcome(held.pk, outcome, detail)]
