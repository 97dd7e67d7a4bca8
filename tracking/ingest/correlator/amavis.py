"""Lines of amavis and rspamd: verdicts by queue id, notices and releases."""

from __future__ import annotations

import re
from collections.abc import Iterable

from tracking.ingest import records
from tracking.ingest.correlator.filters import mark_release
from tracking.ingest.correlator.state import HopState, Verdict, VerdictState
from tracking.ingest.correlator.workspace import Workspace
from tracking.ingest.stamps import is_same_time

_KINDS = {"SPAM": "spam", "SPAMMY": "spam", "INFECTED": "virus", "BANNED": "banned"}
_SESSION = re.compile(r"\bid=([0-9]{1,9}-[0-9]{2,9}(?:-[0-9]{1,9})?)\b", re.ASCII)
_STOPPED = {"reject": "block", "discard": "block", "quarantine": "quarantine"}


def amavis_judged(space: Workspace, record: records.AmavisVerdict) -> None:
    """``Passed`` or ``Blocked``, for the recipients that the line names."""
    if not record.queue_id:
        for name in (record.session_id, *record.queued_as):
            _keep(space, f"{record.host} {name}", record)
        return
    if (record.host, record.queue_id) not in space.hops:
        _keep(space, record.queue_id, record)
        return
    notices = space.carry.notices.pop(f"{record.host} {record.session_id}", ())
    hop = space.find(record.host, record.queue_id, record.at)
    if hop.message_id is None and record.message_id:
        hop.message_id = record.message_id
    _add(hop, states_of(record))
    for queue_id in record.queued_as:
        hint = space.hint(record.host, queue_id, record.at)
        hint.parent = hop.life
        space.apply_hint(record.host, queue_id)
    for queue_id in notices:
        hint = space.hint(record.host, queue_id, record.at)
        hint.related = hop.life
        space.apply_hint(record.host, queue_id)


def states_of(record: Verdict) -> list[VerdictState]:
    """A verdict for each recipient that the line names; rspamd's is for all."""
    if isinstance(record, records.RspamdVerdict):
        action = _STOPPED.get(record.action.lower(), "accept")
        kind = "spam" if action == "quarantine" else ""
        return [
            VerdictState(
                "", record.at, action, kind,
                score=record.score, required=record.required, rule=record.action,
            )
        ]  # fmt: skip
    has_copy = "Quarantined" in record.flags or bool(record.quarantine)
    return [
        VerdictState(
            recipient, record.at,
            "accept" if record.is_passed else "quarantine" if has_copy else "block",
            _KINDS.get(record.category, "other") if has_copy else "", record.session_id,
            record.mail_id if has_copy else "", record.score,
            virus=record.detail if record.category == "INFECTED" else "",
            rule=f"{record.category} ({record.detail})" if record.detail else record.category,
        )
        for recipient in record.recipients
    ]  # fmt: skip


def _add(hop: HopState, verdicts: list[VerdictState]) -> None:
    """Those that are not the same line again, by way of another source."""
    told = [(verdict.recipient, verdict.at) for verdict in hop.verdicts]
    hop.verdicts += [
        new
        for new in verdicts
        if not any(to == new.recipient and is_same_time(at, new.at) for to, at in told)
    ]


def _keep(space: Workspace, name: str, verdict: Verdict) -> None:
    space.carry.verdicts.setdefault(name, []).append(verdict)


def claim_verdicts(space: Workspace, hop: HopState, record: records.DeliveryAttempt) -> None:
    """Verdicts that were kept: of a filter on another host, or such as name no queue id.

    For those the reply to Postfix has the session, or the id that the mail went on with.
    """
    verdicts = space.carry.verdicts
    kept = verdicts.get(record.queue_id, ())
    if kept and kept[0].message_id in {"", hop.message_id or kept[0].message_id}:
        # Queue ids of two hosts may be the same.
        _judge(space, verdicts.pop(record.queue_id), record)
    if record.relay_port != "25":
        session = _SESSION.search(record.smtp_reply)
        for name in (session[1] if session else "", record.next_queue_id):
            _judge(space, verdicts.pop(f"{record.host} {name}", ()), record)


def _judge(space: Workspace, kept: Iterable[Verdict], record: records.DeliveryAttempt) -> None:
    for verdict in kept:
        if isinstance(verdict, records.AmavisVerdict):
            known = verdict._replace(host=record.host, queue_id=record.queue_id)
            amavis_judged(space, known)
        else:
            rspamd_judged(space, verdict._replace(host=record.host, queue_id=record.queue_id))


def amavis_forwarded(space: Workspace, record: records.AmavisForwarded) -> None:
    """A notice that amavis wrote, or a mail released from its quarantine."""
    if not record.queued_as:
        return
    if record.kind == "release":
        mark_release(space, (record.host, record.queued_as), record.at, record.parent_mail_id)
    elif record.kind == "notice":
        hint = space.hint(record.host, record.queued_as, record.at)
        hint.kind = "notice" if record.envelope_sender else "bounce"
        space.apply_hint(record.host, record.queued_as)
        key = f"{record.host} {record.session_id}"
        space.carry.notices.setdefault(key, []).append(record.queued_as)


def rspamd_judged(space: Workspace, record: records.RspamdVerdict) -> None:
    """The score of a milter's filter; what it does to the mail Postfix logs itself."""
    if not record.queue_id:
        return
    if (record.host, record.queue_id) not in space.hops:
        _keep(space, record.queue_id, record)
        return
    hop = space.find(record.host, record.queue_id, record.at)
    _add(hop, states_of(record))
