"""Whose held mail is, by the registry as it is now."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import connection, transaction

from tracking.ingest.store.ownership import NetworkTable

_CLIENTS = """
SELECT DISTINCT host(client_ip), coalesce(network_id, 0), coalesce(customer_id, 0)
FROM quarantine_quarantinedmessage
WHERE received_at >= %(since)s AND received_at < %(until)s
  AND message_ref IS NOT NULL AND client_ip IS NOT NULL
"""
_CHANGE = """
UPDATE quarantine_quarantinedmessage q
SET network_id = nullif(c.network_id, 0), customer_id = nullif(c.customer_id, 0)
FROM unnest(%(clients)s::inet[], %(networks)s::integer[], %(customers)s::integer[])
     AS c (client_ip, network_id, customer_id)
WHERE q.client_ip = c.client_ip AND q.received_at >= %(since)s AND q.received_at < %(until)s
  AND q.message_ref IS NOT NULL
  AND (coalesce(q.network_id, 0), coalesce(q.customer_id, 0))
      IS DISTINCT FROM (c.network_id, c.customer_id)
"""


def reattribute_held(since: datetime, until: datetime, registry: NetworkTable) -> int:
    """Give held mail that is linked to the log the owner of its client; how many changed."""
    bounds: dict[str, Any] = {"since": since, "until": until}
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_CLIENTS, bounds)
        clients = [
            client for client, *was in cursor.fetchall() if registry.owner(client) != tuple(was)
        ]
        owners = [registry.owner(client) for client in clients]
        values = {
            "clients": clients,
            "networks": [owner.network_id for owner in owners],
            "customers": [owner.customer_id for owner in owners],
        }
        cursor.execute(_CHANGE, bounds | values)
        return int(cursor.rowcount)
