"""The mail of a time as one temporary table, from which all rollups of that time are made.

``counted_mail`` has a row for each recipient that has a last word, except of probes. A recipient
whose text is not known has the ids 0. ``counted_provider`` and ``counted_reason`` say what the ids
in it come to: names are resolved in Python, each distinct one once.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from stats.rollups.definition import IS_MAIL
from tracking.choices import MessageKind
from tracking.ingest.store.copying import scratch_table
from tracking.reasons import reason_code
from tracking.selectors.providers import provider_table

_COLUMNS = """
id bigint, delivery_id bigint, relay_id integer, last_relay_id integer, network_id integer,
service_class text, direction smallint, kind smallint, size_bytes integer, sender_id integer,
sasl_user_id integer, client_ip inet, recipient_id integer, original_recipient_id integer,
relay_name_id integer, reply_id integer, disposition smallint, quarantine_kind smallint,
is_tls boolean, is_retried boolean, delay_ms bigint, client_tls boolean, is_first boolean,
domain_id integer
"""
# An address is looked up by its key: of millions, few are of this time. The bounds are told of
# every table: they aren't inherited through joins, and prune partitions.
_COLLECT = f"""
INSERT INTO counted_mail
SELECT m.id, d.id, m.relay_id, h.relay_id, m.network_id, coalesce(c.service_class, ''),
       m.direction, m.kind, m.size_bytes, m.sender_id, m.sasl_user_id, m.client_ip,
       d.recipient_id, d.original_recipient_id, coalesce(d.relay_name_id, 0),
       coalesce(d.reply_id, 0), d.disposition, d.quarantine_kind, d.is_tls IS TRUE,
       d.attempts > 1,
       round(1000 * (coalesce(d.before_queue_seconds, 0)::float8 + d.in_queue_seconds
                     + coalesce(d.connect_seconds, 0) + coalesce(d.transmit_seconds, 0)))::bigint,
       f.is_tls IS TRUE, row_number() OVER (PARTITION BY m.id ORDER BY d.id) = 1,
       coalesce((SELECT a.domain_id FROM tracking_address a WHERE a.id = d.recipient_id), 0)
FROM tracking_message m
JOIN tracking_delivery d ON d.message_id = m.id
LEFT JOIN tracking_hop h ON h.id = d.hop_id
    AND h.received_at >= %(since)s AND h.received_at < %(until)s
LEFT JOIN tracking_hop f ON f.id = m.id
    AND f.received_at >= %(since)s AND f.received_at < %(until)s
LEFT JOIN tracking_customer c ON c.id = m.customer_id
WHERE m.received_at >= %(since)s AND m.received_at < %(until)s
  AND d.received_at >= %(since)s AND d.received_at < %(until)s
  AND d.is_final AND m.kind <> {MessageKind.PROBE.value}
"""
_PAIRS = f"""
SELECT relay_name_id, domain_id, count(*) FROM counted_mail WHERE {IS_MAIL} GROUP BY 1, 2
"""
_ENDINGS = f"""
SELECT DISTINCT disposition, quarantine_kind, reply_id FROM counted_mail WHERE {IS_MAIL}
"""


def count_mail(cursor: Any, since_until: dict[str, Any]) -> None:
    """Fill the temporary tables; they are emptied at the end of the transaction.

    They are not analyzed: that costs as much as it saves, for every plan is a scan and a hash.
    """
    # Ids and times grow together, which the planner does not know: it takes the joins of an hour
    # for a row or two, and would look through the whole day for each.
    cursor.execute(
        "SET LOCAL work_mem = '64MB'; SET LOCAL jit = off; SET LOCAL enable_nestloop = off"
    )
    scratch_table(cursor, "counted_mail", _COLUMNS)
    cursor.execute(_COLLECT, since_until)
    _resolve_providers(cursor)
    _resolve_reasons(cursor)


def _resolve_providers(cursor: Any) -> None:
    cursor.execute(_PAIRS)
    pairs = cursor.fetchall()
    names = _texts(cursor, "tracking_name", "name", {pair[0] for pair in pairs})
    domains = _texts(cursor, "tracking_domain", "name", {pair[1] for pair in pairs})
    found = provider_table().resolve(
        ((relay, domain), names.get(relay, ""), domains.get(domain, ""), count)
        for relay, domain, count in pairs
    )
    columns = {"relay_name_id": "integer", "domain_id": "integer", "provider": "text"}
    _store(cursor, "counted_provider", columns, [(*key, name) for key, name in found.items()])


def _resolve_reasons(cursor: Any) -> None:
    cursor.execute(_ENDINGS)
    endings = cursor.fetchall()
    templates = _texts(cursor, "tracking_reply", "template", {ending[2] for ending in endings})
    columns = {
        "disposition": "smallint",
        "quarantine_kind": "smallint",
        "reply_id": "integer",
        "reason": "text",
    }
    rows = [
        (disposition, kind, reply, reason_code(disposition, kind, templates.get(reply, "")))
        for disposition, kind, reply in endings
    ]
    _store(cursor, "counted_reason", columns, rows)


def _texts(cursor: Any, table: str, column: str, ids: Iterable[int]) -> dict[int, str]:
    cursor.execute(f"SELECT id, {column} FROM {table} WHERE id = ANY(%s)", [list(ids)])
    return dict(cursor.fetchall())


def _store(
    cursor: Any, table: str, columns: dict[str, str], rows: Iterable[tuple[Any, ...]]
) -> None:
    """Rows of a temporary table, as one array for each column."""
    scratch_table(cursor, table, ", ".join(f"{name} {kind}" for name, kind in columns.items()))
    values = [list(column) for column in zip(*rows, strict=True)] or [[] for _ in columns]
    arrays = ", ".join(f"%s::{kind}[]" for kind in columns.values())
    cursor.execute(f"INSERT INTO {table} SELECT * FROM unnest({arrays})", values)
