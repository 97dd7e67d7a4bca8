"""What a pasted bounce, log or mail names: queue ids, Message-IDs, recipients. Pure.

Bounces are of every make (RFC 3464 of Postfix, Exim, Exchange, Gmail; qmail's prose), so it is
not parsed but looked through for what stands in the places where ids stand. Every pattern is
bounded, so a long hostile text costs time in proportion to its length.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from tracking.pasted import readable

MAX_EACH = 10
_MAX_TEXT = 200_000

_ADDRESS = r"[^\s<>()\[\],;:\"'@|]{1,64}@[^\s<>()\[\],;:\"'@|]{1,250}[^\s<>()\[\],;:\"'@|.]"
_MESSAGE_ID = re.compile(r"message-?id\s{0,3}[:=]\s{0,9}(<[^<>\s]{1,250}>)", re.IGNORECASE)
_QUEUE_ID = re.compile(
    r"(?:queue[ -]?id\s{0,2}[:=]|queued as|queued mail|internal id|quarantine -|\bid\b[ =:]"
    r"|\]:)\s{0,3}<?"
    r"([0-9A-Za-z]{6,20}(?:-[0-9A-Za-z]{2,12}){0,2})(?![^\s,;:.)>])",
    re.IGNORECASE,
)
_RECIPIENTS = (
    # RFC 3464, then Exim's and Gmail's header, then a log line, the SMTP command, and the prose
    # that puts the address first (Postfix, qmail) or last (Exchange, Gmail).
    re.compile(
        rf"(?:final|original)-recipient:[^;\n]{{0,40}};\s{{0,9}}<?({_ADDRESS})", re.IGNORECASE
    ),
    re.compile(rf"x-failed-recipients:\s{{0,9}}({_ADDRESS})", re.IGNORECASE),
    re.compile(rf"\bto=<({_ADDRESS})>", re.IGNORECASE),
    re.compile(rf"rcpt to:\s{{0,3}}<({_ADDRESS})>", re.IGNORECASE),
    re.compile(rf"^\s{{0,9}}<({_ADDRESS})>:", re.MULTILINE),
    re.compile(rf"^\s{{0,9}}({_ADDRESS})\s{{0,9}}$", re.MULTILINE),
    re.compile(rf"delivered to\s{{1,9}}<?({_ADDRESS})", re.IGNORECASE),
)
_ANY_ADDRESS = re.compile(_ADDRESS)
_STATUS = re.compile(
    r"^status:\s{0,9}([245]\.[0-9]{1,3}\.[0-9]{1,3})", re.IGNORECASE | re.MULTILINE
)
_DIAGNOSTIC = re.compile(
    r"(?:diagnostic-code:[^;\n]{0,40};\s{0,9}|said:\s{0,3}|reason:\s{0,3}|returned '|<<< "
    r"|^[ \t]{0,9})[245][0-9]{2}[ #-]{1,2}([245]\.[0-9]{1,3}\.[0-9]{1,3})\b",
    re.IGNORECASE | re.MULTILINE,
)
_SAYS_NOTHING = ".0.0"
_HAS_DIGIT = re.compile(r"[0-9]")


@dataclass(frozen=True, slots=True)
class Named:
    """What a text names, each at most MAX_EACH, in its order.

    ``status`` is the code that a bounce gives; it says why, and finds nothing: where a server
    behind ours refused the mail, our log has it as delivered.
    """

    queue_ids: tuple[str, ...] = ()
    message_ids: tuple[str, ...] = ()
    recipients: tuple[str, ...] = ()
    status: str = ""

    def __bool__(self) -> bool:
        return bool(self.queue_ids or self.message_ids or self.recipients)


def named_in(text: str) -> Named:
    """What this text names; when no place tells a recipient, all of its addresses."""
    text = readable(text[:_MAX_TEXT])
    queue_ids = _distinct(match for match in _QUEUE_ID.findall(text) if _HAS_DIGIT.search(match))
    message_ids = _distinct(_MESSAGE_ID.findall(text))
    recipients = _distinct(item for form in _RECIPIENTS for item in form.findall(text))
    if not (queue_ids or message_ids or recipients):
        recipients = _distinct(_ANY_ADDRESS.findall(text))
    return Named(queue_ids, message_ids, recipients, _status_in(text))


def _status_in(text: str) -> str:
    """The first code that says something; ``5.0.0`` only when there is no other."""
    codes: list[str] = [*_STATUS.findall(text), *_DIAGNOSTIC.findall(text)]
    telling = [code for code in codes if not code.endswith(_SAYS_NOTHING)]
    return (telling or codes or [""])[0]


def _distinct(found: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(found))[:MAX_EACH]
