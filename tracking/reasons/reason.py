"""What a reason is: a stable code, who must act, and words for the page and for the caller."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Actor(models.TextChoices):
    """Who must do something so that the mail, or the next one, arrives."""

    NOBODY = "nobody", _("Nobody: wait")
    SENDER = "sender", _("The sender")
    RECIPIENT = "recipient", _("The recipient")
    CUSTOMER = "customer", _("The customer")
    REMOTE = "remote", _("The other mail system")
    HELPDESK = "helpdesk", _("Our helpdesk")
    ADMIN = "admin", _("Our administrators")


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a mail ended, or waits.

    ``code`` is stable, for scripts. ``text`` is one line for our pages, ``paragraph`` plain words
    for the caller, ``todo`` what the helpdesk does; all in the language of the moment.
    """

    code: str
    actor: Actor
    text: str | Promise
    paragraph: str | Promise
    todo: str | Promise


def by_code(reasons: Iterable[Reason]) -> dict[str, Reason]:
    """Reasons by their code, in the order given."""
    return {reason.code: reason for reason in reasons}
