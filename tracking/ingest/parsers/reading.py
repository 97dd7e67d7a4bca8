"""Reading what many lines share: queue ids, clients, addresses, envelopes, replies.

Clients, senders and remote servers choose much of the text of a line and may write log text
into it. So everything here is read from the side that Postfix controls, strictly, and with the
quoting of RFC 5321 in mind.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from functools import lru_cache
from ipaddress import ip_address
from socket import AF_INET, inet_pton
from typing import NamedTuple

from tracking.ingest.header import Origin
from tracking.ingest.records import Record

Parser = Callable[[Origin, str], Record]

MAX_ADDRESS = 4096
MAX_TRIES = 32
"""How many places are tried where a shape may begin: a line of junk must not cost much."""

QUEUE_ID = r"(?:[0-9A-F]{6,15}|[0-9B-DF-HJ-NP-TV-Zb-df-hj-np-tv-z]{10,20})"
FILTER_ID = r"[0-9A-F]{12,25}"

new = tuple.__new__
"""Makes the records there are most of: a NamedTuple's own constructor takes twice the time."""

_MAX_KNOWN = 10_000


class _QueueIds(dict[str, bool]):
    """Whether a text is a queue id; most lines have one that a line before had."""

    def __missing__(self, text: str) -> bool:
        is_one = _is_queue_id(text) is not None
        if is_one:
            if len(self) >= _MAX_KNOWN:
                self.clear()
            self[text] = True
        return is_one


_is_queue_id = re.compile(QUEUE_ID).fullmatch
is_queue_id: Callable[[str], bool] = _QueueIds().__getitem__

_PATH = re.compile(r'(?:[^">]++|"(?:[^"\\]++|\\.)*+")*+>')
_REPLY = re.compile(r"(?:([2-5][0-9]{2})(?:[ -]|$))?(?:([245]\.[0-9]{1,3}\.[0-9]{1,3})(?: |$))?")
_PROTOCOL = re.compile(r"[A-Z0-9]{1,16}")
_NEUTERED = re.compile(r'[^ <>()\\";]*')
_PLAIN_ENVELOPE = re.compile(
    r'; from=<([^"<>]{0,400})>(?: to=<([^"<>]{0,400})>)? proto=[A-Z0-9]{1,16}'
    r' helo=<([^ <>()\\";]{0,400})>'
)
_LEADING_ZEROS = re.compile(r"(?<![0-9A-Fa-f:])0+(?=[0-9])(?!.*:)")
_LOGIN = re.compile(
    r" sasl_username=<([^<>]{0,400})>"
    r"|(?: sasl_method=[^\s<>]{1,64})?(?: sasl_username=([^<>]{0,400}?))?"
    r"(?: sasl_sender=[^\s<>]{0,400})?"
)
_FORGEABLE = (" helo=<", "> to=<", "> proto=")
_FILTER_REPLY = re.compile(
    r"(?:host \S{1,255} said: )?"
    r"(?:250 2\.5\.0 OK|250 2\.7\.0 BLOCKED|554 5\.7\.1 Rejected for policy reasons"
    r"|451 4\.4\.0 detected undelivered mail)"
    rf" \(({FILTER_ID})\)(?: \(in reply to [A-Za-z ]{{1,40}}\))?"
)


def read_ip(text: str) -> str:
    """An address in its usual form, ``""`` if it is none (``unknown``, a socket's path).

    Numbers that something between Postfix and us filled up with zeros are decimal.
    """
    with suppress(OSError, ValueError):
        inet_pton(AF_INET, text)  # five times faster than ip_address, and as strict
        return text
    for form in (text.partition("%")[0], _LEADING_ZEROS.sub("", text)):
        with suppress(ValueError):
            return str(ip_address(form))
    return ""


@lru_cache(maxsize=8192)
def _split_client(text: str) -> tuple[str, str]:
    name, bracket, rest = text.partition("[")
    ip, closing, port = rest.partition("]")
    if (
        not bracket
        or not closing
        or (port not in {"", ":unknown"} and not (port[0] == ":" and port[1:].isdecimal()))
    ):
        return "", ""
    return name, read_ip(ip)


def split_client(text: str) -> tuple[str, str]:
    """Name and address of ``NAME[IP]`` or ``[IP]:PORT``; two ``""`` if it has another shape."""
    return _split_client(text) if len(text) < 400 else ("", "")


def find_path_end(text: str, start: int) -> int:
    """Where the ``>`` is that closes the path whose text begins at ``start``, or -1.

    A ``>`` inside a quoted string does not count: ``<"a>b"@example.org>``.
    """
    end = text.find(">", start)
    if end < 0 or text.find('"', start, end) < 0:
        return end
    match = _PATH.match(text, start, start + MAX_ADDRESS)
    return match.end() - 1 if match else end


def read_paths(text: str, start: int) -> tuple[tuple[str, ...], int]:
    """The addresses of ``<A>,<B>`` or ``<A>, <B>`` at ``start`` and where the list ends."""
    paths: list[str] = []
    position = start
    while text.startswith("<", position):
        end = find_path_end(text, position + 1)
        if end < 0:
            break
        paths.append(text[position + 1 : end])
        position = end + 1
        for comma in (",<", ", <"):
            if text.startswith(comma, position):
                position += len(comma) - 1
                break
        else:
            break
    return tuple(paths), position


def split_reply(text: str) -> tuple[int, str, str]:
    """SMTP code or 0, enhanced status code or ``""``, and the rest of a reply."""
    match = _REPLY.match(text)
    if match is None:
        return 0, "", text
    return int(match[1] or 0), match[2] or "", text[match.end() :]


def find_next_queue_id(reply: str) -> str:
    """The id at the very end of a reply: ``... queued as 9AD5F6051C``, ``forwarded as ...``."""
    words, _, queue_id = reply.rpartition(" as ")
    if not words.endswith(("queued", "forwarded")):
        return ""
    if not is_queue_id(queue_id):
        queue_id = queue_id.rstrip(").,;")
    return queue_id if is_queue_id(queue_id) else ""


def find_filter_id(reply: str) -> str:
    """The session of a PMG filter when the reply is one that only such a filter gives."""
    if not reply.endswith(")"):
        return ""
    match = _FILTER_REPLY.fullmatch(reply)
    return match[1] if match else ""


class Envelope(NamedTuple):
    """What Postfix appends to a decision; ``rest`` is the text after it."""

    envelope_sender: str
    recipient: str
    helo_name: str
    sasl_username: str
    rest: str


def _read_bracketed(text: str, position: int, opening: str) -> tuple[str, int]:
    """The path after ``opening`` and where it ends; ``""`` and ``position`` if it is not there."""
    if not text.startswith(opening, position):
        return "", position
    start = position + len(opening)
    end = find_path_end(text, start)
    while end >= 0 and text[end + 1 : end + 2] not in {" ", ":", ""}:
        end = text.find(">", end + 1)  # part of the address, as in <<user>@example.org>
    return ("", position) if end < 0 else (text[start:end], end + 1)


def _read_envelope(text: str, start: int) -> Envelope | None:
    """`` from=<F> to=<R> proto=P helo=<H> sasl_username=<U>`` at ``start``, each optional.

    smtpd replaces blanks, brackets and quotes in a HELO name before it logs it, so a name
    that holds one of them is not a name but a piece of somebody's text.
    """
    sender, position = _read_bracketed(text, start, " from=<")
    recipient, position = _read_bracketed(text, position, " to=<")
    if text.startswith(" proto=", position):
        protocol = _PROTOCOL.match(text, position + 7)
        position = protocol.end() if protocol else position
    helo = ""
    if text.startswith(" helo=<", position):
        name = _NEUTERED.match(text, position + 7)
        if name is None or not text.startswith(">", name.end()):
            return None
        helo, position = name[0], name.end() + 1
    if position == start:
        return None
    username, rest = _read_username(text[position:])
    return Envelope(sender, recipient, helo, username, rest)


def _read_username(text: str) -> tuple[str, str]:
    """`` sasl_username=<U>`` up to the end of the line, else all of the text is left over.

    Postfix 3.10 writes `` sasl_method=M sasl_username=U sasl_sender=S``, each if known. After an
    envelope that somebody forged the true one follows, which has brackets.
    """
    login = _LOGIN.fullmatch(text) if text.startswith(" sasl_") else None
    return ("", text) if login is None else (login[1] or login[2] or "", "")


def split_envelope(text: str, *, with_reason: bool = False) -> tuple[str, Envelope] | None:
    """Cut off the envelope after the last ``;`` that has one.

    Nothing may follow it, or, ``with_reason``, ``: REASON`` (cleanup's header and body checks).
    From the right, because the text before it holds what clients and remote servers said.
    """
    position = text.rfind("; from=<")
    if position >= 0 and (plain := _PLAIN_ENVELOPE.fullmatch(text, position)):
        return text[:position], Envelope(plain[1], plain[2] or "", plain[3], "", "")
    position = len(text)
    for _ in range(MAX_TRIES):
        position = text.rfind(";", 0, position)
        if position < 0:
            return None
        envelope = _read_envelope(text, position + 1)
        if envelope is None:
            continue
        if not envelope.rest or (with_reason and _is_reason(envelope.rest)):
            return text[:position], envelope
    return None


def cut_off(text: str) -> tuple[str, str | None, str]:
    """The reply, sender and recipient of a decision that ends before its envelope does.

    A syslog may have a limit. None and ``""`` if they are not there, or quoted: then the text
    may be somebody's, and what would prove it is lost.
    """
    reply, opening, fields = text.partition("; from=<")
    sender, closing, fields = fields.partition("> to=<")
    if not opening or '"' in text or "; from=<" in fields:
        return text, None, ""
    recipient, is_closed, _ = fields.partition(">")
    if not closing:
        sender, closing, _ = sender.partition(">")
    return reply, sender if closing else None, recipient if is_closed else ""


def _is_reason(text: str) -> bool:
    return text.startswith(": ") and not any(mark in text for mark in _FORGEABLE)
