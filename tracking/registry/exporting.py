"""The registry as CSV: read again, it changes nothing."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import F

from mailgw.lib.csv_export import csv_lines
from tracking.models import Customer
from tracking.registry.rows import COLUMNS

_BATCH = 2000
MARK = "\ufeff"  # spreadsheets know by it that this is UTF-8


def registry_lines() -> Iterator[str]:
    """The header, then a line for each network, and one for each customer without any."""
    rows = (
        Customer.objects.order_by("number", "networks__network")
        .annotate(network=F("networks__network"), network_note=F("networks__note"))
        .values_list(*COLUMNS)
    )
    return csv_lines(COLUMNS, rows.iterator(chunk_size=_BATCH))
