"""amavis: verdicts, forwarded mail, notices and releases.

    (00102-02) Passed CLEAN {RelayedInbound}, [192.0.2.30]:60077 <F> -> <R>,<R2>,
        Queue-ID: QID, Message-ID: <M>, mail_id: t0rdKBKESb14, Hits: 0, size: 797,
        queued_as: QID, 388 ms
    (00102-03-6) Blocked BANNED (application/octet-stream,.exe,setup.exe)
        {BouncedInbound,Quarantined}, [192.0.2.7]:48727 <F> -> <R>,
        quarantine: Z/banned-ZomfKD8pmK27, Queue-ID: QID, ...
    (00102-02) t0rdKBKESb14 FWD from <F> -> <R>, BODY=7BIT 250 2.0.0 from
        MTA(smtp:[192.0.2.4]:10025): 250 2.0.0 Ok: queued as QID
    (00103-02) 57tiN17CgELq(EudSK2LvYwOD) SEND from <F> -> <R>, ENVID=... 250 ... queued as QID
    (rel-D9Y2IWHk4Ozh) D9Y2IWHk4Ozh(4bIGyMiYpJ_E) FWD from <F> -> <R>,  250 2.0.0 ... queued as QID
    (15759-01-2) Blocked SPAM, LOCAL [192.0.2.7] [192.0.2.7] <F> -> <R>, quarantine: spam-EzEbE9W,
        Message-ID: <M>, mail_id: EzEbE9Wabcde, Hits: 6.364, size: 16493, 6292 ms      (before 2.7)
    (15759-01) Passed, <F> -> <R>, quarantine IJHkgliCm2Ia, Message-ID: <M>, Hits: 4.377    (2003)
    (15759-01) FWD via SMTP: <F> -> <R>, 250 2.6.0 Ok, id=15759-01, from MTA(...): ... queued as QID
    (00103-02-69) Passed CLEAN ..., Message-ID: <L1-00470.xxxxx...
    (00103-02-69) ...xxxxx@mail.example>, mail_id: VqBsMbLEVOJR, Hits: 4.698, ...

Long lines come in pieces: a piece that is continued ends in ``...``, one that continues begins
with it. A whole line may end in ``...`` too (a subject, say): whoever joins the pieces has to
hand such a lone piece to ``parse_text`` when no continuation follows. A piece boundary may fall
inside a UTF-8 character, which is then lost.

Names of attachments and message ids are the sender's: where two readings of a verdict are
possible, the one whose quarantine file bears the mail id (which no sender knows) is right.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from tracking.ingest.header import Origin
from tracking.ingest.parsers.reading import (
    MAX_TRIES,
    find_next_queue_id,
    is_queue_id,
    read_paths,
    split_client,
)
from tracking.ingest.records import (
    AmavisForwarded,
    AmavisText,
    AmavisVerdict,
    NoticeLine,
    Record,
    UnsupportedLine,
)

_SESSION = re.compile(r"\((rel-[\w+-]{6,30}|[0-9]{1,9}-[0-9]{2,9}(?:-[0-9]{1,9})?)\) ", re.ASCII)
_FORWARD = re.compile(
    r"(?:([\w+-]{6,30})(?:\(([\w+-]{6,30})\))? )?(FWD|SEND) (?:from|via [A-Z]{3,8}:) (?=<)",
    re.ASCII,
)
_VERDICT = re.compile(r"(Passed|Blocked)(?: ([A-Z][A-Z0-9-]{2,30}))?( \(|(?= \{)|(?=, ))")
_PEER = re.compile(
    r"(?: \{([A-Za-z, ]{0,200})\})?, (?:[A-Z][A-Z0-9_./ -]{0,100} )?"
    r"(?:\[(?:IPv6:)?([0-9A-Fa-f:.]{2,45})\](?::[0-9]{1,5})? )?(?:\[[^\]\s]{2,60}\] )?(?=<)"
)
_MIDDLE = re.compile(
    r"(?:, quarantine:? ([^,]{1,400}))?(?:, Queue-ID: ([^,]{1,30}))?(,? Message-ID: )?"
)
_RESENT = ", Resent-Message-ID: "
_TAIL = re.compile(
    r"(?:, mail_id: ([\w+-]{6,30})(?:, b: [^,]{1,30})?)?"
    r", Hits: (-?[0-9]{1,9}(?:\.[0-9]{1,9})?|-)[^,]{0,20}"
    r"(?:, size: ([0-9]{1,15}))?(?:, pt: [^,]{1,20})?(?:, queued_as: ([0-9A-Za-z/]{1,400}))?",
    re.ASCII,
)
_KNOWN = (
    "Checking: ", "ESMTP", "UTF8SMTP", "SMTP", "LMTP", "UTF8LMTP", "local delivery: ", "p.path ",
    "extra modules ", "(!", "Quarantined message ", "SPAM", "INFECTED", "BANNED", "Cached ",
    "TIMING", "WARN", "NOTICE", "TROUBLE", "do_notify", "policy", "AM.PDP", "run_av ", "p001 ",
    "FWD ", "SEND ", "header", "cached ", "Open relay", "wbl: ", "dkim: ", "dkim_", "mail_via",
    "check_", "ask_", "spam-", "lookup", "fish_out", "mangling", "inspect_dsn", "DSN: ", "bounce ",
    "OS_fingerprint", "penpals", "size: ", "Amavis::", "collect_", "decode", "presenting", "smtp ",
    "do_", "Quarantine release ", "Negative SMTP ", "truncating ", "INFO: ", "DEFANGING ",
    "PenPals", "PRESERVING ", "TempDir ", "Turning AV ", "SA ", "response to ", "skip local ",
    "connect_to_", "ClamAV", "inspecting ", "Original mail size", "SMTP shutdown", "BAD HEADER",
    "BAD-HEADER", "delivery-notification", "DKIM", "ARC ", "FAKE SENDER", "white_black", "..",
    "virus_scan: ", "spam_scan: ", "p00",
)  # fmt: skip


class _Reading(NamedTuple):
    """One way to read a verdict."""

    detail: str
    flags: tuple[str, ...]
    client_ip: str
    sender: str
    recipients: tuple[str, ...]
    quarantine: str
    queue_id: str
    message_id: str


def parse(origin: Origin, text: str) -> Record:
    """A line of amavis. Lines without a session are about the daemon."""
    match = _SESSION.match(text)
    if match is None:
        return NoticeLine(*origin)
    body = text[match.end() :]
    is_continued, continues = body.endswith("..."), body.startswith("...")
    if is_continued or continues:
        piece = body.removeprefix("...").removesuffix("...")
        return AmavisText(*origin, match[1], piece, not continues, not is_continued)
    return parse_text(*origin, match[1], body)


def parse_text(
    at: int, host: str, service: str, program: str, pid: str, session_id: str, text: str
) -> Record:
    """The text of a session, whole or joined from its pieces."""
    origin = (at, host, service, program, pid)
    if match := _FORWARD.match(text):
        return _parse_forward(origin, session_id, match, text)
    if match := _VERDICT.match(text):
        return _parse_verdict(origin, session_id, match, text)
    if text.startswith(_KNOWN):
        return NoticeLine(*origin)
    return UnsupportedLine(*origin, f"({session_id}) {text}")


def _parse_forward(origin: Origin, session_id: str, match: re.Match[str], text: str) -> Record:
    senders, position = read_paths(text, match.end())
    recipients, end = read_paths(text, position + 4)
    if len(senders) != 1 or not text.startswith(" -> ", position) or not recipients:
        return UnsupportedLine(*origin, f"({session_id}) {text}")
    kind = "notice" if match[3] == "SEND" else "forward"
    if session_id.startswith("rel-"):
        kind = "release"
    return AmavisForwarded(
        *origin,
        session_id,
        kind,
        match[1] or "",
        match[2] or (session_id[4:] if kind == "release" else ""),
        senders[0],
        recipients,
        find_next_queue_id(text[end:]),
    )


def _parse_verdict(origin: Origin, session_id: str, match: re.Match[str], text: str) -> Record:
    tail_start = text.rfind(", mail_id: ")
    if tail_start < 0:
        tail_start = text.rfind(", Hits: ")
    tail = _TAIL.match(text, tail_start) if tail_start >= 0 else None
    mail_id, hits, size, queued_as = tail.groups() if tail else ("", "-", "0", "")
    readings = list(_readings(text, match, tail_start if tail else len(text)))
    if not readings:
        return UnsupportedLine(*origin, f"({session_id}) {text}")
    reading = next((r for r in readings if mail_id and mail_id in r.quarantine), readings[0])
    return AmavisVerdict(
        *origin,
        session_id,
        match[1] == "Passed",
        match[2] or "CLEAN",
        reading.detail,
        reading.flags,
        reading.client_ip,
        reading.sender,
        reading.recipients,
        reading.quarantine,
        reading.queue_id,
        reading.message_id,
        mail_id or "",
        None if hits == "-" else float(hits),
        int(size or 0),
        tuple(filter(is_queue_id, (queued_as or "").split("/"))),
    )


def _readings(text: str, match: re.Match[str], end: int) -> Iterator[_Reading]:
    """Every place, up to a limit, where the detail in parentheses can end."""
    position = match.end()
    if not match[3]:
        reading = _read_at(text, position, end, "")
        if reading is not None:
            yield reading
        return
    closing = position
    for _ in range(MAX_TRIES):
        closing = text.find(")", closing, end)
        if closing < 0:
            return
        reading = _read_at(text, closing + 1, end, text[position:closing])
        if reading is not None:
            yield reading
        closing += 1


def _read_at(text: str, start: int, end: int, detail: str) -> _Reading | None:
    """`` {FLAGS}, [IP]:PORT <F> -> <R>,<R>[, quarantine: Q], Queue-ID: Q, Message-ID: M``."""
    peer = _PEER.match(text, start, end)
    if peer is None:
        return None
    senders, position = read_paths(text, peer.end())
    recipients, position = read_paths(text, position + 4)
    if len(senders) != 1 or not recipients or not text.startswith((", ", " Mess"), position):
        return None
    client_ip = split_client(f"[{peer[2]}]")[1] if peer[2] else ""
    middle = _MIDDLE.match(text, position, end)
    quarantine, queue_id, has_message_id = middle.groups("") if middle else ("", "", "")
    return _Reading(
        detail,
        tuple(flag.strip() for flag in (peer[1] or "").split(",") if flag.strip()),
        client_ip,
        senders[0],
        recipients,
        quarantine,
        queue_id if is_queue_id(queue_id) else "",
        text[middle.end() : end].partition(_RESENT)[0] if middle and has_message_id else "",
    )
