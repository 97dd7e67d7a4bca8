"""smtpd: sessions of clients, mail taken in, mail refused.

connect from NAME[IP]
disconnect from NAME[IP] ehlo=1 mail=1 rcpt=1/2 data=1 quit=1 commands=5/6
lost connection after DATA (510 bytes) from NAME[IP]
timeout after END-OF-MESSAGE from NAME[IP]
too many errors after RCPT from NAME[IP]
Anonymous TLS connection established from NAME[IP]: TLSv1.3 with cipher C (256/256 bits) ...
QID: client=NAME[IP], sasl_method=PLAIN, sasl_username=U
QID: client=NAME[IP], orig_queue_id=QID, orig_client=NAME[IP]
NOQUEUE: client=NAME[IP]
NOQUEUE: reject: RCPT from NAME[IP]: 450 4.7.1 <R>: ...; from=<F> to=<R> proto=ESMTP helo=<H>
proxy-accept: END-OF-MESSAGE: 250 2.5.0 OK (FID); from=<F> to=<R> proto=ESMTP helo=<H>
proxy-reject: END-OF-MESSAGE: 554 5.7.1 Rejected for policy reasons (FID); from=<F> to=<R> ...
warning: NAME[IP]: SASL PLAIN authentication failed: Invalid credentials, sasl_username=U
warning: QID: queue file size limit exceeded
warning: QID: BDAT request from NAME[IP] exceeds message size limit
QID: lost connection after DATA (510 bytes) from NAME[IP]     (Postfix 3.10; or NOQUEUE)
NOQUEUE: abort: TLS from NAME[IP]: No client certificate presented
"""

from __future__ import annotations

import re
from collections.abc import Callable

from tracking.ingest.header import Origin
from tracking.ingest.parsers.decisions import parse_decision
from tracking.ingest.parsers.notices import parse_chatter
from tracking.ingest.parsers.reading import (
    QUEUE_ID,
    find_filter_id,
    find_next_queue_id,
    is_queue_id,
    new,
    split_client,
    split_envelope,
    split_reply,
)
from tracking.ingest.records import (
    ClientConnected,
    ClientDisconnected,
    ClientLost,
    ClientTls,
    MailRefused,
    NoticeLine,
    ProxyDecision,
    QueueOpened,
    Record,
    SaslFailed,
    SizeExceeded,
    SmtpDecision,
    UnsupportedLine,
)

_LOST = re.compile(
    r"(lost connection|timeout|too many errors) after ([A-Z-]{1,20})"
    r"(?: \((?:approximately )?[0-9]+ bytes\))? from (\S+)"
)
_TLS = re.compile(
    r"(?:(Anonymous|Untrusted|Trusted|Verified) )?TLS connection established"
    r" from (\S{1,300}?)(?: to \S{1,300})?:"
    r" (\S{1,20}) with cipher (\S{1,60})"
)
_SASL = re.compile(r"(\S{1,300}): SASL \S{1,40} authentication (?:failed|aborted|failure)\b")
_ORIGINAL = re.compile(
    rf"(?:orig_queue_id=({QUEUE_ID})(?:, |$))?(?:orig_client=([^\s,]{{1,320}}))?"
)
_PROXIES = {"proxy-accept:", "proxy-reject:"}
_SIZE_EXCEEDED = ": queue file size limit exceeded"
_CHUNK = re.compile(rf"(NOQUEUE|{QUEUE_ID}): BDAT request from \S+ exceeds message size limit")
_ABORTED = "abort: TLS from "
_SESSION_CHATTER = (
    "improper command pipelining after ", "bare <LF> received after ", "bare <CR> received ",
    "discarding EHLO keywords: ", "NOQUEUE: discarding ", "Illegal ", "xclient ",
    "smtpd_peer_", "replacing command ", "Received ", "daemon ",
)  # fmt: skip


def parse(origin: Origin, text: str) -> Record:
    """A line of smtpd, under whatever service name."""
    word, _, rest = text.partition(" ")
    if reader := _READERS.get(word):
        return reader(origin, rest) or _parse_other(origin, text)
    if word[-1:] == ":" and is_queue_id(queue_id := word[:-1]):
        return _parse_queued(origin, queue_id, rest) or UnsupportedLine(*origin, text)
    if word in _PROXIES:
        return _parse_proxy(origin, "", text) or UnsupportedLine(*origin, text)
    return _parse_other(origin, text)


def _parse_other(origin: Origin, text: str) -> Record:
    if lost := _parse_lost(origin, text):
        return lost
    if match := _TLS.match(text):
        ip = split_client(match[2])[1]
        return new(ClientTls, (*origin, ip, match[1] or "", match[3], match[4]))
    if text.startswith(_SESSION_CHATTER):
        return NoticeLine(*origin)
    if text.startswith("reject") and (decision := parse_decision(origin, "", text)):
        return decision  # as Postfix 1 wrote it, without NOQUEUE
    return parse_chatter(origin, text)


def _parse_lost(origin: Origin, text: str) -> Record | None:
    match = _LOST.fullmatch(text)
    if match is None:
        return None
    return ClientLost(*origin, match[1], match[2].lower(), *split_client(match[3]))


def _parse_connect(origin: Origin, rest: str) -> Record | None:
    if not rest.startswith("from "):
        return None
    return new(ClientConnected, (*origin, *split_client(rest[5:])))


def _parse_disconnect(origin: Origin, rest: str) -> Record | None:
    word, _, rest = rest.partition(" ")
    if word != "from":
        return None
    return new(ClientDisconnected, (*origin, split_client(rest.partition(" ")[0])[1]))


def _parse_queued(origin: Origin, queue_id: str, rest: str) -> Record | None:
    if rest.startswith("client="):
        return _parse_client(origin, queue_id, rest[7:])
    if rest.startswith("proxy-"):
        return _parse_proxy(origin, queue_id, rest)
    return parse_decision(origin, queue_id, rest) or _parse_lost(origin, rest)


def _parse_noqueue(origin: Origin, rest: str) -> Record | None:
    if rest.startswith(_ABORTED):
        return _parse_aborted(origin, rest[len(_ABORTED) :])
    return _parse_queued(origin, "", rest)


def _parse_aborted(origin: Origin, text: str) -> Record:
    """A client without the certificate that it must have; the reply stands in smtpd.c."""
    client, _, reason = text.partition(": ")
    return SmtpDecision(
        *origin, "", "reject", "helo", "", *split_client(client), 421, "4.7.1",
        f"Error: {reason}", None, "", "", "",
    )  # fmt: skip


def _parse_client(origin: Origin, queue_id: str, text: str) -> Record | None:
    """``NAME[IP]`` and what is known of it. ``orig_`` fields come from XFORWARD.

    A client that logs in has no ``orig_`` fields: whatever follows a user name is part of it.
    """
    client, comma, fields = text.partition(", ")
    name, ip = split_client(client)
    if not name:
        return None
    if not comma:
        return new(QueueOpened, (*origin, queue_id, name, ip, "", "", "", ""))
    if fields.startswith("sasl_"):
        username = fields.partition("sasl_username=")[2].partition(", sasl_sender=")[0]
        return QueueOpened(*origin, queue_id, name, ip, username, "", "", "")
    original = _ORIGINAL.match(fields)
    orig_queue_id, orig_client = original.groups("") if original else ("", "")
    return QueueOpened(*origin, queue_id, name, ip, "", orig_queue_id, *split_client(orig_client))


def _parse_proxy(origin: Origin, queue_id: str, text: str) -> Record | None:
    """``proxy-accept: END-OF-MESSAGE[ from CLIENT]: REPLY; ENVELOPE``."""
    decision, _, rest = text.partition(": ")
    stage, _, reply = rest.partition(": ")
    cut = split_envelope(reply)
    if cut is None or not stage.startswith("END-OF-MESSAGE"):
        return None
    reply, envelope = cut
    code, dsn, _ = split_reply(reply)
    return ProxyDecision(
        *origin,
        queue_id,
        decision == "proxy-accept",
        code,
        dsn,
        reply,
        find_filter_id(reply),
        *envelope[:3],
        find_next_queue_id(reply) if decision == "proxy-accept" else "",
    )


def _parse_warning(origin: Origin, rest: str) -> Record:
    if rest.endswith(_SIZE_EXCEEDED):
        queue_id = rest.removesuffix(_SIZE_EXCEEDED)
        if queue_id == "NOQUEUE" or is_queue_id(queue_id):
            return SizeExceeded(*origin, queue_id.removeprefix("NOQUEUE"))
    if match := _CHUNK.fullmatch(rest):
        queue_id = match[1].removeprefix("NOQUEUE")
        reply = (552, "5.3.4", "Chunk exceeds message size limit")
        return MailRefused(*origin, queue_id, "size", *reply)
    if match := _SASL.match(rest):
        username = rest[match.end() :].partition(", sasl_username=")[2]
        return SaslFailed(*origin, split_client(match[1])[1], username)
    return NoticeLine(*origin)


_READERS: dict[str, Callable[[Origin, str], Record | None]] = {
    "connect": _parse_connect,
    "disconnect": _parse_disconnect,
    "NOQUEUE:": _parse_noqueue,
    "warning:": _parse_warning,
}
