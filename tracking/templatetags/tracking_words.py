"""Words of the closed lists, and places in the story of a mail."""

from __future__ import annotations

from django import template
from django.db.models import IntegerChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from tracking import choices

register = template.Library()

_LISTS: dict[str, type[IntegerChoices]] = {
    "kind": choices.MessageKind,
    "direction": choices.Direction,
    "disposition": choices.Disposition,
    "quarantine": choices.QuarantineKind,
    "action": choices.VerdictAction,
    "stage": choices.Stage,
    "rejection": choices.RejectionKind,
}
_ATTEMPTS: dict[str, Promise] = {
    "sent": _("Sent"),
    "deferred": _("Deferred"),
    "bounced": _("Bounced"),
    "expired": _("Expired"),
}


@register.filter
def word(value: int, name: str) -> str:
    """The stable name of a number of a closed list, as URLs and CSS have it."""
    return _LISTS[name](value).name.lower()


@register.filter
def label(value: int, name: str) -> str | Promise:
    """The same for people, in the language of the page."""
    return _LISTS[name](value).label


@register.filter
def sender(address: str | None) -> str:
    """The null sender shows as ``<>``; a sender that the log never named as a dash."""
    return "–" if address is None else address or "<>"


@register.filter
def role(value: str) -> str | Promise:
    """The role of a relay, for people."""
    return choices.RelayRole(value).label


@register.filter
def attempt_status(value: str) -> str | Promise:
    """Postfix's word for an attempt, for people."""
    return _ATTEMPTS.get(value, _("Other"))
