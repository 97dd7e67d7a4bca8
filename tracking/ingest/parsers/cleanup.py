"""cleanup: message ids, and what header, body and milter checks decided.

    QID: message-id=<L1-00002@laptop.example>
    QID: resent-message-id=<...>
    QID: info: header Subject: schedule 396 from NAME[IP]; from=<F> to=<R> proto=ESMTP helo=<H>
    QID: warning: header Subject: TEXT from local; from=<F> to=<R>: suspicious subject
    QID: reject: body TEXT from NAME[IP]; from=<F> to=<R> proto=ESMTP helo=<H>: 5.7.1 Not allowed
    QID: hold: header ... | discard: header ... | redirect: header ... | filter: header ...
    QID: milter-reject: END-OF-MESSAGE from NAME[IP]: 5.7.1 Command rejected; from=<F> to=<R> ...
    QID: replace: header ... | prepend: header ...
    QID: milter-header-reject: header ... (milter_header_checks), and the other actions so
    QID: reject: mime-error improper use of 8-bit data in message header: ... from NAME[IP]; ...
    QID: to=<R>, relay=none, delay=..., dsn=5.7.1, status=bounced (...)
    QID: removed (canceled) | removed (discarded)                              (Postfix 3.10)
    warning: QID: message rejected: hopcount exceeded
    warning: QID: virtual_alias_maps map lookup problem for R -- message not accepted, ...
    warning: QID: queue file size limit exceeded | write queue file: No space left on device

The header's text is the client's: what Postfix appends is taken from the right. These checks
end a mail at the end of its data, so that is the stage of their decisions.
"""

from __future__ import annotations

import re

from tracking.ingest.header import Origin
from tracking.ingest.parsers import smtp
from tracking.ingest.parsers.decisions import parse_decision
from tracking.ingest.parsers.notices import parse_chatter
from tracking.ingest.parsers.reading import (
    Envelope,
    is_queue_id,
    new,
    split_client,
    split_envelope,
    split_reply,
)
from tracking.ingest.records import (
    HeaderSeen,
    MailRefused,
    MessageIdSeen,
    QueueCanceled,
    Record,
    SmtpDecision,
    UnsupportedLine,
)

_CHECKS = {"header", "body", "content", "mime-error"}
_MILTER_HEADER = "milter-header-"
_DECISIONS = {
    "reject": "reject",
    "hold": "hold",
    "discard": "discard",
    "redirect": "redirect",
    "filter": "filter",
    "info": "info",
    "warning": "warn",
    "warn": "warn",
}
_CANCELED = {"removed (canceled)": False, "removed (discarded)": True}
_TEMPORARY = re.compile(
    r"write queue file: |[a-z_0-9]{1,60} map lookup problem\b"
    r"|(?:unreasonable .*|message) not accepted, try again later$"
)
_REFUSALS = {  # the replies of smtpd (cleanup_strerror.c)
    "message rejected: hopcount exceeded": ("other", 554, "5.4.0", "Error: too many hops"),
    "queue file size limit exceeded": ("size", 552, "5.3.4", "Error: message file too big"),
}
_WRITE_ERROR = ("other", 451, "4.3.0", "Error: queue file write error")


def parse(origin: Origin, text: str) -> Record:
    """A line of cleanup."""
    queue_id, _, rest = text.partition(": ")
    if not is_queue_id(queue_id):
        return _parse_warning(origin, rest) or parse_chatter(origin, text)
    if rest.startswith(("message-id=", "resent-message-id=")):
        name, _, message_id = rest.partition("=")
        is_resent = name == "resent-message-id"
        return new(MessageIdSeen, (*origin, queue_id, _strip_line_end(message_id), is_resent))
    return (
        _parse_check(origin, queue_id, rest)
        or parse_decision(origin, queue_id, rest)
        or smtp.parse_delivery(origin, queue_id, rest)
        or _parse_canceled(origin, queue_id, rest)
        or parse_chatter(origin, text)
    )


def _parse_canceled(origin: Origin, queue_id: str, rest: str) -> Record | None:
    is_discarded = _CANCELED.get(rest)
    return None if is_discarded is None else QueueCanceled(*origin, queue_id, is_discarded)


def _parse_warning(origin: Origin, text: str) -> Record | None:
    """``QID: TEXT`` after ``warning:`` when it says that the mail was refused."""
    queue_id, _, rest = text.partition(": ")
    if not is_queue_id(queue_id):
        return None
    refusal = _REFUSALS.get(rest) or (_WRITE_ERROR if _TEMPORARY.match(rest) else None)
    return MailRefused(*origin, queue_id, *refusal) if refusal else None


def _strip_line_end(text: str) -> str:
    while text.endswith(("#012", "#015")):
        text = text[:-4]
    return text


def _parse_check(origin: Origin, queue_id: str, rest: str) -> Record | None:
    """``ACTION: header|body TEXT from CLIENT; ENVELOPE[: REASON]``."""
    word, _, content = rest.removeprefix(_MILTER_HEADER).partition(": ")
    check, _, content = content.partition(" ")
    if word not in _DECISIONS or check not in _CHECKS:
        return None
    cut = split_envelope(content, with_reason=True)
    if cut is None:
        return UnsupportedLine(*origin, f"{queue_id}: {rest}")
    content, _, client = cut[0].rpartition(" from ")
    if check == "header" and word in {"info", "warning"}:
        return _seen(origin, queue_id, content, cut[1])
    return _decided(origin, (queue_id, _DECISIONS[word], check, client), cut[1])


def _seen(origin: Origin, queue_id: str, content: str, envelope: Envelope) -> HeaderSeen:
    name, _, value = content.partition(":")
    return HeaderSeen(*origin, queue_id, name, value.removeprefix(" "), *envelope[:3])


def _decided(origin: Origin, what: tuple[str, str, str, str], envelope: Envelope) -> SmtpDecision:
    queue_id, action, check, client = what
    name, ip = split_client(client)
    code, dsn, reason = split_reply(envelope.rest.removeprefix(": "))
    return SmtpDecision(
        *origin, queue_id, action, "eod", check, name, ip, code, dsn, reason, *envelope[:4]
    )
