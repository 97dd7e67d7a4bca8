"""What people type, as ids: addresses, queue ids, customers. Each by an index of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from tracking.choices import RelayRole
from tracking.ingest.store.dictionaries import domain_of
from tracking.models import ClientNetwork, Customer, Domain, Relay

MAX_ADDRESSES = 1000
MAX_DOMAIN = 10_000
MAX_MESSAGES = 1000
MAX_RELAYS = 100
MAX_NEW_RELAYS = 20
MIN_PATTERN = 3  # A trigram index finds nothing by fewer characters.

_EXACT = """
SELECT a.id FROM tracking_domain n JOIN tracking_address a ON a.domain_id = n.id
WHERE n.name = %(domain)s AND hashtext(lower(a.address)) = hashtext(lower(%(address)s))
  AND lower(a.address) = lower(%(address)s)
LIMIT %(limit)s
"""
# The newest addresses: whoever writes "info" means what is in the log today.
_PATTERN = """
SELECT id FROM (
    SELECT id FROM tracking_address WHERE address ILIKE %s LIMIT 20000
) found ORDER BY id DESC LIMIT %s
"""
# In the order of the index, so that it ends with the limit: a big domain has a million.
_OF_DOMAIN = """
SELECT id FROM tracking_address WHERE domain_id = %s ORDER BY hashtext(lower(address)) LIMIT %s
"""
_HOW_MANY = "SELECT count(*) FROM (SELECT FROM tracking_address WHERE domain_id = %s LIMIT %s) a"
_QUEUE_ID = """
SELECT message_id FROM tracking_hop
WHERE queue_id = ANY(%(ids)s) AND received_at >= %(since)s AND received_at < %(until)s
UNION
SELECT message_id FROM tracking_delivery
WHERE next_queue_id = ANY(%(ids)s) AND next_queue_id <> ''
  AND received_at >= %(since)s AND received_at < %(until)s
UNION
SELECT message_id FROM tracking_filterverdict
WHERE filter_id = ANY(%(ids)s) AND filter_id <> ''
  AND received_at >= %(since)s AND received_at < %(until)s
UNION
SELECT message_id FROM tracking_filterverdict
WHERE quarantine_id = ANY(%(ids)s) AND quarantine_id <> ''
  AND received_at >= %(since)s AND received_at < %(until)s
LIMIT %(limit)s
"""
_MESSAGE_ID = """
SELECT id FROM tracking_message
WHERE message_id = ANY(%(ids)s) AND received_at >= %(since)s AND received_at < %(until)s
LIMIT %(limit)s
"""
# The distinct ids of a column of verdicts, each by one step into the index: they are few.
_NAMES = """
WITH RECURSIVE used AS (
    SELECT min({column}) AS id FROM tracking_filterverdict WHERE {column} IS NOT NULL AND {range}
    UNION ALL
    SELECT (SELECT min({column}) FROM tracking_filterverdict
            WHERE {column} > used.id AND {column} IS NOT NULL AND {range})
    FROM used WHERE used.id IS NOT NULL
)
SELECT n.id FROM used JOIN tracking_name n ON n.id = used.id WHERE n.name ILIKE %(text)s
LIMIT %(limit)s
"""
_IN_RANGE = "received_at >= %(since)s AND received_at < %(until)s"
_TO = """
SELECT 1 FROM tracking_delivery
WHERE message_id = ANY(%s) AND is_final
  AND (recipient_id = ANY(%s) OR original_recipient_id = ANY(%s)) LIMIT 1
"""


@dataclass(frozen=True, slots=True)
class AddressIds:
    """Ids of addresses; when a domain has too many, ``ids`` is empty and ``domain_id`` set.

    ``is_cut``: a pattern matches more than MAX_ADDRESSES, the newest of them are here; a domain
    has more than MAX_DOMAIN, so that not even PostgreSQL lists them.
    """

    ids: list[int]
    domain_id: int | None = None
    is_cut: bool = False

    def __bool__(self) -> bool:
        return bool(self.ids or self.domain_id)


def find_addresses(text: str) -> AddressIds:
    """``<>`` the null sender, ``@domain``, ``*part*``, or one address; case doesn't matter.

    ``"Ani@satu.example"`` is this address as it is written.
    """
    text = text.strip()
    if (exact := unquoted(text)) is not None:
        return AddressIds(_column("SELECT id FROM tracking_address WHERE address = %s", [exact]))
    if text == "<>":
        return AddressIds(_column("SELECT id FROM tracking_address WHERE address = %s", [""]))
    if text.startswith("@") and "*" not in text:
        return _of_domain(text[1:].lower())
    if "*" not in text:
        text = text.removeprefix("<").removesuffix(">")
        named = {"address": text, "domain": domain_of(text), "limit": MAX_ADDRESSES}
        return AddressIds(_column(_EXACT, named))
    ids = _column(_PATTERN, [_escape(text).replace("*", "%"), MAX_ADDRESSES + 1])
    return AddressIds(ids[:MAX_ADDRESSES], is_cut=len(ids) > MAX_ADDRESSES)


def _of_domain(name: str) -> AddressIds:
    domain = Domain.objects.filter(name=name).values_list("pk", flat=True).first()
    if domain is None:
        return AddressIds([])
    ids = _column(_OF_DOMAIN, [domain, MAX_ADDRESSES + 1])
    if len(ids) <= MAX_ADDRESSES:
        return AddressIds(ids)
    (count,) = _column(_HOW_MANY, [domain, MAX_DOMAIN + 1])
    return AddressIds([], domain, is_cut=count > MAX_DOMAIN)


def unquoted(text: str) -> str | None:
    """What stands in quotes, to be found as it is written; None: it isn't quoted."""
    text = text.strip()
    is_quoted = len(text) > 2 and text[0] == text[-1] == '"'
    return text[1:-1] if is_quoted else None


def is_too_short(text: str) -> bool:
    """Whether a pattern names fewer than three characters in a row."""
    if unquoted(text) is not None:
        return False
    return "*" in text and max(len(part) for part in text.split("*")) < MIN_PATTERN


def find_messages_by_queue_id(
    queue_ids: Sequence[str], since: datetime, until: datetime
) -> list[int]:
    """Ids of Messages that a queue id, a remote's queue id or a filter's id belongs to."""
    values = {"ids": list(queue_ids), "since": since, "until": until, "limit": MAX_MESSAGES}
    return _column(_QUEUE_ID, values)


def find_messages_by_ids(
    queue_ids: Sequence[str], message_ids: Sequence[str], since: datetime, until: datetime
) -> list[int]:
    """Ids of Messages that have one of these."""
    found = find_messages_by_queue_id(queue_ids, since, until) if queue_ids else []
    if message_ids:
        values = {"ids": list(message_ids), "since": since, "until": until, "limit": MAX_MESSAGES}
        found += _column(_MESSAGE_ID, values)
    return list(dict.fromkeys(found))[:MAX_MESSAGES]


def has_recipient(messages: list[int], recipients: list[int]) -> bool:
    """Whether one of these Messages went to one of these addresses."""
    return bool(_column(_TO, [messages, recipients, recipients]))


def find_viruses(text: str, since: datetime, until: datetime) -> list[int]:
    """Ids of the names of viruses that were found and have this text in them, or are "it"."""
    return _names("virus_id", text, since, until)


def find_rules(text: str, since: datetime, until: datetime) -> list[int]:
    """Ids of the names of filter rules that decided and have this text in them, or are "it"."""
    return _names("rule_id", text, since, until)


def _names(column: str, text: str, since: datetime, until: datetime) -> list[int]:
    if (exact := unquoted(text)) is not None:
        return _column("SELECT id FROM tracking_name WHERE name = %s", [exact])
    query = _NAMES.format(column=column, range=_IN_RANGE)
    like = f"%{_escape(text)}%"
    values = {"text": like, "since": since, "until": until, "limit": MAX_ADDRESSES}
    return _column(query, values)


def is_customer_number(text: str) -> bool:
    return Customer.objects.filter(number__iexact=text).exists()


def find_customers(text: str) -> list[Customer]:
    """Customers by number, or else by part of the name."""
    text = text.strip()
    exact = list(Customer.objects.filter(number__iexact=text))
    if exact:
        return exact
    return list(Customer.objects.filter(name__icontains=text)[:MAX_ADDRESSES])


def find_networks(cidr: str) -> list[int]:
    """Ids of registered networks with this prefix: one or none."""
    return list(ClientNetwork.objects.filter(network=cidr).values_list("pk", flat=True))


def find_relay(name: str) -> Relay | None:
    """A relay by its host name."""
    return Relay.objects.filter(name__iexact=name).first()


def find_relays_of_role(role: str) -> list[int]:
    return list(Relay.objects.filter(role=role).values_list("pk", flat=True))


def relays_to_offer() -> list[str]:
    """Names for a form: relays with a role, then the newest; anybody may forge host names."""
    relays = Relay.objects.order_by("name").exclude(role=RelayRole.OTHER)
    names = list(relays.values_list("name", flat=True)[:MAX_RELAYS])
    newest = Relay.objects.order_by("-pk").filter(role=RelayRole.OTHER)
    return names + sorted(newest.values_list("name", flat=True)[:MAX_NEW_RELAYS])


def newest_delivery_at() -> datetime | None:
    """When the newest mail came; one step in the newest partition's index."""
    return _moment("DESC")


def oldest_delivery_at() -> datetime | None:
    """Since when mail is kept."""
    return _moment("ASC")


def _moment(order: str) -> datetime | None:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT received_at FROM tracking_delivery WHERE is_final "
            f"ORDER BY received_at {order} LIMIT 1"
        )
        row = cursor.fetchone()
    return row[0] if row else None


def _column(query: str, values: Any) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        return [row[0] for row in cursor.fetchall()]


def _escape(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
