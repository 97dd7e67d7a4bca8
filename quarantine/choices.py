"""The closed lists of words of the quarantine. The kinds are tracking's ``QuarantineKind``."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class BackendKind(models.TextChoices):
    """What a source of held mail is, and so which adapter reads it."""

    PMG_SPOOL = "pmg_spool", _("PMG spool directory")
    PMG_API = "pmg_api", _("PMG REST API")
    AMAVIS = "amavis", _("amavis quarantine directory")
    MAILDIR = "maildir", _("Maildir")


class HeldState(models.TextChoices):
    """Where a held mail is on its way.

    ``releasing`` and ``deleting`` are intents that were committed before their effect.
    ``uncertain``: the release died when it could have been sent already; a person decides.
    ``deleted`` can be taken back until ``delete_after``, then it is ``gone``. ``removed`` was
    deleted where it is held, not here.
    """

    HELD = "held", _("Held")
    RELEASING = "releasing", _("Being released")
    RELEASED = "released", _("Released")
    UNCERTAIN = "uncertain", _("Uncertain")
    DELETING = "deleting", _("Being deleted")
    DELETED = "deleted", _("Deleted")
    GONE = "gone", _("Gone")
    REMOVED = "removed", _("Removed elsewhere")


class Verb(models.TextChoices):
    """What was done, as the audit trail says it."""

    RELEASE = "release", _("Release")
    DELETE = "delete", _("Delete")
    RESTORE = "restore", _("Restore")
    PURGE = "purge", _("Final deletion")
    ALLOW_SENDER = "allow_sender", _("Allow sender")
    BLOCK_SENDER = "block_sender", _("Block sender")
    REQUEST = "request", _("Request release")
    APPROVE = "approve", _("Approve release")
    REFUSE = "refuse", _("Refuse release")
    WITHDRAW = "withdraw", _("Withdraw request")
    RESOLVE = "resolve", _("Resolve uncertain release")
    VIEW_BODY = "view_body", _("View body")
    DOWNLOAD = "download", _("Download")
    EXPORT_AUDIT = "export_audit", _("Export audit trail")
    NOTICE = "notice", _("Seen at the source")


class Outcome(models.TextChoices):
    """How an action ended; ``intent`` is written before the effect, the others after it."""

    INTENT = "intent", _("Begun")
    DONE = "done", _("Done")
    ALREADY = "already", _("Already done")
    FAILED = "failed", _("Failed")
    REFUSED = "refused", _("Not allowed")
    UNCERTAIN = "uncertain", _("Uncertain")


class RequestState(models.TextChoices):
    """A wish of somebody who may not release by himself.

    ``closed``: its mail was deleted before anybody decided.
    ``failed`` and ``uncertain``: it was approved, and the release did not end well.
    """

    OPEN = "open", _("Open")
    APPROVED = "approved", _("Approved")
    REFUSED = "refused", _("Refused")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    FAILED = "failed", _("Approved, release failed")
    UNCERTAIN = "uncertain", _("Approved, release uncertain")
    CLOSED = "closed", _("Mail deleted")


class ReleaseStep(models.TextChoices):
    """How far a release came. Only after ``sending`` can the mail have left."""

    BEGUN = "begun", _("Begun")
    SENDING = "sending", _("Being sent")
    ENDED = "ended", _("Ended")


class Noticed(models.TextChoices):
    """What was seen that nobody did here, or said of it, as the audit trail keeps it."""

    REMOVED_FILE = (
        "removed_file",
        _("Removed outside this console: it is no longer where it was held."),
    )
    REMOVED_LOG = (
        "removed_log",
        _("Removed outside this console: the filter's log tells of a deletion."),
    )
    DELETED_HERE = "deleted_here", _("The mail was deleted in this console.")
    RELEASED_LOG = "released_log", _("The filter's log tells of a release.")
    BACK = "back", _("It is back where it was held.")
    WAS_SENT = "was_sent", _("It was sent.")
    WAS_NOT_SENT = "was_not_sent", _("It was not sent.")
