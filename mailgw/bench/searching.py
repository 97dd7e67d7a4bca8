"""``python -m mailgw.bench.searching COUNT``: times searches of each kind over thirty days.

Prints one JSON object: kind → [[text for grep, seconds], …]. A search is what the page does: the
form, the lookups, the first page and its rows. "chips" are the counts beside it, "page N" a page
deep in the result. A search is run twice and the second time counts: the first warms the caches.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator

import django
from django.db import connection
from django.http import QueryDict

django.setup()

import mailgw.wsgi  # noqa: E402, F401 (leaves what it loaded out of collection, as a server does)
from tracking.filters import ALL_DELIVERIES, DeliveryFilterSet  # noqa: E402
from tracking.selectors.keyset import Cursor  # noqa: E402
from tracking.selectors.search import count_dispositions, find_deliveries  # noqa: E402

Times = dict[str, list[tuple[str, float]]]
# Of the same mails a value for each kind of text, in that order.
BOX = (
    "sender",
    "recipient",
    "sender and recipient",
    "domain",
    "part of an address",
    "queue id",
    "Message-ID",
    "client IP",
    "client network",
)
_MAILS = """
SELECT s.address, r.address, s.address || ' ' || r.address, split_part(r.address, '@', 2),
       '*' || substr(r.address, 2, 7) || '*', h.queue_id, m.message_id, host(m.client_ip),
       text(network(set_masklen(m.client_ip, 24)))
FROM (
    SELECT * FROM tracking_message
    WHERE client_ip IS NOT NULL AND message_id <> '' ORDER BY hashint8(id) LIMIT %s
) m
JOIN tracking_hop h ON h.id = m.id AND h.received_at = m.received_at
JOIN LATERAL (
    SELECT recipient_id FROM tracking_delivery d
    WHERE d.message_id = m.id AND d.received_at = m.received_at LIMIT 1
) d ON true
JOIN tracking_address r ON r.id = d.recipient_id
JOIN tracking_address s ON s.id = m.sender_id AND s.address <> ''
"""
_CUSTOMERS = "SELECT number FROM tracking_customer ORDER BY hashtext(number) LIMIT %s"
# Kind → (text for grep, query string) of each search.
FILTERS: dict[str, tuple[tuple[str, str], ...]] = {
    "disposition": (
        ("status=bounced", "disposition=bounced"),
        ("status=deferred", "disposition=deferred"),
        ("status=expired", "disposition=expired"),
        ("quarantine", "disposition=quarantined"),
    ),
    "dsn": (
        ("dsn=5.1.1", "dsn=5.1.1"),
        ("dsn=4.", "dsn=4"),
        ("dsn=5.7.26", "dsn=5.7.26"),
        ("dsn=5.9.9", "dsn=5.9.9"),
    ),
    "reply text": (
        ("user unknown", "smtp_reply=user+unknown"),
        ("mailbox full", "smtp_reply=mailbox+full"),
        ("quota", "smtp_reply=quota"),
        ("queued as", "smtp_reply=queued+as"),
    ),
    "reason code": (
        ("5.1.1", "reason=BNC_NO_USER"),
        ("5.2.2", "reason=BNC_FULL"),
        ("timed out", "reason=DEF_TIMEOUT"),
        ("virus quarantine", "reason=HELD_VIRUS"),
    ),
    "quarantine kind": (
        ("spam quarantine", "quarantine_kind=spam"),
        ("virus quarantine", "quarantine_kind=virus"),
    ),
    "score": (("SA score", "score_min=5"), ("SA score=1", "score_min=10")),
    "size": (("size=", "size_min=1M"), ("size=", "size_min=8M")),
    "way": (("relay=", "role=tr"), ("relay=", "relay=mx"), ("TLS", "tls=yes")),
    "once": (
        ("status=", "once=yes"),
        ("status=bounced", "once=yes&disposition=bounced"),
        ("dsn=5.1.1", "once=yes&dsn=5.1.1"),
    ),
    "many hops": (("relay=", "hops_min=3"), ("relay=", "hops_min=4")),
    "combination": (
        ("status=bounced", "service_class=premium&disposition=bounced"),
        ("dsn=5.1.1", "direction=outbound&dsn=5.1.1"),
        ("status=deferred", "role=tr&disposition=deferred"),
        ("status=bounced", "size_min=1M&disposition=bounced"),
    ),
    "empty result": (
        ("nobody@nowhere.example", "q=nobody@nowhere.example"),
        ("192.0.2.250", "q=192.0.2.250"),
        ("zzzzqqq", "q=part:zzzzqqq"),
        ("5.9.9", "dsn=5.9.9&direction=inbound"),
    ),
    "everything": (("status=", ""),),
}

KINDS = (*BOX, "customer", *FILTERS, "chips", "page N")


def measure(count: int) -> Times:
    times: Times = {}
    for kind, text, query in _searches(count):
        times.setdefault(kind, []).append((text, _second(find, query)))
    for searches in (FILTERS["disposition"], FILTERS["way"], FILTERS["everything"]):
        for text, query in searches:
            times.setdefault("chips", []).append((text, _second(count_chips, query)))
            times.setdefault("page N", []).append((text, _second(find_deep, query)))
    return times


def _searches(count: int) -> Iterator[tuple[str, str, str]]:
    """(kind, text for grep, query string)."""
    with connection.cursor() as cursor:
        cursor.execute(_MAILS, [count])
        for mail in cursor.fetchall():
            for kind, text in zip(BOX, mail, strict=True):
                yield kind, text.split(" ")[0], _box(text)
        cursor.execute(_CUSTOMERS, [count])
        for (number,) in cursor.fetchall():
            yield "customer", number, _box(f"customer:{number}")
    for kind, searches in FILTERS.items():
        for text, query in searches:
            yield kind, text, query


def _box(text: str) -> str:
    query = QueryDict(mutable=True)
    query["q"] = text
    return query.urlencode()


def _second(search: Callable[[str], float], query: str) -> float:
    search(query)
    return search(query)


def find(query: str) -> float:
    """Seconds of the first page."""
    begun = time.perf_counter()
    find_deliveries(_filters(query).qs)
    return time.perf_counter() - begun


def find_deep(query: str) -> float:
    """Seconds of a page in the middle of the range, as the cursor of a link names it."""
    filters = _filters(query)
    found = filters.qs
    middle = found.since + (found.until - found.since) / 2
    begun = time.perf_counter()
    find_deliveries(found, before=Cursor(middle, 0))
    return time.perf_counter() - begun


def count_chips(query: str) -> float:
    """Seconds of the counts by disposition."""
    filters = _filters(query)
    begun = time.perf_counter()
    count_dispositions(filters.without("disposition"))
    return time.perf_counter() - begun


def _filters(query: str) -> DeliveryFilterSet:
    filters = DeliveryFilterSet(QueryDict(f"period=30d&{query}"), queryset=ALL_DELIVERIES)
    if not filters.is_valid():
        message = f"no search for {query}: {filters.errors.as_json()}"
        raise ValueError(message)
    return filters


if __name__ == "__main__":
    sys.stdout.write(f"{json.dumps(measure(int(sys.argv[1])))}\n")
