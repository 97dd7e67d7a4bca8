"""What people type, as ids: addresses, queue ids, customers. Each by an index of its own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Q

from tracking.models import Customer, Domain

MAX_ADDRESSES = 1000
MAX_MESSAGES = 1000
MIN_PATTERN = 3  # A trigram index finds nothing by fewer characters.

_EXACT = "SELECT id FROM tracking_address WHERE address ILIKE %s LIMIT %s"
# The newest addresses: whoever writes "info" means what is in the log today.
_PATTERN = """
SELECT id FROM (
    SELECT id FROM tracking_address WHERE address ILIKE %s LIMIT 20000
) found ORDER BY id DESC LIMIT %s
"""
_DOMAIN = """
SELECT a.id FROM tracking_domain n JOIN tracking_address a ON a.domain_id = n.id
WHERE n.name = %s LIMIT %s
"""
_QUEUE_ID = """
SELECT message_id FROM tracking_hop
WHERE queue_id = %(id)s AND received_at >= %(since)s AND received_at < %(until)s
UNION
SELECT message_id FROM tracking_delivery
WHERE next_queue_id = %(id)s AND next_queue_id <> ''
  AND received_at >= %(since)s AND received_at < %(until)s
UNION
SELECT message_id FROM tracking_filterverdict
WHERE filter_id = %(id)s AND filter_id <> ''
  AND received_at >= %(since)s AND received_at < %(until)s
UNION
SELECT message_id FROM tracking_filterverdict
WHERE quarantine_id = %(id)s AND quarantine_id <> ''
  AND received_at >= %(since)s AND received_at < %(until)s
LIMIT %(limit)s
"""


@dataclass(frozen=True, slots=True)
class AddressIds:
    """Ids of addresses; when a domain has too many, ``ids`` is empty and ``domain_id`` set.

    ``is_cut``: a pattern matches more than MAX_ADDRESSES, the newest of them are here.
    """

    ids: list[int]
    domain_id: int | None = None
    is_cut: bool = False

    def __bool__(self) -> bool:
        return bool(self.ids or self.domain_id)


def find_addresses(text: str) -> AddressIds:
    """``<>`` the null sender, ``@domain``, ``*part*``, or one address; case doesn't matter."""
    text = text.strip()
    if text == "<>":
        return AddressIds(_column("SELECT id FROM tracking_address WHERE address = %s", [""]))
    if text.startswith("@") and "*" not in text:
        return _of_domain(text[1:].lower())
    if "*" not in text:
        text = text.removeprefix("<").removesuffix(">")
        return AddressIds(_column(_EXACT, [_escape(text), MAX_ADDRESSES]))
    ids = _column(_PATTERN, [_escape(text).replace("*", "%"), MAX_ADDRESSES + 1])
    return AddressIds(ids[:MAX_ADDRESSES], is_cut=len(ids) > MAX_ADDRESSES)


def _of_domain(name: str) -> AddressIds:
    ids = _column(_DOMAIN, [name, MAX_ADDRESSES + 1])
    if len(ids) <= MAX_ADDRESSES:
        return AddressIds(ids)
    return AddressIds([], Domain.objects.get(name=name).pk)


def is_too_short(text: str) -> bool:
    """Whether a pattern names fewer than three characters in a row."""
    return "*" in text and max(len(part) for part in text.split("*")) < MIN_PATTERN


def find_messages_by_queue_id(queue_id: str, since: datetime, until: datetime) -> list[int]:
    """Ids of Messages that a queue id, a remote's queue id or a filter's id belongs to."""
    values = {"id": queue_id, "since": since, "until": until, "limit": MAX_MESSAGES}
    return _column(_QUEUE_ID, values)


def find_customers(text: str) -> list[int]:
    """Ids of customers by number, or else by part of the name."""
    text = text.strip()
    exact = list(Customer.objects.filter(number__iexact=text).values_list("pk", flat=True))
    if exact:
        return exact
    named = Customer.objects.filter(Q(name__icontains=text)).values_list("pk", flat=True)
    return list(named[:MAX_ADDRESSES])


def newest_delivery_at() -> datetime | None:
    """When the newest mail came; one step in the newest partition's index."""
    return _moment("DESC")


def oldest_delivery_at() -> datetime | None:
    """Since when mail is kept."""
    return _moment("ASC")


def _moment(order: str) -> datetime | None:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT received_at FROM tracking_delivery ORDER BY received_at {order} LIMIT 1"
        )
        row = cursor.fetchone()
    return row[0] if row else None


def _column(query: str, values: Any) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        return [row[0] for row in cursor.fetchall()]


def _escape(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
