"""Why a mail ended as it did: a reason code from the disposition and the reply.

Some dispositions say it themselves, and the others are told by the *template* of the reply alone
(``split_reply``), so every reply of a site is classified once, and a search for a reason becomes
one for templates. Pure; a reason that cannot be told is UNKNOWN, never a guess.
"""

from __future__ import annotations

import re
from functools import lru_cache
from types import MappingProxyType

from tracking.choices import Disposition, QuarantineKind, RejectionKind
from tracking.ingest.store.dictionaries import split_reply
from tracking.reasons.ours import OURS
from tracking.reasons.reason import Actor, Reason
from tracking.reasons.reply import Speaker, is_acceptance, take_apart
from tracking.reasons.rules import REPLY_CODES, code_of
from tracking.reasons.theirs import THEIRS

__all__ = [
    "CODES_WITHOUT_REPLY",
    "LOGIN_CODE",
    "READS_REJECTION",
    "READS_REPLY",
    "REASONS",
    "REJECTION_CODES",
    "REPLY_CODES",
    "Actor",
    "Reason",
    "Speaker",
    "codes_of_reply",
    "is_acceptance",
    "reason_code",
    "reason_for",
    "rejection_code",
    "rejection_reason",
    "speaker_of",
]

REASONS = MappingProxyType(OURS | THEIRS)
UNKNOWN = REASONS["UNKNOWN"]

_HELD = {
    QuarantineKind.VIRUS: "HELD_VIRUS",
    QuarantineKind.SPAM: "HELD_SPAM",
    QuarantineKind.ATTACHMENT: "HELD_ATTACH",
    QuarantineKind.BANNED: "HELD_BANNED",
}
CODES_WITHOUT_REPLY = MappingProxyType(
    {
        Disposition.QUEUED: "IN_QUEUE",
        Disposition.EXPIRED: "EXPIRED",
        Disposition.BLOCKED: "BLOCKED_RULE",
        Disposition.GREYLISTED: "REJ_GREYLIST",
        Disposition.HELD: "HELD_ADMIN",
        Disposition.DISCARDED: "DISCARDED",
        Disposition.DELETED: "DELETED",
        Disposition.LOST: "LOST",
    }
)
"""Dispositions that say it themselves; QUARANTINED does with its kind."""
READS_REPLY = frozenset(
    {Disposition.DELIVERED, Disposition.DEFERRED, Disposition.BOUNCED, Disposition.REJECTED}
)
"""Dispositions whose reason depends on the reply's template."""

_IN_MAILBOX = re.compile(
    r"^delivered (?:to (?:mailbox|maildir|file|command)|via (?:dovecot|cyrus|maildrop|procmail))"
    r"|^250 2\.[01]\.[05] \S+ .*\bsaved$",
    re.IGNORECASE,
)
_REJECTION_CODES = {
    RejectionKind.GREYLIST: "REJ_GREYLIST",
    RejectionKind.SPF: "REJ_SPF",
    RejectionKind.DNSBL: "REJ_RBL",
    RejectionKind.RELAY: "REJ_RELAY",
    RejectionKind.UNKNOWN_RECIPIENT: "REJ_UNKNOWN_RCPT",
    RejectionKind.SENDER_DOMAIN: "REJ_SENDER",
    RejectionKind.SIZE: "REJ_SIZE",
    RejectionKind.POLICY: "REJ_POLICY",
    RejectionKind.RATE: "REJ_RATE",
    RejectionKind.TLS: "REJ_TLS",
    RejectionKind.PROTOCOL: "REJ_PROTOCOL",
    RejectionKind.CONTENT: "BLOCKED_RULE",
    RejectionKind.FILTER: "BLOCKED_RULE",
}
LOGIN_CODE = "REJ_AUTH"
READS_REJECTION = (RejectionKind.OTHER, RejectionKind.POLICY)
"""Kinds of rejection whose reply may tell that a login was asked for."""
REJECTION_CODES = tuple(dict.fromkeys([*_REJECTION_CODES.values(), LOGIN_CODE, "UNKNOWN"]))
"""Every reason of a refusal at the door."""
_LOGIN = re.compile(
    r"authentication (?:required|failed|failure)|not logged in|must (?:log ?in|authenticate)|"
    r"\bsasl\b",
    re.IGNORECASE,
)
# Our own words for a mail that had a queue id already; the kind of the rejection is not at hand.
_OWN_REFUSALS = (
    ("REJ_SIZE", re.compile(r"message (?:size|too|file too)|size limit", re.IGNORECASE)),
    ("BLOCKED_RULE", re.compile(r"rejected for policy reasons|\b5\.7\.[01]\b", re.IGNORECASE)),
)


def reason_for(disposition: int, quarantine_kind: int, dsn: str, smtp_reply: str) -> Reason:
    """The reason for one recipient's ending.

    ``dsn`` is not needed: Postfix takes it from the reply, or writes a reply of its own that says
    more than it.
    """
    return REASONS[reason_code(disposition, quarantine_kind, split_reply(smtp_reply)[0])]


def reason_code(disposition: int, quarantine_kind: int, template: str) -> str:
    """The code alone, from the template of the reply (a row of tracking_reply; "" for none)."""
    word = Disposition(disposition)
    if word is Disposition.QUARANTINED:
        return _HELD.get(QuarantineKind(quarantine_kind), "HELD_OTHER")
    return CODES_WITHOUT_REPLY.get(word) or _code_of_template(word, template)


def codes_of_reply(template: str) -> dict[Disposition, str]:
    """For each disposition of ``READS_REPLY``, the code that this template gives."""
    return {word: _code_of_template(word, template) for word in READS_REPLY}


def speaker_of(smtp_reply: str) -> Speaker:
    """Whose words a reply is."""
    return take_apart(split_reply(smtp_reply)[0]).speaker


def rejection_reason(kind: int, smtp_reply: str) -> Reason:
    """The reason of a refusal at the door."""
    return REASONS[rejection_code(kind, split_reply(smtp_reply)[0])]


def rejection_code(kind: int, template: str) -> str:
    """The code alone, from the template of what our server answered."""
    word = RejectionKind(kind)
    if word in READS_REJECTION and _LOGIN.search(template[:600]):
        return LOGIN_CODE
    return _REJECTION_CODES.get(word, "UNKNOWN")


@lru_cache(maxsize=16_384)
def _code_of_template(word: Disposition, template: str) -> str:
    if word is Disposition.DELIVERED:
        return "DELIVERED_LOCAL" if _IN_MAILBOX.search(template) else "DELIVERED_REMOTE"
    if word is Disposition.REJECTED:
        found = (code for code, words in _OWN_REFUSALS if words.search(template))
        return next(found, "REJ_POLICY" if template else "UNKNOWN")
    return code_of(word, take_apart(template))
