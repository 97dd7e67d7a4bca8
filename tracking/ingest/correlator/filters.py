"""Lines of Proxmox's filter: which session judged which mail, and what it decided.

After-queue: the reply ``250 2.5.0 OK (FID)`` of a delivery to port 10023 or 10024 names the
session. Before-queue: ``proxy-accept`` or ``proxy-reject`` does, and there is no first queue id.
"""

from __future__ import annotations

from tracking.ingest import records
from tracking.ingest.correlator.state import (
    DeliveryState,
    FilterState,
    HopState,
    Key,
    RejectionState,
    SessionState,
    VerdictState,
)
from tracking.ingest.correlator.workspace import Workspace

_FILTER_PORTS = {"10023", "10024"}
_LOOPBACK = {"127.0.0.1", "::1", "::ffff:127.0.0.1"}
_LOCAL_KEPT = 20


def is_local_filter(record: records.DeliveryAttempt) -> bool:
    """A PMG further on answers with a session id too; only the host's own filter is meant."""
    return record.relay_port in _FILTER_PORTS or record.relay_ip in {"127.0.0.1", "::1"}


def filter_connected(space: Workspace, record: records.FilterConnected) -> None:
    """Not every session logs it; the local port tells outgoing (10023) from incoming (10024)."""
    space.carry.filter_ports[f"{record.host} {record.pid}"] = record.local_port


def filter_started(space: Workspace, record: records.FilterStarted) -> None:
    session = space.filter(record.host, record.filter_id, record.at)
    if session.is_finished and session.message_id:
        session = space.new_filter(record.host, record.filter_id, record.at)
    session.message_id = record.message_id
    pid_key = f"{record.host} {record.pid}"
    session.port = space.carry.filter_ports.pop(pid_key, "")
    space.carry.filter_pids[pid_key] = record.filter_id


def filter_headers(space: Workspace, record: records.FilterHeaders) -> None:
    session = space.filter(record.host, record.filter_id, record.at)
    session.sender, session.subject = record.envelope_sender, record.subject


def filter_virus(space: Workspace, record: records.FilterVirus) -> None:
    if not record.is_heuristic:
        session = space.filter(record.host, record.filter_id, record.at)
        session.virus = session.virus or record.virus


def filter_score(space: Workspace, record: records.FilterScore) -> None:
    session = space.filter(record.host, record.filter_id, record.at)
    session.score, session.required = record.score, record.required


def filter_accepted(space: Workspace, record: records.FilterAccepted) -> None:
    verdict = VerdictState(
        record.recipient, record.at, "accept", rule=record.rule, queue_id=record.queue_id
    )
    _judge(space, record.host, record.filter_id, verdict)


def filter_blocked(space: Workspace, record: records.FilterBlocked) -> None:
    verdict = VerdictState(record.recipient, record.at, "block", rule=record.rule)
    _judge(space, record.host, record.filter_id, verdict)


def filter_quarantined(space: Workspace, record: records.FilterQuarantined) -> None:
    verdict = VerdictState(
        record.recipient,
        record.at,
        "quarantine",
        record.kind,
        quarantine_id=record.quarantine_id,
        rule=record.rule,
    )
    _judge(space, record.host, record.filter_id, verdict)


def filter_copied(space: Workspace, record: records.FilterCopied) -> None:
    if record.queue_id:
        session = space.filter(record.host, record.filter_id, record.at)
        session.copies.append((record.kind, record.queue_id))
        _pass_on(space, record.filter_id, session)


def filter_finished(space: Workspace, record: records.FilterFinished) -> None:
    space.filter(record.host, record.filter_id, record.at).is_finished = True


def filter_ndr(space: Workspace, record: records.FilterNdr) -> None:
    """The line names no session; the process's last one is meant."""
    hint = space.hint(record.host, record.queue_id, record.at)
    hint.kind = "bounce"
    filter_id = space.carry.filter_pids.get(f"{record.host} {record.pid}")
    session = space.carry.filters.get(f"{record.host} {filter_id}")
    if session is not None and session.claims:
        hint.related = session.claims[0]
    space.apply_hint(record.host, record.queue_id)


def _judge(space: Workspace, host: str, filter_id: str, verdict: VerdictState) -> None:
    session = space.filter(host, filter_id, verdict.at)
    verdict.filter_id = filter_id
    verdict.virus = session.virus
    verdict.score, verdict.required = session.score, session.required
    session.verdicts.append(verdict)
    _pass_on(space, filter_id, session)


def claim_filter_session(space: Workspace, hop: HopState, delivery: DeliveryState) -> None:
    """The reply of a filter names its session: the mail of ``hop`` is the one it judged."""
    session = space.filter(hop.host, delivery.filter_id, delivery.last_at)
    if not any(life[:2] == (hop.host, hop.queue_id) for life in session.claims):
        session.claims.append(hop.life)
    _pass_on(space, delivery.filter_id, session)


def _pass_on(space: Workspace, filter_id: str, session: FilterState) -> None:
    """Give the session's verdicts to the mail that claimed it; again when more are read."""
    for life in session.claims:
        hop = space.life(life)
        if hop is None:
            continue
        space.touch(hop, hop.last_at)
        _take_verdicts(hop, filter_id, session)
        for verdict in session.verdicts:
            if verdict.queue_id and verdict.queue_id != hop.queue_id:
                _link_accepted(space, hop, verdict, session)
        for kind, copy_id in session.copies:
            _link_copy(space, hop, kind, copy_id)


def _take_verdicts(hop: HopState, filter_id: str, session: FilterState) -> None:
    have = {(v.recipient, v.action, v.quarantine_id) for v in hop.verdicts}
    for verdict in session.verdicts:
        if (verdict.recipient, verdict.action, verdict.quarantine_id) not in have:
            hop.verdicts.append(verdict)
    names = {v.recipient.casefold(): v.queue_id for v in session.verdicts if v.queue_id}
    for delivery in hop.deliveries.values():
        if delivery.filter_id == filter_id and not delivery.next_queue_id:
            delivery.next_queue_id = names.get(delivery.recipient.casefold(), "")
    if session.subject and hop.subject is None:
        hop.subject = session.subject
    hop.filter_port = hop.filter_port or session.port


def _link_accepted(
    space: Workspace, hop: HopState, verdict: VerdictState, session: FilterState
) -> None:
    hint = space.hint(hop.host, verdict.queue_id, verdict.at)
    hint.parent = hop.life
    for other in session.verdicts:
        if other.recipient == verdict.recipient and other.quarantine_kind:
            hint.quarantined[verdict.recipient] = other.quarantine_kind
    space.apply_hint(hop.host, verdict.queue_id)


def _link_copy(space: Workspace, hop: HopState, kind: str, queue_id: str) -> None:
    """A copy for an archive, or a notice to an administrator: mail of its own."""
    hint = space.hint(hop.host, queue_id, hop.last_at)
    hint.related = hop.life
    hint.kind = "notice"
    space.apply_hint(hop.host, queue_id)


def finish_proxy_session(
    space: Workspace, record: records.ProxyDecision, session: SessionState
) -> None:
    """The end of a before-queue mail.

    What the filter passed on has a queue id: the first is the mail's first Hop. Mail that was
    stopped for everybody has only the filter's session, which then stands for the queue id.
    """
    found = space.carry.filters.get(f"{record.host} {record.filter_id}")
    if found is None or not record.filter_id:
        if not record.is_accepted:
            _reject_whole(space, record, session, None)
        elif not record.filter_id:
            _name_client(space, record, session)
        return
    accepted = list(dict.fromkeys(v.queue_id for v in found.verdicts if v.queue_id))
    hop = _proxy_hop(space, record, session, found, accepted)
    hop.answered_as = record.filter_id if accepted else ""
    found.claims.append(hop.life)
    for queue_id in accepted[1:]:
        hint = space.hint(record.host, queue_id, record.at)
        hint.parent = hop.life
        space.apply_hint(record.host, queue_id)
    stopped = [v for v in found.verdicts if not v.queue_id]
    passed = {v.recipient for v in found.verdicts if v.queue_id}
    if found.message_id:
        # The copy without attachments has a new Message-ID; the mail came with this one.
        hop.message_id = found.message_id
    _take_verdicts(hop, record.filter_id, found)
    for verdict in stopped:
        if verdict.recipient not in passed:
            _add_stopped(hop, verdict, record)
    for kind, copy_id in found.copies:
        _link_copy(space, hop, kind, copy_id)
    if not record.is_accepted:
        _reject_whole(space, record, session, hop)
        hop.end = "rejected"


def _name_client(space: Workspace, record: records.ProxyDecision, session: SessionState) -> None:
    """Of a mail that came through a before-queue filter which did not say from whom."""
    hop = space.hops.get((record.host, record.next_queue_id))
    if hop is not None and hop.client_ip in _LOOPBACK and not hop.orig_client_ip:
        hop.orig_client_hostname, hop.orig_client_ip = session.client_hostname, session.client_ip
        space.touch(hop, hop.last_at)


def _proxy_hop(
    space: Workspace,
    record: records.ProxyDecision,
    session: SessionState,
    found: FilterState,
    accepted: list[str],
) -> HopState:
    if accepted:
        return space.find(record.host, accepted[0], record.at)
    hop = space.open(record.host, record.filter_id, record.at)
    hop.opened_at = min(hop.opened_at, found.at)
    hop.client_hostname, hop.client_ip = session.client_hostname, session.client_ip
    hop.helo_name, hop.is_tls = record.helo_name, session.is_tls
    hop.sender, hop.message_id = record.envelope_sender, found.message_id
    hop.is_accepted = True
    space.end(hop, "removed", record.at)
    return hop


def _add_stopped(hop: HopState, verdict: VerdictState, record: records.ProxyDecision) -> None:
    delivery = hop.recipient_state(verdict.recipient)
    delivery.status = "filter"
    delivery.dsn, delivery.smtp_reply = record.dsn, record.smtp_reply
    delivery.filter_id = record.filter_id
    delivery.first_at = delivery.last_at = record.at


def _reject_whole(
    space: Workspace, record: records.ProxyDecision, session: SessionState, hop: HopState | None
) -> None:
    kind, code, dsn, reply = "filter", record.code, record.dsn, record.smtp_reply
    if session.is_too_big and not reply:
        kind, code, dsn, reply = "size", 552, "5.3.4", "Error: message file too big"
    session.is_too_big = False
    space.rejections.append(
        RejectionState(
            record.at, record.host, "eod", kind, code, dsn, reply,
            session.client_hostname, session.client_ip, record.envelope_sender,
            record.recipient or None, record.helo_name, "", hop, space.segment,
        )
    )  # fmt: skip


def note_local(space: Workspace, hop: HopState) -> None:
    """Remember a mail from the host itself, which may be a release."""
    if hop.client_ip in _LOOPBACK and not hop.orig_client_ip:
        kept = space.carry.local.get(hop.host, [])
        space.carry.local[hop.host] = [*kept[1 - _LOCAL_KEPT :], hop.queue_id]


def quarantine_acted(space: Workspace, record: records.QuarantineActed) -> None:
    """pmgdaemon released or deleted a mail: the release is the mail just sent from loopback.

    Of several the newest that no other such line has named. A deletion is no mail of its own.
    """
    if record.action == "deleted":
        space.deletions.append(record)
    if record.action != "delivered":
        return
    found: HopState | None = None
    for hop in space.hops.values():
        if _is_release(hop, record) and (found is None or hop.opened_at > found.opened_at):
            found = hop
    if found is not None:
        key = (found.host, found.queue_id)
        mark_release(space, key, record.at, record.quarantine_id)


def _is_release(hop: HopState, record: records.QuarantineActed) -> bool:
    return (
        hop.host == record.host
        and 0 <= record.at - hop.opened_at < 5_000_000
        and hop.client_ip in _LOOPBACK
        and not hop.orig_client_ip
        and not hop.released
        and hop.kind in {"mail", "release"}
    )


def mark_release(space: Workspace, key: Key, at: int, quarantine_id: str) -> None:
    """This queue id is a quarantined mail on its way out."""
    hint = space.hint(key[0], key[1], at)
    hint.kind, hint.released = "release", quarantine_id
    space.apply_hint(*key)
