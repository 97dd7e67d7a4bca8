"""Lines of amavis and rspamd: verdicts by queue id, notices and releases."""

from __future__ import annotations

from tracking.ingest import records
from tracking.ingest.correlator.filters import mark_release
from tracking.ingest.correlator.state import VerdictState
from tracking.ingest.correlator.workspace import Workspace

_KINDS = {"SPAM": "spam", "SPAMMY": "spam", "INFECTED": "virus", "BANNED": "banned"}
_STOPPED = {"reject": "block", "discard": "block", "quarantine": "quarantine"}


def amavis_judged(space: Workspace, record: records.AmavisVerdict) -> None:
    """``Passed`` or ``Blocked``, for the recipients that the line names."""
    notices = space.carry.notices.pop(f"{record.host} {record.session_id}", ())
    if not record.queue_id:
        return
    hop = space.find(record.host, record.queue_id, record.at)
    if hop.message_id is None and record.message_id:
        hop.message_id = record.message_id
    has_copy = "Quarantined" in record.flags
    kind = _KINDS.get(record.category, "other") if has_copy else ""
    action = "accept" if record.is_passed else "quarantine" if has_copy else "block"
    told = {(verdict.recipient, verdict.at) for verdict in hop.verdicts}
    for recipient in record.recipients:
        if (recipient, record.at) in told:
            continue  # the same line again, by way of another source
        hop.verdicts.append(
            VerdictState(
                recipient, record.at, action, kind, record.session_id,
                record.mail_id if has_copy else "", record.score,
                virus=record.detail if record.category == "INFECTED" else "",
                rule=f"{record.category} ({record.detail})" if record.detail else record.category,
            )
        )  # fmt: skip
    for queue_id in record.queued_as:
        hint = space.hint(record.host, queue_id, record.at)
        hint.parent = hop.life
        space.apply_hint(record.host, queue_id)
    for queue_id in notices:
        hint = space.hint(record.host, queue_id, record.at)
        hint.related = hop.life
        space.apply_hint(record.host, queue_id)


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
    hop = space.find(record.host, record.queue_id, record.at)
    action = _STOPPED.get(record.action.lower(), "accept")
    kind = "spam" if action == "quarantine" else ""
    hop.verdicts.append(
        VerdictState(
            "", record.at, action, kind,
            score=record.score, required=record.required, rule=record.action,
        )
    )  # fmt: skip
