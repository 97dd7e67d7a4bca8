"""What services are told and what they answer: who acts, an outcome for each mail, bad input."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from quarantine.audit import Who
from quarantine.choices import Outcome

MAX_BULK = 1000
MAX_REASON = 1000


class BadInput(ValueError):
    """What somebody typed can't be acted on; the text is for him. ``field`` says where."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


class NotAllowed(Exception):
    """The actor has no permission for this."""


@dataclass(frozen=True, slots=True)
class Actor:
    """A user, the address of the network he comes from, and the API token he uses ("": none)."""

    user: Any
    client_ip: str | None = None
    token: str = ""

    @property
    def who(self) -> Who:
        return Who(self.user.get_username(), self.client_ip, self.token)

    def may(self, permission: str) -> bool:
        """``release``, ``view_body``, …: a permission of the quarantine."""
        return bool(self.user.is_active and self.user.has_perm(f"quarantine.{permission}"))


@dataclass(frozen=True, slots=True)
class RecipientOutcome:
    """How it ended for one recipient; ``text`` is the next hop's reply or why not."""

    recipient: str
    outcome: Outcome
    text: str
    queue_id: str = ""


@dataclass(frozen=True, slots=True)
class ItemOutcome:
    """How it ended for one mail. ``text`` says why, for people, and is "" when there is nothing."""

    held_id: int
    outcome: Outcome
    text: str = ""
    recipients: tuple[RecipientOutcome, ...] = field(default=())


def counts(outcomes: Iterable[ItemOutcome]) -> dict[Outcome, int]:
    """How many mails ended in which way."""
    return dict(Counter(item.outcome for item in outcomes))


def checked_ids(ids: Sequence[int]) -> list[int]:
    """Each once. Raises BadInput for none and for too many."""
    unique = list(dict.fromkeys(ids))
    if not unique:
        raise BadInput("ids", _("No mail was chosen."))
    if len(unique) > MAX_BULK:
        message = _("At most %(most)d mails at once, not %(count)d.")
        raise BadInput("ids", message % {"most": MAX_BULK, "count": len(unique)})
    return unique


def checked_reason(text: str) -> str:
    """Raises BadInput without one."""
    reason = text.replace("\0", "").strip()
    if not reason:
        raise BadInput("reason", _("Say why: the audit trail keeps it."))
    if len(reason) > MAX_REASON:
        message = _("The reason is longer than %(most)d characters.")
        raise BadInput("reason", message % {"most": MAX_REASON})
    return reason
