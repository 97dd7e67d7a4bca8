"""States as rows of the tables: one function for each table, giving COPY binary."""

from __future__ import annotations

from struct import Struct
from typing import Any

from mailgw.lib.addresses import is_site_local
from tracking import choices
from tracking.ingest.correlator import (
    DeliveryState,
    HopState,
    RejectionState,
    word_for,
)
from tracking.ingest.correlator.state import VerdictState
from tracking.ingest.store.copying import (
    NULL,
    big_reference,
    boolean,
    inet,
    integers,
    moment,
    real,
    reference,
    stamp,
    text,
)
from tracking.ingest.store.dictionaries import clean_address, clean_name, split_reply
from tracking.ingest.store.directions import direction_by
from tracking.ingest.store.lookup import Lookup
from tracking.ingest.store.ownership import clean_ip

# The columns that are never null come first: their fields are made by one call.
MESSAGE = (
    "id", "received_at", "relay_id", "size_bytes", "recipient_count", "kind", "direction",
    "sender_id", "sasl_user_id", "client_name_id", "helo_id", "related_id", "network_id",
    "customer_id", "client_ip", "message_id", "subject",
)  # fmt: skip
HOP = (
    "id", "received_at", "message_id", "opened_at", "relay_id",
    "parent_id", "ended_at", "is_tls", "queue_id", "segment_id", "more_segments",
)  # fmt: skip
DELIVERY = (
    "id", "received_at", "message_id", "hop_id", "attempts", "disposition", "quarantine_kind",
    "is_final",
    "recipient_id", "original_recipient_id", "relay_name_id", "reply_id", "first_attempt_at",
    "last_attempt_at", "is_tls", "before_queue_seconds", "in_queue_seconds", "connect_seconds",
    "transmit_seconds", "dsn", "next_queue_id", "reply_words",
)  # fmt: skip
VERDICT = (
    "id", "received_at", "message_id", "hop_id", "action", "quarantine_kind",
    "at", "recipient_id", "virus_id", "rule_id", "score", "required", "filter_id",
    "quarantine_id",
)  # fmt: skip
REJECTION = (
    "id", "received_at", "relay_id", "stage", "kind", "code",
    "client_name_id", "helo_id", "sender_id", "recipient_id", "sasl_user_id", "reply_id",
    "network_id", "customer_id", "segment_id", "hop_id", "client_ip", "dsn", "reply_words",
)  # fmt: skip

_message_head = Struct("!h iq iq ii ii ii ih ih").pack
_hop_head = Struct("!h iq iq iq iq ii").pack
_delivery_head = Struct("!h iq iq iq iq ii ih ih i?").pack
_verdict_head = Struct("!h iq iq iq iq ih ih").pack
_rejection_head = Struct("!h iq iq ii ih ih ih").pack
_delays = Struct("!ifififif").pack
_NO_DELAYS = NULL * 4

_KINDS = {
    "mail": choices.MessageKind.MAIL.value,
    "bounce": choices.MessageKind.BOUNCE.value,
    "delay": choices.MessageKind.DELAY.value,
    "success": choices.MessageKind.SUCCESS.value,
    "notice": choices.MessageKind.NOTICE.value,
    "release": choices.MessageKind.RELEASE.value,
    "probe": choices.MessageKind.PROBE.value,
}
_DISPOSITIONS = {item.name.lower(): item.value for item in choices.Disposition}
_QUARANTINES = {item.name.lower(): item.value for item in choices.QuarantineKind} | {"": 0}
_VERDICTS = {item.name.lower(): item.value for item in choices.VerdictAction}
_STAGES = {item.name.lower(): item.value for item in choices.Stage} | {"": 0}
_REJECTIONS = {item.name.lower(): item.value for item in choices.RejectionKind}
_LOCAL_AGENTS = {"lmtp", "local", "virtual", "pipe"}
_NOT_FROM_CLIENTS = {"bounce", "delay", "success", "notice", "probe"}
_INT_MAX = 2_147_483_647


def prepare(
    cursor: Any, lookup: Lookup, hops: list[HopState], rejections: list[RejectionState]
) -> None:
    """Give every text of these states its id, in a few round trips."""
    addresses: set[str] = set()
    names: set[str] = set()
    templates: set[str] = set()
    for hop in hops:
        _collect_hop(hop, addresses, names, templates)
    for item in rejections:
        addresses.update(v for v in (item.sender, item.recipient) if v is not None)
        addresses.add(item.sasl_username)
        names.update((item.client_hostname, item.helo_name))
        templates.add(split_reply(item.reason)[0])
    lookup.addresses.ids(cursor, {clean_address(value) for value in addresses})
    lookup.names.ids(cursor, {clean_name(value) for value in names if value})
    lookup.replies.ids(cursor, {value for value in templates if value})


def _collect_hop(hop: HopState, addresses: set[str], names: set[str], templates: set[str]) -> None:
    if hop.sender is not None:
        addresses.add(hop.sender)
    if hop.sasl_username:
        addresses.add(hop.sasl_username)
    names.update((hop.client_hostname, hop.orig_client_hostname, hop.helo_name))
    if hop.end_reply:
        templates.add(split_reply(hop.end_reply)[0])
    for delivery in hop.deliveries.values():
        addresses.add(delivery.recipient)
        if delivery.original_recipient:
            addresses.add(delivery.original_recipient)
        names.add(delivery.relay)
        templates.add(split_reply(delivery.smtp_reply)[0])
    for verdict in hop.verdicts:
        addresses.add(verdict.recipient)
        names.update((verdict.virus, verdict.rule))


def client_of(hop: HopState) -> tuple[str, str]:
    """(host name, IP) of who really sent: XFORWARD's original client before the connection's."""
    if hop.orig_client_ip:
        return hop.orig_client_hostname, clean_ip(hop.orig_client_ip)
    return hop.client_hostname, clean_ip(hop.client_ip)


def message_row(hop: HopState, lookup: Lookup) -> bytes:
    """The Message that this Hop is the first of."""
    name, client_ip = client_of(hop)
    owner = lookup.networks.owner(client_ip)
    return b"".join(
        (
            _message_head(
                len(MESSAGE), 8, hop.message, 8, moment(hop.received_at),
                4, lookup.relays[hop.host][0], 4, min(hop.size_bytes, _INT_MAX),
                4, min(hop.recipient_count, _INT_MAX), 2, _KINDS[_kind_of(hop)],
                2, direction_of(hop, owner.network_id, lookup),
            ),
            lookup.address(hop.sender), lookup.address(hop.sasl_username or None),
            lookup.name(name), lookup.name(hop.helo_name), big_reference(hop.related_id),
            reference(owner.network_id), reference(owner.customer_id), inet(client_ip),
            text((hop.message_id or "")[:1000]),
            NULL if hop.subject is None else text(hop.subject[:1000]),
        )
    )  # fmt: skip


def _kind_of(hop: HopState) -> str:
    """What Postfix tells its postmaster (notify_classes) has neither client nor pickup.

    It comes from double_bounce_sender, and nothing says what it is about.
    """
    if hop.is_void:
        return "notice" if hop.kind == "mail" else hop.kind
    if hop.is_opened or hop.kind != "mail" or not (hop.message_id and hop.sender):
        return hop.kind
    return "notice" if hop.sender.startswith("double-bounce@") else hop.kind


def direction_of(hop: HopState, network_id: int, lookup: Lookup) -> choices.Direction:
    """Inbound, outbound, or internal for what the mail system itself wrote.

    What is certain comes first: the filter's port, a login, a registered network, the role of
    the relay. Else the way the mail took: into a mailbox or through a filter means inbound.
    """
    # A client whose address Postfix could not learn (``unknown[unknown]``) has a name still.
    has_client = hop.client_hostname or hop.client_ip or hop.orig_client_ip
    if hop.kind in _NOT_FROM_CLIENTS or not has_client:
        return choices.Direction.INTERNAL
    role, is_ours = lookup.relays[hop.host][1], bool(hop.sasl_username or network_id)
    found = direction_by(hop.filter_port, role, is_ours=is_ours)
    if found is not None:
        return found
    is_inbound = any(_is_inward(hop, item) for item in hop.deliveries.values())
    return choices.Direction.INBOUND if is_inbound else choices.Direction.OUTBOUND


def _is_inward(hop: HopState, delivery: DeliveryState) -> bool:
    """Into a mailbox, through a filter, or from a public address to a private one."""
    if delivery.agent in _LOCAL_AGENTS or "from MTA(" in delivery.smtp_reply:
        return True
    client_ip = client_of(hop)[1]
    return bool(client_ip) and is_site_local(delivery.relay_ip) and not is_site_local(client_ip)


def hop_row(hop: HopState, lookup: Lookup) -> bytes:
    """A Hop."""
    first, *more = hop.segments or (None,)
    return b"".join(
        (
            _hop_head(
                len(HOP), 8, hop.id, 8, moment(hop.received_at), 8, hop.message,
                8, moment(hop.opened_at), 4, lookup.relays[hop.host][0],
            ),
            big_reference(hop.parent_id), stamp(hop.ended_at), boolean(hop.is_tls),
            text(hop.queue_id), reference(first), integers(tuple(more)) if more else NULL,
        )
    )  # fmt: skip


def delivery_word(hop: HopState, delivery: DeliveryState) -> tuple[int, int]:
    """(disposition, quarantine kind) of a Delivery at its Hop, as stored."""
    word = word_for(hop, delivery)
    kind = _QUARANTINES.get(word.quarantine_kind, _QUARANTINES["other"])
    return _DISPOSITIONS[word.disposition], kind


def mark_of(delivery: DeliveryState, word: tuple[int, int]) -> str:
    """What a Delivery's row says that may change, to know whether to write it again."""
    return f"{word[0]} {word[1]} {delivery.attempts} {delivery.last_at} {delivery.next_queue_id}"


def delivery_row(
    hop: HopState,
    delivery: DeliveryState,
    lookup: Lookup,
    word: tuple[int, int],
    *,
    is_final: bool,
) -> bytes:
    """A Delivery; one that the client or a check ended has the Hop's reply."""
    reply, dsn = delivery.smtp_reply, delivery.dsn
    if not delivery.status and hop.end_reply:
        reply, dsn = hop.end_reply, hop.end_dsn
    template, words = split_reply(reply)
    return b"".join(
        (
            _delivery_head(
                len(DELIVERY), 8, delivery.id, 8, moment(hop.received_at), 8, hop.message,
                8, hop.id, 4, delivery.attempts, 2, word[0], 2, word[1], 1, is_final,
            ),
            lookup.address(delivery.recipient or None),
            lookup.address(delivery.original_recipient or None), lookup.name(delivery.relay),
            lookup.reply(template), stamp(delivery.first_at if delivery.attempts > 1 else 0),
            stamp(delivery.last_at), boolean(delivery.is_tls), _delay_fields(delivery),
            text(dsn), text(delivery.next_queue_id), text(words),
        )
    )  # fmt: skip


def _delay_fields(delivery: DeliveryState) -> bytes:
    delays = delivery.delays
    if delays is None:
        return _NO_DELAYS
    if min(delays) >= 0:
        return _delays(4, delays[0], 4, delays[1], 4, delays[2], 4, delays[3])
    return b"".join(real(value if value >= 0 else None) for value in delays)


def verdict_row(hop: HopState, verdict: VerdictState, lookup: Lookup) -> bytes:
    """A FilterVerdict."""
    return b"".join(
        (
            _verdict_head(
                len(VERDICT), 8, verdict.id, 8, moment(hop.received_at), 8, hop.message,
                8, hop.id, 2, _VERDICTS[verdict.action],
                2, _QUARANTINES.get(verdict.quarantine_kind, _QUARANTINES["other"]),
            ),
            stamp(verdict.at), lookup.address(verdict.recipient or None),
            lookup.name(verdict.virus), lookup.name(verdict.rule), real(verdict.score),
            real(verdict.required), text(verdict.filter_id), text(verdict.quarantine_id),
        )
    )  # fmt: skip


def rejection_row(row_id: int, item: RejectionState, lookup: Lookup) -> bytes:
    """A Rejection."""
    client_ip = clean_ip(item.client_ip)
    owner = lookup.networks.owner(client_ip)
    template, words = split_reply(item.reason)
    hop_id = item.hop.id if item.hop is not None else 0
    return b"".join(
        (
            _rejection_head(
                len(REJECTION), 8, row_id, 8, moment(item.at), 4, lookup.relays[item.host][0],
                2, _STAGES.get(item.stage, 0), 2, _REJECTIONS[item.kind], 2, item.code,
            ),
            lookup.name(item.client_hostname), lookup.name(item.helo_name),
            lookup.address(item.sender), lookup.address(item.recipient),
            lookup.address(item.sasl_username or None), lookup.reply(template),
            reference(owner.network_id), reference(owner.customer_id), reference(item.segment),
            big_reference(hop_id), inet(client_ip), text(item.dsn), text(words),
        )
    )  # fmt: skip
