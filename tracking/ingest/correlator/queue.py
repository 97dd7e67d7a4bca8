"""Lines of the queue: cleanup, pickup, qmgr, postsuper, bounce and the delivery agents."""

from __future__ import annotations

from tracking.ingest import records
from tracking.ingest.correlator.amavis import claim_verdicts
from tracking.ingest.correlator.filters import claim_filter_session, is_local_filter
from tracking.ingest.correlator.pipes import came_from_host, handed_to_pipe, may_be_from_pipe
from tracking.ingest.correlator.state import DeliveryState, HopState
from tracking.ingest.correlator.workspace import Workspace
from tracking.ingest.stamps import is_same_time

_PROBE_STATUS = {"deliverable", "undeliverable", "undeliverable-but-not-cached"}
# Mail is tried every hour or so for five days.
_ATTEMPTS_KEPT = 200


def picked_up(space: Workspace, record: records.PickedUp) -> None:
    """Local submission, or (``orig_id``) a mail that postsuper put back into the queue."""
    hop = space.open(record.host, record.queue_id, record.at)
    hop.sender = record.envelope_sender
    if record.orig_id:
        hop.parent = space.life_of(record.host, record.orig_id, record.at)


def message_id_seen(space: Workspace, record: records.MessageIdSeen) -> None:
    """The Message-ID; of several the first, a resent one only when there is no other."""
    hop = space.find_starting(record.host, record.queue_id, record.at)
    if hop.message_id is None and not record.is_resent:
        hop.message_id = record.message_id
    if hop.is_held and hop.end == "lost":
        # The client's good-bye was read first.
        hop.end, hop.ended_at = "", 0
    if may_be_from_pipe(hop):
        came_from_host(space, hop, record.at)


def header_seen(space: Workspace, record: records.HeaderSeen) -> None:
    """A header that a check logged: the subject, and the envelope beside it."""
    hop = space.find_starting(record.host, record.queue_id, record.at)
    if record.name.lower() == "subject":
        hop.subject = record.value
    hop.helo_name = hop.helo_name or record.helo_name
    if hop.sender is None:
        hop.sender = record.envelope_sender


def queue_active(space: Workspace, record: records.QueueActive) -> None:
    """The queue manager took the mail: it was accepted, whatever the client did then."""
    hop = space.find_starting(record.host, record.queue_id, record.at)
    hop.sender = record.envelope_sender
    hop.size_bytes = record.size_bytes
    hop.recipient_count = record.recipient_count
    accept(hop)
    hop.is_held = False


def accept(hop: HopState) -> None:
    """The mail is in the queue: a lost client no longer matters, nor what was meant for another."""
    hop.is_accepted = True
    if hop.end == "lost" or (hop.end == "discarded" and not hop.ended_at):
        hop.end, hop.ended_at = "", 0


def queue_expired(space: Workspace, record: records.QueueExpired) -> None:
    """Too old: what is deferred goes back to the sender."""
    hop = space.find(record.host, record.queue_id, record.at)
    hop.is_expired = True
    if hop.sender is None:
        hop.sender = record.envelope_sender


def queue_removed(space: Workspace, record: records.QueueRemoved) -> None:
    """The end of a queue id."""
    hop = space.find(record.host, record.queue_id, record.at)
    space.end(hop, "removed", record.at)


def queue_canceled(space: Workspace, record: records.QueueCanceled) -> None:
    """cleanup did not keep the mail; one from the host itself it may have bounced before."""
    hop = space.hops.get((record.host, record.queue_id))
    if hop is not None:
        lost = "removed" if hop.is_accepted else "lost"
        space.end(hop, "discarded" if record.is_discarded else lost, record.at)


def queue_managed(space: Workspace, record: records.QueueManaged) -> None:
    """An administrator's action on the queue."""
    hop = space.find(record.host, record.queue_id, record.at)
    if record.action == "held":
        hop.is_held = True
    elif record.action == "released":
        hop.is_held = False
    elif record.action == "expired":
        hop.is_expired = True
    else:
        accept(hop)
        space.end(hop, record.action, record.at)


def delivery_attempted(space: Workspace, record: records.DeliveryAttempt) -> None:
    """One attempt for one recipient; the newest (by its time, not by its place) counts."""
    hop = space.find(record.host, record.queue_id, record.at)
    accept(hop)
    if record.status in _PROBE_STATUS:
        hop.kind = "probe"
    delivery = hop.recipient_state(record.recipient, record.original_recipient)
    if (
        record.program == "local"
        and delivery.status == "sent"
        and delivery.next_queue_id != record.next_queue_id
    ):
        delivery = hop.copy_state(delivery, record.next_queue_id)
    if delivery.told and _is_told(delivery, record):
        return  # the same line again, by way of another source
    delivery.told = (*delivery.told[-_ATTEMPTS_KEPT:], (record.at, record.status))
    if delivery.status != "filter":
        delivery.attempts += 1
    if space.carry.verdicts:
        claim_verdicts(space, hop, record)
    if not delivery.first_at or record.at < delivery.first_at:
        delivery.first_at = record.at
    if record.at >= delivery.last_at:
        _take_attempt(delivery, record)
        session = space.carry.sessions.get(f"{record.host} {record.program} {record.pid}")
        if session is not None and record.relay_ip and session.client_ip == record.relay_ip:
            delivery.is_tls = session.is_tls
        _follow(space, hop, delivery)


def _is_told(delivery: DeliveryState, record: records.DeliveryAttempt) -> bool:
    return any(
        status == record.status and is_same_time(at, record.at) for at, status in delivery.told
    )


def _take_attempt(delivery: DeliveryState, record: records.DeliveryAttempt) -> None:
    delivery.last_at = record.at
    delivery.status = record.status
    delivery.agent = record.program
    delivery.dsn = record.dsn
    delivery.smtp_reply = record.smtp_reply
    delivery.relay = record.relay
    delivery.relay_ip = record.relay_ip
    delivery.relay_port = record.relay_port
    delivery.next_queue_id = record.next_queue_id
    delivery.filter_id = record.filter_id if is_local_filter(record) else ""
    if record.filter_id and not delivery.filter_id and record.status == "sent":
        # A before-queue filter further on: its session is all that it tells.
        delivery.next_queue_id = record.filter_id
    delivery.delays = (
        record.before_queue_seconds,
        record.in_queue_seconds,
        record.connect_seconds,
        record.transmit_seconds,
    )


def _follow(space: Workspace, hop: HopState, delivery: DeliveryState) -> None:
    """Where the mail went on this host: to the filter, or forwarded by local(8)."""
    if delivery.relay_port in {"10023", "10024"} and not hop.filter_port:
        hop.filter_port = delivery.relay_port
    if delivery.filter_id:
        claim_filter_session(space, hop, delivery)
    elif delivery.agent == "pipe" and delivery.status == "sent":
        handed_to_pipe(space, hop, delivery.last_at)
    elif delivery.agent == "local" and delivery.next_queue_id:
        hint = space.hint(hop.host, delivery.next_queue_id, delivery.last_at)
        hint.parent = hop.life
        space.apply_hint(hop.host, delivery.next_queue_id)


def notification_sent(space: Workspace, record: records.NotificationSent) -> None:
    """A bounce, delay or success notification: mail of its own, about this one."""
    about = space.find(record.host, record.queue_id, record.at)
    hint = space.hint(record.host, record.child_queue_id, record.at)
    hint.related = about.life
    hint.kind = record.kind
    space.apply_hint(record.host, record.child_queue_id)


def server_tls(space: Workspace, record: records.ServerTls) -> None:
    """A TLS session to the next server: said of the process, used by its next delivery."""
    session = space.session(record.host, record.program, record.pid, record.at)
    session.client_ip = record.relay_ip
    session.is_tls = True
