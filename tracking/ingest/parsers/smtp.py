"""Delivery agents: smtp, lmtp, local, virtual, pipe, error, retry, discard (and their kin).

    QID: to=<R>, relay=NAME[IP]:25, delay=0.4, delays=0.01/0.01/0/0.39, dsn=2.0.0, status=sent (250 Ok)
    QID: to=<R>, orig_to=<O>, relay=local, conn_use=2, delay=..., delays=..., tls=may, dsn=..., status=...
    QID: to=<"x> relay=evil, status=sent (ok)"@d>, relay=NAME[IP]:25, ..., status=bounced (host ... said: ...)
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
    read_ip,
    split_client,
)
from tracking.ingest.records import DeliveryAttempt, NoticeLine, Record, ServerTls

_TLS = re.compile(
    r"(Anonymous|Untrusted|Trusted|Verified) TLS connection established to (\S{1,300}?):"
    r" (\S{1,20}) with cipher (\S{1,60})"
)
_STATUS = re.compile(r"[a-z]{1,20}(?:-[a-z]{1,20}){0,4}")
_UNKNOWN_DELAYS = (-1.0, -1.0, -1.0, -1.0)
_QUEUE_CHATTER = (
    "host ", "lost connection with ", "conversation with ", "enabling PIX ", "passing <",
    "SASL authentication failed", "breaking line ", "warning: ", "Server certificate ",
    "client TLS ", "TLS ", "connect to ", "setting up ", "cannot ", "skipped, ", "delivering ",
)  # fmt: skip


def parse(origin: Origin, text: str) -> Record:
    """A line of any delivery agent."""
    queue_id, _, rest = text.partition(": ")
    if is_queue_id(queue_id):
        return parse_queued(origin, queue_id, rest)
    if match := _TLS.match(text):
        name, ip = split_client(match[2])
        return ServerTls(*origin, name, ip, match[1], match[3], match[4])
    return parse_chatter(origin, text)


def parse_queued(origin: Origin, queue_id: str, rest: str) -> Record:
    """What follows the queue id: a delivery, or talk on the way to one."""
    if rest.startswith("to="):
        attempt = parse_delivery(origin, queue_id, rest)
        if attempt is not None:
            return attempt
    elif rest.startswith(_QUEUE_CHATTER):
        return NoticeLine(*origin)
    return parse_chatter(origin, f"{queue_id}: {rest}")


def parse_delivery(origin: Origin, queue_id: str, text: str) -> DeliveryAttempt | None:
    """``to=<R>[, orig_to=<O>], relay=...``: the first complete reading, or None."""
    if not text.startswith("to=<"):
        recipient, _, fields = text[3:].partition(", relay=")
        return _read_fields(origin, queue_id, recipient, "", fields)
    end = find_path_end(text, 4)
    for _ in range(MAX_TRIES):
        if end < 0:
            return None
        attempt = _read_after_recipient(origin, queue_id, text, end)
        if attempt is not None:
            return attempt
        end = text.find(">, ", end + 1)
    return None


def _read_after_recipient(
    origin: Origin, queue_id: str, text: str, end: int
) -> DeliveryAttempt | None:
    """The rest of a delivery if the recipient ends at ``end``."""
    if text.startswith(", relay=", end + 1):
        return _read_fields(origin, queue_id, text[4:end], "", text[end + 9 :])
    if not text.startswith(", orig_to=<", end + 1):
        return None
    start = end + 12
    end_of_original = find_path_end(text, start)
    if end_of_original < 0 or not text.startswith(", relay=", end_of_original + 1):
        return None
    original = text[start:end_of_original]
    return _read_fields(origin, queue_id, text[4:end], original, text[end_of_original + 9 :])


def _read_fields(
    origin: Origin, queue_id: str, recipient: str, original: str, text: str
) -> DeliveryAttempt | None:
    """``RELAY[, conn_use=N], delay=D, delays=a/b/c/d[, tls=L], dsn=X, status=WORD (TEXT)``."""
    head, _, tail = text.partition(", status=")
    status, _, reply = tail.partition(" (")
    relay, *fields = head.split(", ", 8)
    values = _read_values(fields)
    if values is None or _STATUS.fullmatch(status) is None or len(relay) > 300:
        return None
    is_whole = reply.endswith(")")
    reply = reply.removesuffix(")")
    return DeliveryAttempt(
        *origin,
        queue_id,
        recipient,
        original,
        relay,
        *_split_relay(relay),
        *values[0],
        values[1],
        status,
        reply,
        find_next_queue_id(reply) if is_whole and status == "sent" else "",
        find_filter_id(reply),
    )


def _read_values(
    fields: list[str],
) -> tuple[tuple[float, float, float, float], str] | None:
    """Delays and dsn of ``conn_use=, delay=, delays=, tls=, dsn=``; None if one is not right."""
    delays, dsn, has_delay = _UNKNOWN_DELAYS, "", False
    for field in fields:
        key, _, value = field.partition("=")
        if key == "delays":
            known = _read_delays(value)
            if known is None:
                return None
            delays = known
        elif key == "delay":
            has_delay = True
        elif key == "dsn":
            dsn = value
        elif key not in {"conn_use", "tls"}:
            return None
    if not has_delay or len(dsn) > 11:
        return None
    return delays, dsn


def _read_delays(text: str) -> tuple[float, float, float, float] | None:
    try:
        before, queue, connect, transmit = map(float, text.split("/", 4))
    except ValueError:
        return None
    if not 0.0 <= before + queue + connect + transmit < 1e9:
        return None
    return before, queue, connect, transmit


@lru_cache(maxsize=8192)
def _split_relay(relay: str) -> tuple[str, str]:
    """Address and port of ``NAME[IP]:PORT``; ``""`` for sockets, services and ``none``."""
    _, bracket, rest = relay.rpartition("[")
    ip, closing, port = rest.partition("]")
    if not bracket or not closing:
        return "", ""
    return read_ip(ip), port[1:] if port.startswith(":") and port[1:].isdecimal() else ""
