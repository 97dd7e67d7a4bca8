"""Delivery agents: smtp, lmtp, local, virtual, pipe, error, retry, discard (and their kin).

    QID: to=<R>, relay=NAME[IP]:25, delay=0.4, delays=0.01/0.01/0/0.39, dsn=2.0.0,
        status=sent (250 2.0.0 Ok: queued as QID)
    QID: to=<R>, orig_to=<O>, relay=local, conn_use=2, delay=..., delays=..., tls=may, dsn=...,
        status=sent (forwarded as QID)
    QID: to=<"x> relay=evil, status=sent (ok)"@example.org>, relay=NAME[IP]:25, ...,
        status=bounced (host NAME[IP] said: 550 ... (in reply to RCPT TO command))
    Untrusted TLS connection established to NAME[IP]:25: TLSv1.3 with cipher C (256/256 bits) ...
    connect to NAME[IP]:25: Connection refused
    QID: host NAME[IP] refused to talk to me: 421 ...

The recipient comes from a client and the text in the last parentheses from the remote server:
either may hold log text. What counts is the first place, from the left, where the fields of
Postfix stand complete and in order.
"""

from __future__ import annotations

import re
from functools import lru_cache

from tracking.ingest.header import Origin
from tracking.ingest.parsers.notices import parse_chatter
from tracking.ingest.parsers.reading import (
    MAX_TRIES,
    find_filter_id,
    find_next_queue_id,
    find_path_end,
    is_queue_id,
    new,
    read_ip,
    split_client,
)
from tracking.ingest.records import DeliveryAttempt, NoticeLine, Record, ServerTls

_TLS = re.compile(
    r"(Anonymous|Untrusted|Trusted|Verified) TLS connection established to (\S{1,300}?):"
    r" (\S{1,20}) with cipher (\S{1,60})"
)
_SECONDS = r"([0-9]{1,9}(?:\.[0-9]{1,9})?(?:e\+[0-9]{2})?)"
_FIELDS = re.compile(
    r", relay=([^,]{1,300})(?:, conn_use=[0-9]{1,9})?,? delay=[0-9.e+]{1,20}"
    rf"(?:, delays={_SECONDS}/{_SECONDS}/{_SECONDS}/{_SECONDS})?(?:, tls=[^,]{{1,60}})?"
    r"(?:, dsn=([0-9]\.[0-9]{1,3}\.[0-9]{1,3}))?, status=([A-Za-z-]{1,40})(?: \(|$)"
)
_QUEUE_CHATTER = (
    "host ", "lost connection with ", "conversation with ", "enabling PIX ", "passing <",
    "SASL ", "breaking line ", "warning: ", "Server certificate ",
    "client TLS ", "TLS ", "connect to ", "setting up ", "cannot ", "skipped, ", "delivering ",
    "Cannot start TLS", "replace: ", "prepend: ", "strip: ", "info: ", "enabling VERP ",
    "status=deferred (bounce failed)",
)  # fmt: skip


def parse(origin: Origin, text: str) -> Record:
    """A line of any delivery agent."""
    queue_id, _, rest = text.partition(": ")
    if is_queue_id(queue_id):
        attempt = parse_delivery(origin, queue_id, rest)
        return attempt or parse_talk(origin, queue_id, rest)
    if match := _TLS.match(text):
        name, ip = split_client(match[2])
        return new(ServerTls, (*origin, name, ip, match[1], match[3], match[4]))
    return parse_chatter(origin, text)


def parse_talk(origin: Origin, queue_id: str, rest: str) -> Record:
    """What follows the queue id: talk on the way to a delivery, or an unknown shape."""
    if rest.startswith(_QUEUE_CHATTER):
        return NoticeLine(*origin)
    return parse_chatter(origin, f"{queue_id}: {rest}")


def parse_delivery(origin: Origin, queue_id: str, text: str) -> DeliveryAttempt | None:
    """``to=<R>[, orig_to=<O>], relay=...``: the first complete reading, or None."""
    if not text.startswith("to=<"):
        return _parse_bare(origin, queue_id, text)
    end = find_path_end(text, 4)
    if fields := _FIELDS.match(text, end + 1):
        return _attempt(origin, queue_id, text[4:end], "", fields, text)
    for _ in range(MAX_TRIES):
        if end < 0:
            return None
        original, position = _read_original(text, end + 1)
        if fields := _FIELDS.match(text, position):
            return _attempt(origin, queue_id, text[4:end], original, fields, text)
        end = text.find(">, ", end + 1)
    return None


def _parse_bare(origin: Origin, queue_id: str, text: str) -> DeliveryAttempt | None:
    """A recipient and its alias without brackets, as local once wrote them."""
    end = text.find(", relay=") if text.startswith("to=") else -1
    fields = _FIELDS.match(text, end) if end >= 0 else None
    if fields is None:
        return None
    recipient, _, original = text[3:end].partition(", orig_to=")
    return _attempt(origin, queue_id, recipient, original, fields, text)


def _read_original(text: str, position: int) -> tuple[str, int]:
    """The address of ``, orig_to=<O>`` at ``position`` and where the text after it begins."""
    if not text.startswith(", orig_to=<", position):
        return "", position
    start = position + 11
    end = find_path_end(text, start)
    return text[start:end], end + 1


def _attempt(
    origin: Origin,
    queue_id: str,
    recipient: str,
    original: str,
    fields: re.Match[str],
    text: str,
) -> DeliveryAttempt:
    relay, before, queue, connect, transmit, dsn, status = fields.groups()
    relay_ip, relay_port = _split_relay(relay)
    is_whole = text.endswith(")")
    reply = text[fields.end() : -1] if is_whole else text[fields.end() :]
    return new(
        DeliveryAttempt,
        (
            *origin,
            queue_id,
            recipient,
            original,
            relay,
            relay_ip,
            relay_port,
            _seconds(before),
            _seconds(queue),
            _seconds(connect),
            _seconds(transmit),
            dsn or "",
            status,
            reply,
            find_next_queue_id(reply) if is_whole and status == "sent" else "",
            find_filter_id(reply),
        ),
    )


@lru_cache(maxsize=4096)
def _seconds(text: str | None) -> float:
    """A delay; most are among the few hundred short numbers that Postfix rounds to."""
    return -1.0 if text is None else float(text)


@lru_cache(maxsize=8192)
def _split_relay(relay: str) -> tuple[str, str]:
    """Address and port of ``NAME[IP]:PORT``; ``""`` for sockets, services and ``none``."""
    _, bracket, rest = relay.rpartition("[")
    ip, closing, port = rest.partition("]")
    if not bracket or not closing:
        return "", ""
    return read_ip(ip), port[1:] if port.startswith(":") and port[1:].isdecimal() else ""
