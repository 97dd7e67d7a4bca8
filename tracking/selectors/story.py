"""The story of one Message: what happened to each recipient, hop by hop."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from operator import itemgetter
from typing import Any

from django.db import connection

from tracking.choices import Disposition, MessageKind, ServiceClass
from tracking.ingest.store.dictionaries import join_reply
from tracking.reasons import Reason, reason_for, rejection_reason
from tracking.retries import Outlook, outlook_of
from tracking.selectors.keyset import Key
from tracking.selectors.rejections import FoundRejection, rejections_of_hops
from tracking.selectors.search import FoundMessage, messages_of

MAX_RECIPIENTS = 1000

_AT = "SELECT received_at FROM tracking_message WHERE id = %s"
_HOPS = """
SELECT h.id, h.parent_id, l.name, l.role, h.queue_id, h.opened_at, h.ended_at, h.is_tls,
       num_nonnulls(h.segment_id) + coalesce(cardinality(h.more_segments), 0)
FROM tracking_hop h JOIN tracking_relay l ON l.id = h.relay_id
WHERE h.message_id = %s AND h.received_at = %s ORDER BY h.opened_at, h.id
"""
_DELIVERIES = """
SELECT d.id, d.hop_id, r.address, o.address, d.disposition, d.quarantine_kind, d.is_final,
       d.is_tls, d.attempts, coalesce(d.first_attempt_at, d.last_attempt_at), d.last_attempt_at,
       d.dsn, n.name, t.template, d.reply_words, d.next_queue_id, d.before_queue_seconds,
       d.in_queue_seconds, d.connect_seconds, d.transmit_seconds
FROM tracking_delivery d
LEFT JOIN tracking_address r ON r.id = d.recipient_id
LEFT JOIN tracking_address o ON o.id = d.original_recipient_id
LEFT JOIN tracking_name n ON n.id = d.relay_name_id
LEFT JOIN tracking_reply t ON t.id = d.reply_id
WHERE d.message_id = %s AND d.received_at = %s ORDER BY d.hop_id, d.id LIMIT %s
"""
_VERDICTS = """
SELECT v.id, v.hop_id, r.address, v.at, v.action, v.quarantine_kind, v.filter_id,
       v.quarantine_id, v.score, v.required, x.name, y.name
FROM tracking_filterverdict v
LEFT JOIN tracking_address r ON r.id = v.recipient_id
LEFT JOIN tracking_name x ON x.id = v.virus_id
LEFT JOIN tracking_name y ON y.id = v.rule_id
WHERE v.message_id = %s AND v.received_at = %s ORDER BY v.at, v.id LIMIT %s
"""
_CUSTOMER = "SELECT name, service_class FROM tracking_customer WHERE number = %s"
_RELATED = """
SELECT received_at, id, id FROM tracking_message
WHERE related_id = %s OR id = %s ORDER BY received_at, id LIMIT 50
"""
_RELEASED = """
SELECT d.message_id, d.id, d.hop_id, r.address, o.address, d.disposition, d.quarantine_kind,
       d.is_final, d.is_tls, d.attempts, coalesce(d.first_attempt_at, d.last_attempt_at),
       d.last_attempt_at, d.dsn, n.name, t.template, d.reply_words, d.next_queue_id,
       d.before_queue_seconds, d.in_queue_seconds, d.connect_seconds, d.transmit_seconds
FROM unnest(%s::timestamptz[], %s::bigint[]) k (at, message)
JOIN tracking_delivery d ON d.message_id = k.message AND d.received_at = k.at AND d.is_final
LEFT JOIN tracking_address r ON r.id = d.recipient_id
LEFT JOIN tracking_address o ON o.id = d.original_recipient_id
LEFT JOIN tracking_name n ON n.id = d.relay_name_id
LEFT JOIN tracking_reply t ON t.id = d.reply_id
ORDER BY d.message_id, d.id LIMIT 200
"""
_RELATED_ENDINGS = """
SELECT DISTINCT d.message_id, d.disposition
FROM unnest(%s::timestamptz[], %s::bigint[]) k (at, message)
JOIN tracking_delivery d ON d.message_id = k.message AND d.received_at = k.at AND d.is_final
ORDER BY 1, 2
"""
_VERSION = """
SELECT md5(concat_ws('|',
    (SELECT string_agg(concat_ws('/', d.id, d.disposition, d.quarantine_kind, d.is_final,
                                 d.attempts, d.last_attempt_at), ',' ORDER BY d.id)
     FROM tracking_delivery d WHERE d.message_id = %(message)s AND d.received_at = %(at)s),
    (SELECT string_agg(concat_ws('/', h.id, h.ended_at), ',' ORDER BY h.id)
     FROM tracking_hop h WHERE h.message_id = %(message)s AND h.received_at = %(at)s),
    (SELECT string_agg(concat_ws('/', v.id, v.action), ',' ORDER BY v.id)
     FROM tracking_filterverdict v WHERE v.message_id = %(message)s AND v.received_at = %(at)s),
    (SELECT string_agg(n.id::text, ',' ORDER BY n.id)
     FROM tracking_message n WHERE n.related_id = %(message)s)))
"""
# A mail that has not ended may get more lines. A notification may follow an ending, and no queue
# keeps a mail for more than some days: what is still open then has lost its log.
WAITING = frozenset({Disposition.QUEUED, Disposition.DEFERRED, Disposition.HELD})
_NOTIFIES_WITHIN = timedelta(minutes=2)
_LONGEST_LIFE = timedelta(days=14)


@dataclass(slots=True)
class StoryDelivery:
    """What became of a recipient at one Hop; delays in seconds.

    ``refused_as`` is the RejectionKind of a mail that we refused after it had a queue id.
    """

    id: int
    hop: int
    recipient: str
    original_recipient: str | None
    disposition: int
    quarantine_kind: int
    is_final: bool
    is_tls: bool | None
    attempts: int
    first_attempt_at: datetime | None
    last_attempt_at: datetime | None
    dsn: str
    relay: str
    smtp_reply: str
    next_queue_id: str
    before_queue_seconds: float | None
    in_queue_seconds: float | None
    connect_seconds: float | None
    transmit_seconds: float | None

    refused_as: int | None = None
    outlook: Outlook | None = None

    @property
    def reason(self) -> Reason:
        if self.refused_as is not None:
            return rejection_reason(self.refused_as, self.smtp_reply)
        return reason_for(self.disposition, self.quarantine_kind, self.dsn, self.smtp_reply)

    def is_for(self, address: str) -> bool:
        """Whether it is about this address, as the sender wrote it or as an alias made it."""
        names = {self.recipient.casefold(), (self.original_recipient or "").casefold()}
        return address.casefold() in names


@dataclass(slots=True)
class StoryVerdict:
    """What a content filter decided; ``recipient`` "" stands for all."""

    id: int
    hop: int
    recipient: str
    at: datetime
    action: int
    quarantine_kind: int
    filter_id: str
    quarantine_id: str
    score: float | None
    required: float | None
    virus: str | None
    rule: str | None


@dataclass(slots=True)
class StoryHop:
    """One queue id on one host; ``ended_at`` None while the mail is there."""

    id: int
    parent: int | None
    host: str
    role: str
    queue_id: str
    opened_at: datetime
    ended_at: datetime | None
    is_tls: bool | None
    segment_count: int
    deliveries: list[StoryDelivery] = field(default_factory=list)
    verdicts: list[StoryVerdict] = field(default_factory=list)
    rejections: list[FoundRejection] = field(default_factory=list)


@dataclass(slots=True)
class RelatedMail:
    """A notification about a mail, or the mail it is about, and how it ended.

    ``deliveries`` are given for a release from quarantine: what became of each recipient.
    """

    message: FoundMessage
    dispositions: list[int]
    deliveries: list[StoryDelivery] = field(default_factory=list)

    @property
    def id(self) -> int:
        return self.message.id


@dataclass(slots=True)
class Story:
    """Everything that is known of a Message but its raw lines."""

    message: FoundMessage
    customer_name: str | None
    service_class: str | None
    hops: list[StoryHop]
    deliveries: list[StoryDelivery]
    verdicts: list[StoryVerdict]
    notifications: list[RelatedMail]
    about: RelatedMail | None
    is_cut: bool
    version: str

    @property
    def service_class_label(self) -> str:
        return str(ServiceClass(self.service_class).label) if self.service_class else ""

    @property
    def recipients(self) -> list[StoryDelivery]:
        """The Deliveries that speak for their recipients."""
        return [delivery for delivery in self.deliveries if delivery.is_final]

    @property
    def endings(self) -> Counter[int]:
        """How many recipients ended in each disposition, the most first."""
        counted = Counter(delivery.disposition for delivery in self.recipients)
        return Counter(dict(counted.most_common()))

    @property
    def has_ended(self) -> bool:
        """Every recipient has a final word and no queue has the mail any more."""
        return (
            bool(self.recipients)
            and not WAITING & set(self.endings)
            and bool(self.hops)
            and all(hop.ended_at for hop in self.hops)
        )

    def released(self, delivery: StoryDelivery) -> tuple[datetime, StoryDelivery] | None:
        """When this recipient's mail last left quarantine, and what became of it then."""
        if delivery.disposition != Disposition.QUARANTINED:
            return None
        names = [delivery.recipient, delivery.original_recipient or delivery.recipient]
        found = [
            (related.message.received_at, item)
            for related in self.notifications
            for item in related.deliveries
            if any(item.is_for(name) for name in names)
        ]
        return max(found, key=itemgetter(0), default=None)

    def live_seconds(self, now: datetime) -> int:
        """For how long lines may follow that change the story; 0: none will."""
        if self.has_ended:
            ends = max(hop.ended_at for hop in self.hops if hop.ended_at) + _NOTIFIES_WITHIN
        else:
            ends = self.message.received_at + _LONGEST_LIFE
        return max(0, math.ceil((ends - now).total_seconds()))


def message_received_at(message: int) -> datetime | None:
    """The partition of a Message; looks into each day's index."""
    with connection.cursor() as cursor:
        cursor.execute(_AT, [message])
        row = cursor.fetchone()
    return row[0] if row else None


def message_of_hop(hop: int) -> int | None:
    """The Message that a Hop belongs to.

    A Message's id is that of its first Hop. When the log of an earlier relay is read later, the
    Hops join that relay's Message, and a link to the old id must lead there.
    """
    rows = _rows("SELECT message_id FROM tracking_hop WHERE id = %s LIMIT 1", [hop])
    return rows[0][0] if rows else None


def story_version(message: int, received_at: datetime) -> str:
    """Changes when anything does that the page shows; one query by index."""
    with connection.cursor() as cursor:
        cursor.execute(_VERSION, {"message": message, "at": received_at})
        return str(cursor.fetchone()[0])


def message_story(message: int) -> Story | None:
    """The story, or None when there is no such Message; the same queries for any size."""
    at = message_received_at(message)
    if at is None:
        return None
    version = story_version(message, at)  # first: what comes in while we read is a change
    found = messages_of([Key(at, message, message)])
    if not found:
        return None
    hops = [StoryHop(*row) for row in _rows(_HOPS, [message, at])]
    deliveries = [_delivery(row) for row in _rows(_DELIVERIES, [message, at, MAX_RECIPIENTS])]
    verdicts = [_verdict(row) for row in _rows(_VERDICTS, [message, at, MAX_RECIPIENTS])]
    _hang(hops, deliveries, verdicts)
    notifications, about = _related(found[0])
    customer = _rows(_CUSTOMER, [found[0].customer])
    name, service_class = customer[0] if customer else (None, None)
    is_cut = len(deliveries) == MAX_RECIPIENTS
    return Story(
        found[0],
        name,
        service_class,
        hops,
        deliveries,
        verdicts,
        notifications,
        about,
        is_cut,
        version,
    )


def filter_ids_of(hop: StoryHop) -> list[str]:
    """Names under which a filter's lines speak of this Hop's mail."""
    names = {name for v in hop.verdicts for name in (v.filter_id, v.quarantine_id)}
    return sorted(name for name in names if name)


def _hang(
    hops: list[StoryHop], deliveries: list[StoryDelivery], verdicts: list[StoryVerdict]
) -> None:
    refused: dict[int, list[FoundRejection]] = defaultdict(list)
    for rejection in rejections_of_hops([hop.id for hop in hops]):
        refused[rejection.hop or 0].append(rejection)
    for hop in hops:
        hop.deliveries = [item for item in deliveries if item.hop == hop.id]
        hop.verdicts = [item for item in verdicts if item.hop == hop.id]
        hop.rejections = refused[hop.id]
        for item in hop.deliveries:
            item.outlook = outlook_of(item.disposition, hop.opened_at, item.last_attempt_at)
        if hop.rejections:
            _tell_refusals(hop)


def _tell_refusals(hop: StoryHop) -> None:
    """A Delivery that was refused has no attempt; why is said by the refusal."""
    for delivery in hop.deliveries:
        if delivery.disposition == Disposition.REJECTED:
            last = hop.rejections[-1]
            delivery.refused_as = last.kind
            delivery.smtp_reply = delivery.smtp_reply or last.reason


def _related(message: FoundMessage) -> tuple[list[RelatedMail], RelatedMail | None]:
    """Notifications about a Message, and the one that it is about."""
    keys = [Key(*row) for row in _rows(_RELATED, [message.id, message.related_message])]
    endings: dict[int, list[int]] = defaultdict(list)
    if keys:
        columns = [[key.received_at for key in keys], [key.id for key in keys]]
        for related, disposition in _rows(_RELATED_ENDINGS, columns):
            endings[related].append(disposition)
    found = [RelatedMail(item, endings[item.id]) for item in messages_of(keys)]
    notifications = [item for item in found if item.message.related_message == message.id]
    about = [item for item in found if item.message.id == message.related_message]
    _add_released([item for item in notifications if item.message.kind == MessageKind.RELEASE])
    return notifications, about[0] if about else None


def _add_released(releases: list[RelatedMail]) -> None:
    if not releases:
        return
    columns = [[item.message.received_at for item in releases], [item.id for item in releases]]
    deliveries: dict[int, list[StoryDelivery]] = defaultdict(list)
    for message, *row in _rows(_RELEASED, columns):
        deliveries[message].append(_delivery(row))
    for item in releases:
        item.deliveries = deliveries[item.id]


def _delivery(row: Sequence[Any]) -> StoryDelivery:
    fields = [*row[:13], join_reply(row[13] or "", row[14]), *row[15:]]
    fields[2], fields[12] = row[2] or "", row[12] or ""
    return StoryDelivery(*fields)


def _verdict(row: Sequence[Any]) -> StoryVerdict:
    fields = list(row)
    fields[2] = row[2] or ""
    return StoryVerdict(*fields)


def _rows(query: str, values: list[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        return list(cursor.fetchall())
