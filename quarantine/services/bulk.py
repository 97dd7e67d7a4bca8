"""Acting on many mails, each for itself: found, allowed, done; an outcome for each."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from quarantine import audit
from quarantine.audit import Who
from quarantine.choices import Outcome, Verb
from quarantine.models import QuarantinedMessage
from quarantine.services.results import ItemOutcome, checked_ids


@dataclass(frozen=True, slots=True)
class Attempt:
    """Who tries what and why; ``batch`` joins the audit rows of one try."""

    who: Who
    verb: Verb
    reason: str
    batch: uuid.UUID

    def entry(self, held: QuarantinedMessage, outcome: Outcome) -> audit.Entry:
        """A row of the audit trail about one of the mails."""
        about = audit.about(held)
        return audit.Entry(self.who, self.verb, outcome, about, self.reason, self.batch)


def act_on_each(
    ids: Sequence[int],
    attempt: Attempt,
    why_not: Callable[[QuarantinedMessage], str],
    act: Callable[[QuarantinedMessage], ItemOutcome],
) -> list[ItemOutcome]:
    """``why_not`` gives "" for what is allowed. Raises BadInput before anything is done."""
    outcomes = []
    for pk in checked_ids(ids):
        held = find(pk)
        if held is None:
            outcomes.append(unknown(pk))
        elif why := why_not(held):
            outcomes.append(
                refuse(held, attempt.who, attempt.verb, why, attempt.reason, attempt.batch)
            )
        else:
            outcomes.append(act(held))
    return outcomes


def find(pk: int) -> QuarantinedMessage | None:
    return QuarantinedMessage.objects.select_related("source").filter(pk=pk).first()


def unknown(pk: int) -> ItemOutcome:
    return ItemOutcome(pk, Outcome.FAILED, _("There is no such mail."))


def refuse(
    held: QuarantinedMessage, who: Who, verb: Verb, why: str, reason: str, batch: uuid.UUID
) -> ItemOutcome:
    """Not allowed; that somebody tried is worth a row."""
    entry = audit.Entry(who, verb, Outcome.REFUSED, audit.about(held), reason, batch)
    audit.append(entry, detail=why)
    return ItemOutcome(held.pk, Outcome.REFUSED, why)
