"""What a filter's own pages deleted from its quarantine; such a line is about no queue id."""

from __future__ import annotations

from typing import Any

from tracking.ingest.records import QuarantineActed
from tracking.ingest.store.copying import instant
from tracking.ingest.store.dictionaries import clean_address, clean_name

# The same line may come by way of two sources.
_NOTE = """
INSERT INTO tracking_quarantinedeletion (host, quarantine_id, recipient, at)
SELECT * FROM unnest(%s::text[], %s::text[], %s::text[], %s::timestamptz[])
ON CONFLICT DO NOTHING
"""


def note_deletions(cursor: Any, records: list[QuarantineActed]) -> None:
    """Keep who deleted what, for who asks for it by the quarantine id."""
    if not records:
        return
    rows = {
        (clean_name(item.host), item.quarantine_id, clean_address(item.recipient)): item.at
        for item in records
    }
    hosts, names, recipients = zip(*rows, strict=True)
    times = [instant(at) for at in rows.values()]
    cursor.execute(_NOTE, [list(hosts), list(names), list(recipients), times])
