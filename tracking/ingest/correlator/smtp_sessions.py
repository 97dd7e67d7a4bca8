"""Lines of a connection: smtpd and postscreen, and content checks in its name."""

from __future__ import annotations

from tracking.ingest import records
from tracking.ingest.correlator.filters import finish_proxy_session, note_local
from tracking.ingest.correlator.rejections import rejection_kind
from tracking.ingest.correlator.state import HopState, RejectionState, SessionState
from tracking.ingest.correlator.workspace import Workspace

_END = "eod"
_BEFORE_SENDER = {"connect", "helo", ""}


def client_connected(space: Workspace, record: records.ClientConnected) -> None:
    """A new client of this process; a mail it left open without an end stays as it is."""
    if record.program == "postscreen":
        return
    session = SessionState(record.client_hostname, record.client_ip, at=record.at)
    space.carry.sessions[f"{record.host} {record.program} {record.pid}"] = session


def client_tls(space: Workspace, record: records.ClientTls) -> None:
    """The session is encrypted."""
    if record.program == "smtpd":
        session = space.session(record.host, record.program, record.pid, record.at)
        session.is_tls = True


def queue_opened(space: Workspace, record: records.QueueOpened) -> None:
    """``QID: client=``: a mail of this session begins; the one before it was never sent."""
    session = space.session(record.host, record.program, record.pid, record.at)
    if not session.client_ip:
        session.client_ip = record.client_ip
        session.client_hostname = record.client_hostname
    if not record.queue_id:
        return
    if session.queue_id and session.queue_id != record.queue_id:
        _abandon(space, record.host, session, record.at)
    hop = space.open(record.host, record.queue_id, record.at)
    session.queue_id = record.queue_id
    hop.client_hostname = record.client_hostname
    hop.client_ip = record.client_ip
    hop.sasl_username = record.sasl_username
    hop.orig_queue_id = record.orig_queue_id
    hop.orig_client_hostname = record.orig_client_hostname
    hop.orig_client_ip = record.orig_client_ip
    hop.is_tls = session.is_tls
    hop.helo_name = hop.helo_name or session.helo_name
    if record.orig_queue_id and (record.host, record.orig_queue_id) in space.hops:
        hop.parent = space.life_of(record.host, record.orig_queue_id, record.at)
    _take_early_decisions(hop, session)
    note_local(space, hop)


def _take_early_decisions(hop: HopState, session: SessionState) -> None:
    """``NOQUEUE: hold`` and ``discard`` come before the queue id: only the process ties them."""
    decided = (*session.held, *session.discarded)
    is_meant = not hop.is_accepted  # the queue manager's line may have been read before
    hop.is_held = hop.is_held or (is_meant and bool(session.held))
    if session.discarded and is_meant:
        hop.end = "discarded"
    session.held, session.discarded = [], []
    for recipient in decided if is_meant else ():
        hop.sender = session.sender
        if recipient:
            hop.recipient_state(recipient)


def client_lost(space: Workspace, record: records.ClientLost) -> None:
    """The client vanished: a mail that was not accepted by then is lost."""
    session = space.session(record.host, record.program, record.pid, record.at)
    _abandon(space, record.host, session, record.at)
    session.queue_id = ""


def client_disconnected(space: Workspace, record: records.ClientDisconnected) -> None:
    """The end of a session."""
    session = space.carry.sessions.pop(f"{record.host} {record.program} {record.pid}", None)
    if session is not None:
        _abandon(space, record.host, session, record.at)


def _abandon(space: Workspace, host: str, session: SessionState, at: int) -> None:
    """The session's mail ended without being sent, unless the queue has it."""
    hop = space.hops.get((host, session.queue_id)) if session.queue_id else None
    if hop is None or hop.is_accepted or hop.end:
        return
    if hop.is_held and hop.message_id is not None:
        # Held mail never becomes active; its message-id line shows that it came.
        return
    space.end(hop, "lost", at)


def size_exceeded(space: Workspace, record: records.SizeExceeded) -> None:
    """Refused at its end as too big; smtpd logs no reject line for it.

    With a before-queue filter there is no queue id, but a proxy-reject without a reply follows.
    """
    if not record.queue_id:
        space.session(record.host, record.program, record.pid, record.at).is_too_big = True
        return
    hop = space.find(record.host, record.queue_id, record.at)
    _refuse(space, hop, record.at, ("size", 552, "5.3.4", "Error: message file too big"))


def mail_refused(space: Workspace, record: records.MailRefused) -> None:
    """Refused at its end; a mail of the host itself is bounced or tried again instead.

    The warning may come for each header that is one too many.
    """
    reply = (record.kind, record.code, record.dsn, record.reason)
    if not record.queue_id:
        session = space.session(record.host, record.program, record.pid, record.at)
        space.rejections.append(
            RejectionState(
                record.at, record.host, _END, *reply, session.client_hostname, session.client_ip,
                None, None, session.helo_name, "", None, space.segment,
            )
        )  # fmt: skip
        return
    hop = space.hops.get((record.host, record.queue_id))
    if hop is not None and hop.client_hostname and hop.end != "rejected":
        _refuse(space, hop, record.at, reply)


def _refuse(space: Workspace, hop: HopState, at: int, reply: tuple[str, int, str, str]) -> None:
    """``reply``: kind, code, dsn and text of what smtpd answers without a line of its own."""
    _, code, dsn, reason = reply
    hop.end_dsn, hop.end_reply = dsn, f"{code} {dsn} {reason}"
    space.end(hop, "rejected", at)
    hop.end = "rejected"
    space.rejections.append(
        RejectionState(
            at, hop.host, _END, *reply, hop.client_hostname, hop.client_ip, hop.sender, None,
            hop.helo_name, hop.sasl_username, hop, space.segment,
        )
    )  # fmt: skip


def smtp_decided(space: Workspace, record: records.SmtpDecision) -> None:
    """A decision on a client, a recipient or the content."""
    word = record.action.removeprefix("milter-")
    hop = None
    session = None
    if record.queue_id:
        hop = space.find_starting(record.host, record.queue_id, record.at)
        _note_envelope(hop, record)
    elif record.program != "postscreen":
        session = space.session(record.host, record.program, record.pid, record.at)
        session.helo_name = record.helo_name or session.helo_name
        _note_sender(session, record)
    if word == "reject":
        _reject(space, record, hop)
    elif word == "hold":
        _hold(record, hop, session)
    elif word == "discard":
        _discard(space, record, hop, session)


def _note_sender(session: SessionState, record: records.SmtpDecision) -> None:
    """What was decided about the mail of another sender, which never came, is over."""
    sender = None if record.stage in _BEFORE_SENDER else record.envelope_sender
    if session.sender is not None and session.sender != sender:
        session.held, session.discarded = [], []
    session.sender = sender


def _note_envelope(hop: HopState, record: records.SmtpDecision) -> None:
    hop.helo_name = hop.helo_name or record.helo_name
    if hop.sender is None and record.stage not in _BEFORE_SENDER:
        hop.sender = record.envelope_sender


def _reject(space: Workspace, record: records.SmtpDecision, hop: HopState | None) -> None:
    has_sender = record.stage in {"mail", "rcpt", "data", _END}
    code = record.code or _code_of(record.dsn)
    space.rejections.append(
        RejectionState(
            record.at, record.host, record.stage, rejection_kind(record), code, record.dsn,
            record.reason, record.client_hostname, record.client_ip,
            record.envelope_sender if has_sender else None, record.recipient or None,
            record.helo_name, record.sasl_username, hop, space.segment,
        )
    )  # fmt: skip
    if hop is not None and record.stage in {"data", _END}:
        hop.end_dsn = record.dsn
        hop.end_reply = f"{code or ''} {record.dsn} {record.reason}".strip()
        if record.recipient:
            hop.recipient_state(record.recipient)
        space.end(hop, "rejected", record.at)
        hop.end = "rejected"


def _code_of(dsn: str) -> int:
    """cleanup logs only the enhanced code; smtpd answers 450 or 550 with it (cleanup_milter.c)."""
    return {"4": 450, "5": 550}.get(dsn[:1], 0)


def _hold(record: records.SmtpDecision, hop: HopState | None, session: SessionState | None) -> None:
    if hop is not None:
        hop.is_held = True
        if record.recipient:
            hop.recipient_state(record.recipient)
    elif session is not None:
        session.held.append(record.recipient)


def _discard(
    space: Workspace,
    record: records.SmtpDecision,
    hop: HopState | None,
    session: SessionState | None,
) -> None:
    if hop is not None:
        hop.end_reply = record.reason
        if record.recipient:
            hop.recipient_state(record.recipient)
        hop.is_accepted = True
        space.end(hop, "discarded", record.at)
    elif session is not None:
        session.discarded.append(record.recipient)


def proxy_decided(space: Workspace, record: records.ProxyDecision) -> None:
    """The end of a mail that a before-queue filter judged."""
    session = space.session(record.host, record.program, record.pid, record.at)
    session.helo_name = record.helo_name or session.helo_name
    finish_proxy_session(space, record, session)
