"""Looking into held mail: every look is in the audit trail before anything is seen."""

from __future__ import annotations

from django.utils.translation import gettext as _

from quarantine import audit
from quarantine.backends.base import BackendError, Content
from quarantine.backends.smtp import MAX_MAIL_BYTES
from quarantine.choices import Outcome, Verb
from quarantine.connect import connect, item_of
from quarantine.models import QuarantinedMessage
from quarantine.services.results import Actor, NotAllowed

# What a preview reads at most.
MAX_PREVIEW_BYTES = 10 * 1024 * 1024


def view_body(held: QuarantinedMessage, actor: Actor, limit: int = MAX_PREVIEW_BYTES) -> Content:
    """The mail's beginning for a preview. Raises NotAllowed and BackendError."""
    return _open(held, actor, Verb.VIEW_BODY, "view_body", limit)


def download(held: QuarantinedMessage, actor: Actor) -> Content:
    """The whole mail. Raises NotAllowed and BackendError."""
    return _open(held, actor, Verb.DOWNLOAD, "download", MAX_MAIL_BYTES)


def download_part(held: QuarantinedMessage, actor: Actor, place: str) -> Content:
    """The whole mail, for one attachment of it. Raises NotAllowed and BackendError."""
    return _open(held, actor, Verb.DOWNLOAD, "download", MAX_MAIL_BYTES, f"part {place}")


def _open(
    held: QuarantinedMessage,
    actor: Actor,
    verb: Verb,
    permission: str,
    limit: int,
    detail: str = "",
) -> Content:
    about = audit.about(held)
    if not actor.may(permission):
        audit.append(audit.Entry(actor.who, verb, Outcome.REFUSED, about), detail=detail)
        raise NotAllowed(_("You may not look into held mail."))
    audit.append(audit.Entry(actor.who, verb, Outcome.DONE, about), detail=detail)
    try:
        return connect(held.source).read(item_of(held), limit)
    except BackendError as error:
        audit.append(audit.Entry(actor.who, verb, Outcome.FAILED, about), detail=str(error))
        raise
