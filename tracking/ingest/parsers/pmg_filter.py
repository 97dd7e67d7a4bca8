"""pmg-smtp-filter: Proxmox Mail Gateway's content filter. FID is one session of it.

    2026/03/04-09:12:01 CONNECT TCP Peer: "[127.0.0.1]:41822" Local: "[127.0.0.1]:10023"
    FID: new mail message-id=<first.1@sender.example>
    FID: mail-headers envelope-from=<F> envelope-to=<R1, R2> from="..." to="..." subject="S"
    FID: virus detected: Eicar-Signature.UNOFFICIAL (clamav)
    FID: SA score=1/5 time=0.089 bayes=undefined autolearn=disabled hits=RULE(1.3),RULE2(-0.001)
    FID: accept mail to <R> (QID) (rule: default-accept)
    FID: block mail to <R> (rule: Block Viruses)
    FID: moved mail for <R> to spam quarantine - XQID (rule: Quarantine/Mark Spam (Level 3))
    FID: bcc to <A> (rule: BCC archive (legal, 7y), QID)
    FID: notify <A> (rule: Virus Alert, QID)
    FID: processing time: 0.189 seconds (0.089, 0.023, 0)
    sent NDR for rejecting recipients - QID

Rule names are free text and so are subjects and file names.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from tracking.ingest.header import Origin
from tracking.ingest.parsers.reading import FILTER_ID, find_path_end, is_queue_id, new
from tracking.ingest.records import (
    FilterAccepted,
    FilterBlocked,
    FilterConnected,
    FilterCopied,
    FilterFinished,
    FilterHeaders,
    FilterNdr,
    FilterQuarantined,
    FilterScore,
    FilterStarted,
    FilterVirus,
    NoticeLine,
    Record,
    UnsupportedLine,
)

_is_filter_id = re.compile(FILTER_ID).fullmatch
_VIRUS = re.compile(r"detected: (.+?)(?: \([a-z]{1,20}\))?")
_SCORE = re.compile(r"score=(-?[0-9.]{1,12})/(-?[0-9.]{1,12}) .{0,300}?\bhits=(.*)", re.DOTALL)
_FINISHED = re.compile(r"time: ([0-9]{1,9}(?:\.[0-9]{1,9})?) seconds? ?(?:\(.*\))?")
_ACCEPTED = re.compile(r" \(([0-9A-Za-z]{6,20})\)")
_QUARANTINED = re.compile(rf" to (spam|virus|attachment) quarantine - ({FILTER_ID})")
_NDR = "sent NDR for rejecting recipients - "
_SESSION_NOTICES = (
    "modified header ", "removed attachment ", "added disclaimer", "adding disclaimer ",
    "found archive ", "unpack ", "sender in user ", "Could not create DKIM", "custom check: ",
    "message caused errors ", "message has ambiguous ", "unable to parse message", "Maximum time ",
    "got undefined output ", "reinject mail to ", "virus analyze", "detected undelivered ",
)  # fmt: skip
_DAEMON_NOTICES = (
    "reject mail ", "sending NDR ", "reloading configuration ", "Filter daemon ", "starting ",
    "end database maint", "fast exit ", "WARNING: ", "ERROR: ", "processing took ", "unable to ",
    "smtp ", "sending data failed ", "unexpected SMTP result ", "xforward error ", "DBI ", "DBD::",
    "Can't ", "Use of uninitialized ", "Starting ", "Killing ", "Binding ", "Beginning prefork",
    "Reassociating ", "User Not Defined", "Group Not Defined", "Setting up serialization",
    "Received a SIG", "Process Backgrounded", "Ran out of ", "DKIM signing: ", "not DKIM signing ",
    "server ", "database ", "Couldn't ", "Undefined ", "syntax error", "child ", "connect ",
)  # fmt: skip
_SERVER_STAMP = re.compile(r"[0-9]{4}/[0-9]{2}/[0-9]{2}-[0-9:]{8} ")
_CONNECTED = re.compile(r"CONNECT TCP Peer: \"\[\S{1,60}\" Local: \"\[\S{1,45}\]:([0-9]{1,5})\"")


def parse(origin: Origin, text: str) -> Record:
    """A line of pmg-smtp-filter."""
    filter_id, _, rest = text.partition(": ")
    if not _is_filter_id(filter_id):
        return _parse_daemon(origin, text)
    word, _, fields = rest.partition(" ")
    reader = _READERS.get(word)
    record = reader(origin, filter_id, fields) if reader else None
    if record is not None:
        return record
    return NoticeLine(*origin) if rest.startswith(_SESSION_NOTICES) else _unknown(origin, text)


def _parse_daemon(origin: Origin, text: str) -> Record:
    """Lines without a session."""
    if text.startswith(_NDR) and is_queue_id(text[len(_NDR) :]):
        return FilterNdr(*origin, text[len(_NDR) :])
    if _SERVER_STAMP.match(text):
        match = _CONNECTED.fullmatch(text, 20)
        return new(FilterConnected, (*origin, match[1])) if match else NoticeLine(*origin)
    if text.startswith(_DAEMON_NOTICES):
        return NoticeLine(*origin)
    return _unknown(origin, text)


def _unknown(origin: Origin, text: str) -> Record:
    return UnsupportedLine(*origin, text)


def _split_rule(text: str, start: int) -> str | None:
    """RULE of `` (rule: RULE)`` that begins at ``start`` and ends the line."""
    if not text.startswith(" (rule: ", start) or not text.endswith(")"):
        return None
    return text[start + 8 : -1]


def _read_recipient(text: str, opening: str) -> tuple[str, int]:
    """The address after ``opening`` and where the text after its ``>`` begins; -1 if none."""
    end = find_path_end(text, len(opening)) if text.startswith(opening) else -1
    return (text[len(opening) : end], end + 1) if end >= 0 else ("", -1)


def _parse_started(origin: Origin, filter_id: str, text: str) -> Record | None:
    if not text.startswith("mail message-id="):
        return None
    return new(FilterStarted, (*origin, filter_id, text[16:].removesuffix("#012")))


def _parse_headers(origin: Origin, filter_id: str, text: str) -> Record | None:
    """The values are not escaped: the first ``subject=`` counts, so that no text is hidden."""
    sender, end = _read_recipient(text, "envelope-from=<")
    if end < 0 or not text.startswith(" envelope-to=<", end):
        return None
    names, opening, rest = text[end + 14 :].partition('> from="')
    recipients = tuple(filter(None, names.split(", ")))
    subject = rest.partition('" subject="')[2].removesuffix('"')
    return FilterHeaders(*origin, filter_id, sender, recipients, subject) if opening else None


def _parse_virus(origin: Origin, filter_id: str, text: str) -> Record | None:
    match = _VIRUS.fullmatch(text)
    if match is None:
        return None
    return FilterVirus(*origin, filter_id, match[1], match[1].startswith("Heuristics."))


def _parse_score(origin: Origin, filter_id: str, text: str) -> Record | None:
    match = _SCORE.fullmatch(text)
    if match is None:
        return None
    try:
        score, required = float(match[1]), float(match[2])
        return new(FilterScore, (*origin, filter_id, score, required, match[3]))
    except ValueError:
        return None


def _parse_accepted(origin: Origin, filter_id: str, text: str) -> Record | None:
    recipient, end = _read_recipient(text, "mail to <")
    match = _ACCEPTED.match(text, end) if end > 0 else None
    rule = _split_rule(text, match.end()) if match else None
    if match is None or rule is None or not is_queue_id(match[1]):
        return None
    return new(FilterAccepted, (*origin, filter_id, recipient, match[1], rule))


def _parse_blocked(origin: Origin, filter_id: str, text: str) -> Record | None:
    recipient, end = _read_recipient(text, "mail to <")
    rule = _split_rule(text, end) if end > 0 else None
    return None if rule is None else FilterBlocked(*origin, filter_id, recipient, rule)


def _parse_moved(origin: Origin, filter_id: str, text: str) -> Record | None:
    recipient, end = _read_recipient(text, "mail for <")
    match = _QUARANTINED.match(text, end) if end > 0 else None
    rule = _split_rule(text, match.end()) if match else None
    if match is None or rule is None:
        return None
    return FilterQuarantined(*origin, filter_id, recipient, match[1], match[2], rule)


def _parse_bcc(origin: Origin, filter_id: str, text: str) -> Record | None:
    return _parse_copied(origin, filter_id, "bcc", _read_recipient(text, "to <"), text)


def _parse_notify(origin: Origin, filter_id: str, text: str) -> Record | None:
    return _parse_copied(origin, filter_id, "notify", _read_recipient(text, "<"), text)


def _parse_copied(
    origin: Origin, filter_id: str, kind: str, recipient: tuple[str, int], text: str
) -> Record | None:
    """``(rule: RULE, QID)``, ``(rule: RULE, ignored)`` or ``(rule: RULE) failed``."""
    address, end = recipient
    has_failed = text.endswith(") failed")
    rule = _split_rule(text.removesuffix(" failed"), end) if end > 0 else None
    if rule is None:
        return None
    if has_failed:
        return FilterCopied(*origin, filter_id, kind, address, "", rule)
    rule, _, queue_id = rule.rpartition(", ")
    if queue_id != "ignored" and not is_queue_id(queue_id):
        return None
    queue_id = "" if queue_id == "ignored" else queue_id
    return FilterCopied(*origin, filter_id, kind, address, queue_id, rule)


def _parse_finished(origin: Origin, filter_id: str, text: str) -> Record | None:
    match = _FINISHED.fullmatch(text)
    return new(FilterFinished, (*origin, filter_id, float(match[1]))) if match else None


_READERS: dict[str, Callable[[Origin, str, str], Record | None]] = {
    "new": _parse_started,
    "mail-headers": _parse_headers,
    "virus": _parse_virus,
    "SA": _parse_score,
    "accept": _parse_accepted,
    "block": _parse_blocked,
    "moved": _parse_moved,
    "bcc": _parse_bcc,
    "notify": _parse_notify,
    "processing": _parse_finished,
}
