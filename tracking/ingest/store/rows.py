"""States as rows of the tables: one function for each table, giving COPY text."""

from __future__ import annotations

import ipaddress
from functools import lru_cache
from typing import Any

from tracking import choices
from tracking.ingest.correlator import (
    DeliveryState,
    HopState,
    RejectionState,
    quarantine_kind_for,
    word_for,
)
from tracking.ingest.correlator.state import VerdictState
from tracking.ingest.store.copying import boolean, number, reference, stamp, text
from tracking.ingest.store.dictionaries import clean_address, clean_name, split_reply
from tracking.ingest.store.lookup import Lookup
from tracking.ingest.store.ownership import clean_ip

MESSAGE = (
    "id", "received_at", "sender_id", "sasl_user_id", "client_name_id", "helo_id", "related_id",
    "relay_id", "network_id", "customer_id", "size_bytes", "recipient_count", "kind", "direction",
    "client_ip", "message_id", "subject",
)  # fmt: skip
HOP = (
    "id", "received_at", "message_id", "parent_id", "opened_at", "ended_at", "relay_id", "is_tls",
    "queue_id", "segments",
)  # fmt: skip
DELIVERY = (
    "id", "received_at", "message_id", "hop_id", "recipient_id", "original_recipient_id",
    "first_attempt_at", "last_attempt_at", "relay_name_id", "reply_id", "attempts",
    "before_queue_seconds", "in_queue_seconds", "connect_seconds", "transmit_seconds",
    "disposition", "quarantine_kind", "is_final", "is_tls", "dsn", "next_queue_id", "reply_words",
)  # fmt: skip
VERDICT = (
    "id", "received_at", "message_id", "hop_id", "recipient_id", "at", "virus_id", "rule_id",
    "score", "required", "action", "quarantine_kind", "filter_id", "quarantine_id",
)  # fmt: skip
REJECTION = (
    "id", "received_at", "client_name_id", "helo_id", "sender_id", "recipient_id", "sasl_user_id",
    "reply_id", "hop_id", "relay_id", "network_id", "customer_id", "segment_id", "stage", "kind",
    "code", "client_ip", "dsn", "reply_words",
)  # fmt: skip

_KINDS = {
    "mail": choices.MessageKind.MAIL,
    "bounce": choices.MessageKind.BOUNCE,
    "delay": choices.MessageKind.DELAY,
    "success": choices.MessageKind.SUCCESS,
    "notice": choices.MessageKind.NOTICE,
    "release": choices.MessageKind.RELEASE,
    "probe": choices.MessageKind.PROBE,
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


def message_row(hop: HopState, lookup: Lookup) -> str:
    """The Message that this Hop is the first of."""
    name, client_ip = client_of(hop)
    owner = lookup.networks.owner(client_ip)
    return "\t".join(
        (
            str(hop.message), stamp(hop.received_at), lookup.address(hop.sender),
            lookup.address(hop.sasl_username or None), lookup.name(name),
            lookup.name(hop.helo_name), reference(hop.related_id), str(lookup.relays[hop.host][0]),
            reference(owner.network_id), reference(owner.customer_id),
            str(min(hop.size_bytes, _INT_MAX)), str(min(hop.recipient_count, _INT_MAX)),
            str(_KINDS[hop.kind].value), str(direction_of(hop, owner.network_id, lookup).value),
            client_ip or "\\N", text((hop.message_id or "")[:1000]),
            "\\N" if hop.subject is None else text(hop.subject[:1000]),
        )
    )  # fmt: skip


def direction_of(hop: HopState, network_id: int, lookup: Lookup) -> choices.Direction:
    """Inbound, outbound, or internal for what the mail system itself wrote.

    What is certain comes first: the filter's port, a login, a registered network, the role of
    the relay. Else the way the mail took: into a mailbox or through a filter means inbound.
    """
    role = lookup.relays[hop.host][1]
    if hop.kind in _NOT_FROM_CLIENTS or not (hop.client_ip or hop.orig_client_ip):
        return choices.Direction.INTERNAL
    if hop.filter_port:
        is_outbound = hop.filter_port == "10023"
    elif hop.sasl_username or network_id or role in {"ext", "pre", "tr"}:
        is_outbound = True
    elif role == "mx":
        is_outbound = False
    else:
        is_outbound = not any(_is_inward(hop, item) for item in hop.deliveries.values())
    return choices.Direction.OUTBOUND if is_outbound else choices.Direction.INBOUND


def _is_inward(hop: HopState, delivery: DeliveryState) -> bool:
    """Into a mailbox, through a filter, or from a public address to a private one."""
    if delivery.agent in _LOCAL_AGENTS or "from MTA(" in delivery.smtp_reply:
        return True
    return _is_private(delivery.relay_ip) and not _is_private(client_of(hop)[1])


@lru_cache(maxsize=16_384)
def _is_private(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_private
    except ValueError:
        return False


def hop_row(hop: HopState, lookup: Lookup) -> str:
    """A Hop."""
    return "\t".join(
        (
            str(hop.id), stamp(hop.received_at), str(hop.message), reference(hop.parent_id),
            stamp(hop.opened_at), stamp(hop.ended_at), str(lookup.relays[hop.host][0]),
            boolean(hop.is_tls), text(hop.queue_id),
            "{" + ",".join(map(str, hop.segments)) + "}",
        )
    )  # fmt: skip


def delivery_word(hop: HopState, delivery: DeliveryState) -> tuple[int, int]:
    """(disposition, quarantine kind) of a Delivery at its Hop, as stored."""
    word = word_for(hop, delivery)
    kind = word.quarantine_kind or quarantine_kind_for(hop, delivery)
    return _DISPOSITIONS[word.disposition], _QUARANTINES.get(kind, _QUARANTINES["other"])


def delivery_row(
    hop: HopState,
    delivery: DeliveryState,
    lookup: Lookup,
    word: tuple[int, int],
    *,
    is_final: bool,
) -> str:
    """A Delivery; one that the client or a check ended has the Hop's reply."""
    reply, dsn = delivery.smtp_reply, delivery.dsn
    if not delivery.status and hop.end_reply:
        reply, dsn = hop.end_reply, hop.end_dsn
    template, words = split_reply(reply)
    delays = delivery.delays or (None, None, None, None)
    recipient = delivery.recipient or None
    return "\t".join(
        (
            str(delivery.id), stamp(hop.received_at), str(hop.message), str(hop.id),
            lookup.address(recipient), lookup.address(delivery.original_recipient or None),
            stamp(delivery.first_at if delivery.attempts > 1 else 0), stamp(delivery.last_at),
            lookup.name(delivery.relay),
            str(lookup.replies.known[template]) if template else "\\N",
            str(delivery.attempts), *(number(v if v is None or v >= 0 else None) for v in delays),
            str(word[0]), str(word[1]), boolean(is_final), boolean(delivery.is_tls), text(dsn),
            text(delivery.next_queue_id), text(words),
        )
    )  # fmt: skip


def verdict_row(hop: HopState, verdict: VerdictState, lookup: Lookup) -> str:
    """A FilterVerdict."""
    return "\t".join(
        (
            str(verdict.id), stamp(hop.received_at), str(hop.message), str(hop.id),
            lookup.address(verdict.recipient or None), stamp(verdict.at),
            lookup.name(verdict.virus), lookup.name(verdict.rule), number(verdict.score),
            number(verdict.required), str(_VERDICTS[verdict.action]),
            str(_QUARANTINES.get(verdict.quarantine_kind, _QUARANTINES["other"])),
            text(verdict.filter_id), text(verdict.quarantine_id),
        )
    )  # fmt: skip


def rejection_row(row_id: int, item: RejectionState, lookup: Lookup) -> str:
    """A Rejection."""
    client_ip = clean_ip(item.client_ip)
    owner = lookup.networks.owner(client_ip)
    template, words = split_reply(item.reason)
    hop_id = item.hop.id if item.hop is not None else 0
    return "\t".join(
        (
            str(row_id), stamp(item.at), lookup.name(item.client_hostname),
            lookup.name(item.helo_name), lookup.address(item.sender),
            lookup.address(item.recipient), lookup.address(item.sasl_username or None),
            str(lookup.replies.known[template]) if template else "\\N", reference(hop_id),
            str(lookup.relays[item.host][0]), reference(owner.network_id),
            reference(owner.customer_id), reference(item.segment), str(_STAGES.get(item.stage, 0)),
            str(_REJECTIONS[item.kind]), str(item.code), client_ip or "\\N", text(item.dsn),
            text(words),
        )
    )  # fmt: skip
