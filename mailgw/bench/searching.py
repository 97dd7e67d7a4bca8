"""``python -m mailgw.bench.searching COUNT``: times searches for real values of each kind.

Prints one JSON object: kind → [[value, seconds], …]. A search is what the box of the search page
does for a text: understand it, find the first page of a week, read its rows.
"""

from __future__ import annotations

import json
import sys
import time

import django
from django.db import connection

django.setup()

from tracking.filters import ALL_DELIVERIES, DeliveryFilterSet  # noqa: E402
from tracking.selectors.search import find_deliveries  # noqa: E402

KINDS = (
    "sender",
    "recipient",
    "part of an address",
    "domain",
    "queue id",
    "Message-ID",
    "client IP",
    "client network",
)
# Of the same mails a value for each kind, in that order.
_MAILS = """
SELECT s.address, r.address, '*' || substr(r.address, 2, 7) || '*',
       split_part(r.address, '@', 2), h.queue_id, m.message_id, host(m.client_ip),
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


def measure(count: int) -> dict[str, list[tuple[str, float]]]:
    with connection.cursor() as cursor:
        cursor.execute(_MAILS, [count])
        mails = cursor.fetchall()
    times: dict[str, list[tuple[str, float]]] = {}
    for kind, values in zip(KINDS, zip(*mails, strict=True), strict=True):
        _search(values[0])
        times[kind] = [(value, _search(value)) for value in values]
    return times


def _search(text: str) -> float:
    begun = time.perf_counter()
    filters = DeliveryFilterSet({"q": text, "period": "7d"}, queryset=ALL_DELIVERIES)
    if not filters.is_valid():
        message = f"no search for {text}: {filters.errors.as_json()}"
        raise ValueError(message)
    find_deliveries(filters.qs)
    return time.perf_counter() - begun


if __name__ == "__main__":
    sys.stdout.write(f"{json.dumps(measure(int(sys.argv[1])))}\n")
