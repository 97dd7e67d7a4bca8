"""Decisions of smtpd and cleanup about a client, a recipient or the content.

NOQUEUE: reject: RCPT from NAME[IP]: 550 5.1.1 <R>: Recipient address rejected: ...;
    from=<F> to=<R> proto=ESMTP helo=<H>
QID: filter: RCPT from NAME[IP]: <C>: Client host triggers FILTER smtp:[192.0.2.3]:25;
    from=<F> to=<R> proto=ESMTP helo=<H>
NOQUEUE: reject: CONNECT from NAME[IP]: 554 5.7.1 <C>: Client host rejected: no; proto=SMTP
QID: milter-reject: END-OF-MESSAGE from NAME[IP]: 5.7.1 Command rejected;
    from=<F> to=<R> proto=ESMTP helo=<H>
NOQUEUE: reject: RCPT from NAME[IP]: ...; from=<F> to=<R> proto=ESMTP helo=<H> sasl_method=PLAIN
    sasl_username=U                                                              (Postfix 3.10)
NOQUEUE: hangup: RCPT from NAME[IP]: TEXT; from=<F> to=<R> proto=ESMTP helo=<H>
"""

from __future__ import annotations

from tracking.ingest.header import Origin
from tracking.ingest.parsers.reading import cut_off, split_client, split_envelope, split_reply
from tracking.ingest.records import NoticeLine, Record, SmtpDecision

ACTIONS = frozenset(
    {"reject", "reject_warning", "warn", "info", "hold", "filter", "redirect", "discard"}
    | {"milter-reject", "milter-discard", "milter-hold", "hangup"}
)
_REFUSALS = {"reject", "milter-reject", "hangup"}

EDITS = frozenset(
    {"bcc", "delay", "prepend", "replace", "strip", "ignore", "pass", "permit"}
    | {f"milter-header-{word}" for word in ("bcc", "prepend", "replace", "strip", "ignore", "pass")}
)
"""What is done to a mail without deciding about it."""

STAGES = {
    "CONNECT": "connect",
    "HELO": "helo",
    "EHLO": "helo",
    "MAIL": "mail",
    "RCPT": "rcpt",
    "DATA": "data",
    "BDAT": "data",
    "END-OF-MESSAGE": "eod",
}


def parse_decision(origin: Origin, queue_id: str, text: str) -> Record | None:
    """``ACTION: STAGE from CLIENT: REPLY; ENVELOPE``, or None if it is no decision."""
    action, _, rest = text.partition(": ")
    if action in EDITS:
        return NoticeLine(*origin)
    if action not in ACTIONS:
        return None
    stage, _, rest = rest.partition(" from ")
    cut = None if " " in stage else _cut(action, rest)
    if cut is None:
        return None
    text, sender, *others = cut
    client, reply = _split_at_client(text)
    name, ip = split_client(client)
    code, dsn, reason = split_reply(reply)
    return SmtpDecision(
        *origin,
        queue_id,
        "reject" if action == "hangup" else action,
        STAGES.get(stage, ""),
        "milter" if action.startswith("milter-") else "",
        name,
        ip,
        code,
        dsn,
        reason,
        sender,
        *others,
    )


def _cut(action: str, text: str) -> tuple[str, str | None, str, str, str] | None:
    """Client and reply, then sender, recipient, HELO name and user name.

    Of a refusal that ends too early all that is there.
    """
    cut = split_envelope(text)
    if cut is not None:
        return cut[0], *cut[1][:4]
    if action not in _REFUSALS or not _split_at_client(text)[0]:
        return None
    return *cut_off(text), "", ""


def _split_at_client(text: str) -> tuple[str, str]:
    """``NAME[IP]: REPLY`` or ``[IP]:PORT: REPLY``: a name from the DNS holds no bracket."""
    closing = text.find("]")
    end = text.find(": ", closing)
    if closing < 0 or end < 0:
        return "", text
    return text[:end], text[end + 2 :]
