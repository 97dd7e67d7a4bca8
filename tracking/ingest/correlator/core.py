"""Records in, touched Hops and Rejections out: the table of which record goes where."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from tracking.ingest import records
from tracking.ingest.correlator import amavis, filters, queue, smtp_sessions
from tracking.ingest.correlator.state import Carry, HopState, Key
from tracking.ingest.correlator.workspace import Workspace
from tracking.ingest.parsers.amavis import parse_text

_HANDLERS: dict[type, Callable[[Workspace, Any], None]] = {
    records.ClientConnected: smtp_sessions.client_connected,
    records.ClientDisconnected: smtp_sessions.client_disconnected,
    records.ClientLost: smtp_sessions.client_lost,
    records.ClientTls: smtp_sessions.client_tls,
    records.QueueOpened: smtp_sessions.queue_opened,
    records.SmtpDecision: smtp_sessions.smtp_decided,
    records.ProxyDecision: smtp_sessions.proxy_decided,
    records.SizeExceeded: smtp_sessions.size_exceeded,
    records.MailRefused: smtp_sessions.mail_refused,
    records.PickedUp: queue.picked_up,
    records.MessageIdSeen: queue.message_id_seen,
    records.HeaderSeen: queue.header_seen,
    records.QueueActive: queue.queue_active,
    records.QueueCanceled: queue.queue_canceled,
    records.QueueExpired: queue.queue_expired,
    records.QueueRemoved: queue.queue_removed,
    records.QueueManaged: queue.queue_managed,
    records.DeliveryAttempt: queue.delivery_attempted,
    records.NotificationSent: queue.notification_sent,
    records.ServerTls: queue.server_tls,
    records.FilterConnected: filters.filter_connected,
    records.FilterStarted: filters.filter_started,
    records.FilterHeaders: filters.filter_headers,
    records.FilterVirus: filters.filter_virus,
    records.FilterScore: filters.filter_score,
    records.FilterAccepted: filters.filter_accepted,
    records.FilterBlocked: filters.filter_blocked,
    records.FilterQuarantined: filters.filter_quarantined,
    records.FilterCopied: filters.filter_copied,
    records.FilterFinished: filters.filter_finished,
    records.FilterNdr: filters.filter_ndr,
    records.AmavisVerdict: amavis.amavis_judged,
    records.AmavisForwarded: amavis.amavis_forwarded,
    records.RspamdVerdict: amavis.rspamd_judged,
    records.QuarantineActed: filters.quarantine_acted,
}

RELEVANT = {*_HANDLERS, records.AmavisText}
"""The kinds of record that the correlator takes; the others say nothing of mail."""


def named_keys(items: Iterable[Any]) -> set[Key]:
    """The Hops that these records name."""
    keys: set[Key] = set()
    places_of = _NAMES_HOP.get
    for record in items:
        kind = type(record)
        for place in places_of(kind, ()):
            value = record[place]
            if value:
                keys.add((record[1], value))
        if kind is records.AmavisVerdict:
            keys.update((record.host, queue_id) for queue_id in record.queued_as)
    return keys


def kept_keys(items: Iterable[Any], carry: Carry) -> set[Key]:
    """The Hops that must be at hand beside those that the records name.

    Those that hints, sessions and filter sessions of the carry tie to them, and the parents of
    those.
    """
    keys = _kept_keys(carry)
    for record in items if carry.piped or carry.local else ():
        kind = type(record)
        if kind is records.MessageIdSeen:
            piped = carry.piped.get(f"{record.host} {record.message_id}") if carry.piped else None
            if piped is not None:
                keys.add(piped[:2])
        elif kind is records.QuarantineActed:
            keys.update((record.host, queue_id) for queue_id in carry.local.get(record.host, ()))
    return keys


def _kept_keys(carry: Carry) -> set[Key]:
    keys: set[Key] = set()
    for name, session in carry.sessions.items():
        if session.queue_id:
            keys.add((name.split(" ", 1)[0], session.queue_id))
    for name, state in carry.filters.items():
        host = name.split(" ", 1)[0]
        keys.update(life[:2] for life in state.claims)
        keys.update((host, verdict.queue_id) for verdict in state.verdicts if verdict.queue_id)
        keys.update((host, queue_id) for _, queue_id in state.copies)
    for name, queue_ids in carry.notices.items():
        keys.update((name.split(" ", 1)[0], queue_id) for queue_id in queue_ids)
    for name, hint in carry.hints.items():
        keys.add(tuple(name.split(" ", 1)))  # type: ignore[arg-type]
        keys.update(life[:2] for life in (hint.parent, hint.related) if life is not None)
    return keys


_HOP_FIELDS: dict[Any, tuple[str, ...]] = {
    records.QueueOpened: ("queue_id", "orig_queue_id"),
    records.PickedUp: ("queue_id", "orig_id"),
    records.MessageIdSeen: ("queue_id",),
    records.HeaderSeen: ("queue_id",),
    records.QueueActive: ("queue_id",),
    records.QueueCanceled: ("queue_id",),
    records.QueueExpired: ("queue_id",),
    records.QueueRemoved: ("queue_id",),
    records.QueueManaged: ("queue_id",),
    records.DeliveryAttempt: ("queue_id", "next_queue_id"),
    records.NotificationSent: ("queue_id", "child_queue_id"),
    records.SmtpDecision: ("queue_id",),
    records.ProxyDecision: ("queue_id", "next_queue_id"),
    records.SizeExceeded: ("queue_id",),
    records.MailRefused: ("queue_id",),
    records.FilterAccepted: ("queue_id",),
    records.FilterCopied: ("queue_id",),
    records.FilterNdr: ("queue_id",),
    records.AmavisVerdict: ("queue_id",),
    records.AmavisForwarded: ("queued_as",),
    records.RspamdVerdict: ("queue_id",),
}
_NAMES_HOP: dict[type, list[int]] = {
    kind: [kind._fields.index(name) for name in names] for kind, names in _HOP_FIELDS.items()
}


def addresses_of(items: Iterable[Any]) -> set[str]:
    """The addresses that are stored whatever else the log says; a few are found only later."""
    found: set[str] = set()
    for record in items:
        kind = type(record)
        if kind is records.DeliveryAttempt:
            found.add(record.recipient)
        elif kind is records.QueueActive:
            found.add(record.envelope_sender)
        elif kind is records.SmtpDecision and record.action == "reject" and record.recipient:
            found.update((record.envelope_sender or "", record.recipient))
    return found


class Correlator:
    """Correlates the records of one segment; ``hops`` must hold those of ``named_keys``
    and ``kept_keys``.

    ``latest`` is the newest time (microseconds) that a line's stamp is believed to be now.
    """

    def __init__(
        self, hops: dict[Key, HopState], carry: Carry, segment: int, *, latest: int
    ) -> None:
        self.space = Workspace(hops, carry, segment)
        self.latest = latest

    def feed(self, items: Iterable[Any]) -> None:
        """Take records in the order of the log."""
        space = self.space
        space.apply_hints()
        handlers = _HANDLERS
        newest = space.newest
        for record in items:
            handler = handlers.get(type(record))
            if handler is not None:
                handler(space, record)
                if record.at > newest:
                    newest = record.at
        space.newest = min(newest, self.latest)

    def finish(self) -> Workspace:
        """The end of the segment: forget old sessions and give the touched state back."""
        if self.space.newest:
            self.space.carry.prune(self.space.newest)
        return self.space


def join_texts(carry: Carry, items: Iterable[Any]) -> list[Any]:
    """Replace the pieces of amavis's split lines by the records of the whole lines.

    A line that only happens to end in dots is given out when its session writes another line.
    """
    whole: list[Any] = []
    texts = carry.texts
    for record in items:
        if type(record) is not records.AmavisText:
            whole.append(record)
            continue
        key = f"{record.host} {record.pid} {record.session_id}"
        if record.starts:
            _flush(whole, record, texts.pop(key, ""))
            texts[key] = record.text
        else:
            texts[key] = texts.get(key, "") + record.text
        if record.ends:
            _flush(whole, record, texts.pop(key, ""))
    return whole


def _flush(whole: list[Any], piece: records.AmavisText, text: str) -> None:
    if text:
        whole.append(
            parse_text(
                piece.at, piece.host, piece.service, piece.program, piece.pid,
                piece.session_id, text,
            )
        )  # fmt: skip
