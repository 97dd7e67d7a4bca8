"""Records of content filters and of the quarantine: PMG, amavis, rspamd."""

from __future__ import annotations

from typing import NamedTuple


class FilterConnected(NamedTuple):
    """pmg-smtp-filter ``... CONNECT TCP Peer: "[IP]:PORT" Local: "[IP]:PORT"``.

    ``local_port`` tells outgoing (10023) from incoming (10024) mail.
    """

    at: int
    host: str
    service: str
    program: str
    pid: str
    local_port: str


class FilterStarted(NamedTuple):
    """pmg-smtp-filter ``FID: new mail message-id=MID``."""

    at: int
    host: str
    service: str
    program: str
    pid: str
    filter_id: str
    message_id: str


class FilterHeaders(NamedTuple):
    """pmg-smtp-filter ``FID: mail-headers envelope-from=<F> ... subject="S"``."""

    at: int
    host: str
    service: str
    program: str
    pid: str
    filter_id: str
    envelope_sender: str
    recipients: tuple[str, ...]
    subject: str


class FilterVirus(NamedTuple):
    """pmg-smtp-filter ``FID: virus detected: NAME (clamav)``; ``Heuristics.*`` is not a virus."""

    at: int
    host: str
    service: str
    program: str
    pid: str
    filter_id: str
    virus: str
    is_heuristic: bool


class FilterScore(NamedTuple):
    """pmg-smtp-filter ``FID: SA score=N/M ... hits=RULE(score),...``."""

    at: int
    host: str
    service: str
    program: str
    pid: str
    filter_id: str
    score: float
    required: float
    rules: str


class FilterAccepted(NamedTuple):
    """pmg-smtp-filter ``FID: accept mail to <R> (QID) (rule: RULE)``."""

    at: int
    host: str
    service: str
    program: str
    pid: str
    filter_id: str
    recipient: str
    queue_id: str
    rule: str


class FilterBlocked(NamedTuple):
    """pmg-smtp-filter ``FID: block mail to <R> (rule: RULE)``."""

    at: int
    host: str
    service: str
    program: str
    pid: str
    filter_id: str
    recipient: str
    rule: str


class FilterQuarantined(NamedTuple):
    """pmg-smtp-filter ``FID: moved mail for <R> to KIND quarantine - XQID (rule: RULE)``."""

    at: int
    host: str
    service: str
    program: str
    pid: str
    filter_id: str
    recipient: str
    kind: str
    quarantine_id: str
    rule: str


class FilterCopied(NamedTuple):
    """pmg-smtp-filter ``FID: bcc to <A> (rule: R, QID)`` or ``FID: notify <A> (rule: R, QID)``.

    ``kind`` is ``bcc`` or ``notify``; ``queue_id`` is ``""`` when it was ignored or failed.
    """

    at: int
    host: str
    service: str
    program: str
    pid: str
    filter_id: str
    kind: str
    recipient: str
    queue_id: str
    rule: str


class FilterFinished(NamedTuple):
    """pmg-smtp-filter ``FID: processing time: T seconds (S, V, C)``."""

    at: int
    host: str
    service: str
    program: str
    pid: str
    filter_id: str
    seconds: float


class FilterNdr(NamedTuple):
    """pmg-smtp-filter ``sent NDR for rejecting recipients - QID``: names no filter session."""

    at: int
    host: str
    service: str
    program: str
    pid: str
    queue_id: str


class AmavisText(NamedTuple):
    """amavis: a line that continues, or is continued by, another line of the same session.

    ``session_id`` is the text in its parentheses; ``starts`` is True for the first piece,
    ``ends`` for the last. The correlator joins the pieces and parses the whole.
    """

    at: int
    host: str
    service: str
    program: str
    pid: str
    session_id: str
    text: str
    starts: bool
    ends: bool


class AmavisVerdict(NamedTuple):
    """amavis ``(id) Passed|Blocked CATEGORY (detail) {flags}, [ip]:port <F> -> <R>,<R>, ...``.

    ``category`` is CLEAN, SPAM, SPAMMY, INFECTED, BANNED, BAD-HEADER-n, UNCHECKED, MTA-BLOCKED ...;
    ``detail`` the text in parentheses (virus names, banned parts); ``flags`` the words in braces;
    ``quarantine`` the path after ``quarantine:``; ``score`` the number after ``Hits:`` or None.
    """

    at: int
    host: str
    service: str
    program: str
    pid: str
    session_id: str
    is_passed: bool
    category: str
    detail: str
    flags: tuple[str, ...]
    client_ip: str
    envelope_sender: str
    recipients: tuple[str, ...]
    quarantine: str
    queue_id: str
    message_id: str
    mail_id: str
    score: float | None
    size_bytes: int
    queued_as: tuple[str, ...]


class AmavisForwarded(NamedTuple):
    """amavis ``(id) MAILID[(PARENT)] FWD|SEND from <F> -> <R>, ... queued as QID``.

    ``kind`` is ``forward`` (the mail itself), ``notice`` (SEND: a bounce or warning amavis wrote)
    or ``release`` (the session id starts with ``rel-``). ``parent_mail_id`` is the quarantined
    mail of a release or the mail a notice is about.
    """

    at: int
    host: str
    service: str
    program: str
    pid: str
    session_id: str
    kind: str
    mail_id: str
    parent_mail_id: str
    envelope_sender: str
    recipients: tuple[str, ...]
    queued_as: str


class RspamdVerdict(NamedTuple):
    """rspamd ``id: <MID>, qid: <QID>, ip: IP, from: <F>, (default: F (ACTION): [S/R] [..])``."""

    at: int
    host: str
    service: str
    program: str
    pid: str
    queue_id: str
    message_id: str
    client_ip: str
    envelope_sender: str
    action: str
    score: float
    required: float
    rules: str


class QuarantineActed(NamedTuple):
    """pmgdaemon ``delivered quarantined mail 'ID' (PATH) to R`` and ``marked ... as deleted``.

    ``action`` is ``delivered``, ``deleted``, ``repeated`` (already done) or ``failed``;
    ``quarantine_id`` is the file's name.
    """

    at: int
    host: str
    service: str
    program: str
    pid: str
    action: str
    row_id: str
    quarantine_id: str
    recipient: str
