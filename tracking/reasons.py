"""Why a mail ended as it did, in plain words: a reason code from the status code and the reply.

One table, first fit wins; issue by issue it grows by rows. Pure.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from tracking.choices import Disposition, QuarantineKind


@dataclass(frozen=True, slots=True)
class Reason:
    """``code`` is stable, for scripts; ``text`` is for people, in the language of the page."""

    code: str
    text: str | Promise


class _Rule(NamedTuple):
    """``dsn``: beginning of the status code; ``words``: found anywhere in the reply."""

    reason: Reason
    dsn: str
    words: str


def _rule(code: str, text: str | Promise, dsn: str = "", words: str = "") -> _Rule:
    return _Rule(Reason(code, text), dsn, words)


_HELD = {
    QuarantineKind.VIRUS: Reason("HELD_VIRUS", _("We hold it: a virus was found.")),
    QuarantineKind.SPAM: Reason("HELD_SPAM", _("We hold it: it looks like spam.")),
    QuarantineKind.ATTACHMENT: Reason("HELD_ATTACH", _("We hold an attachment of it.")),
    QuarantineKind.BANNED: Reason("HELD_BANNED", _("We hold it: its content is not allowed.")),
}
_ENDINGS = {
    Disposition.QUEUED: Reason("IN_QUEUE", _("It is still with us, on its way.")),
    Disposition.EXPIRED: Reason("EXPIRED", _("We tried for days, gave up and told the sender.")),
    Disposition.BLOCKED: Reason("BLOCKED_RULE", _("One of our rules stopped it.")),
    Disposition.GREYLISTED: Reason(
        "REJ_GREYLIST", _("We asked the sending server to try again later.")
    ),
    Disposition.HELD: Reason("HELD_ADMIN", _("It is on hold in our queue.")),
    Disposition.DISCARDED: Reason("DISCARDED", _("One of our rules threw it away.")),
    Disposition.DELETED: Reason("DELETED", _("An administrator deleted it.")),
    Disposition.LOST: Reason("LOST", _("The log ends without saying what became of it.")),
}
_RULES = (
    _rule(
        "BNC_REPUTATION",
        _("The other side refuses our server because of its reputation."),
        words=r"reputation|S3140|S3150|TSS0[0-9]|\[TS0|blocked using|block ?list|blacklist|"
        r"unsolicited mail originating|poor sender|spamhaus|proofpoint\.com",
    ),
    _rule(
        "BNC_AUTHN",
        _("The sender's domain does not prove its mail (SPF, DKIM or DMARC)."),
        words=r"5\.7\.2[2-7]|dmarc|dkim|\bspf\b|not authenticated",
    ),
    _rule(
        "BNC_FULL",
        _("The recipient's mailbox is full."),
        words=r"\b[45]\.2\.2\b|mailbox (?:is )?full|over ?quota|quota exceeded",
    ),
    _rule(
        "BNC_NO_USER",
        _("There is no such address at the other side."),
        words=r"\b5\.1\.(?:1|10|6)\b|no such user|user unknown|unknown user|does not exist|"
        r"mailbox unavailable|recipient address rejected: unknown",
    ),
    _rule(
        "BNC_NO_DOMAIN",
        _("The recipient's domain does not exist or takes no mail."),
        words=r"host or domain name not found|null ?mx|\b5\.(?:1\.2|4\.4|1\.10)\b|"
        r"domain .* does not accept mail",
    ),
    _rule("BNC_SIZE", _("The mail is too big for the other side."), words=r"\b5\.(?:3\.4|2\.3)\b"),
    _rule(
        "DEF_DNS",
        _("The recipient's domain could not be looked up; we try again."),
        words=r"name service error|host not found, try again|\b4\.4\.3\b",
    ),
    _rule(
        "DEF_TIMEOUT",
        _("The other server does not answer; we try again."),
        words=r"timed out|connection refused|lost connection|no route to host|"
        r"network is unreachable",
    ),
    _rule(
        "DEF_TLS",
        _("No encrypted connection with the other server; we try again."),
        words=r"\btls\b|certificate",
    ),
    _rule("BNC_CONTENT", _("The other side refused the content."), dsn="5.7"),
    _rule("DEF_REMOTE_BUSY", _("The other server asks us to try again later; we do."), dsn="4."),
)
_COMPILED = [(rule, re.compile(rule.words, re.IGNORECASE)) for rule in _RULES]
_LOCAL = re.compile(r"delivered to|saved|\bLMTP\b", re.IGNORECASE)
_DELIVERED_LOCAL = Reason("DELIVERED_LOCAL", _("It is in the mailbox."))
_DELIVERED_REMOTE = Reason("DELIVERED_REMOTE", _("The other server took it."))
_UNKNOWN = Reason("UNKNOWN", _("See the exact words of the other server."))
_HELD_OTHER = Reason("HELD_OTHER", _("We hold it in quarantine."))


def reason_for(disposition: int, quarantine_kind: int, dsn: str, smtp_reply: str) -> Reason:
    """The reason for one recipient's ending."""
    word = Disposition(disposition)
    if word is Disposition.QUARANTINED:
        return _HELD.get(QuarantineKind(quarantine_kind), _HELD_OTHER)
    if word is Disposition.DELIVERED:
        return _DELIVERED_LOCAL if _LOCAL.search(smtp_reply[:2000]) else _DELIVERED_REMOTE
    return _ENDINGS.get(word) or _from_reply(dsn, smtp_reply[:2000])


def _from_reply(dsn: str, smtp_reply: str) -> Reason:
    for rule, words in _COMPILED:
        if dsn.startswith(rule.dsn) and words.search(smtp_reply):
            return rule.reason
    return _UNKNOWN
