"""What the page of an action on many mails shows."""

from __future__ import annotations

from typing import Any

from django.db.models import Count
from django.http import HttpRequest

from quarantine.choices import Outcome
from quarantine.models import BulkAction, BulkItem
from quarantine.pages import query_with
from quarantine.selectors import find_each
from quarantine.trail import page_by_key, parse_key

PAGE_SIZE = 50


def counts_of(bulk: BulkAction) -> dict[str, int]:
    """How many mails ended in which way so far."""
    rows = bulk.items.values_list("outcome").annotate(n=Count("pk")).order_by("outcome")
    return dict(rows)


def progress_of(request: HttpRequest, bulk: BulkAction) -> dict[str, Any]:
    """Counts, and a page of results, newest first; of one outcome if asked for."""
    counts = counts_of(bulk)
    chosen = request.GET.get("outcome", "")
    items = BulkItem.objects.filter(bulk=bulk)
    if chosen in Outcome.values:
        items = items.filter(outcome=chosen)
    before, after = (parse_key(request.GET.get(name, "")) for name in ("before", "after"))
    page = page_by_key(items, "pk", PAGE_SIZE, before=before, after=after)
    mails = {item.id: item for item in find_each([row.held_id for row in page.rows])}
    return {
        "bulk": bulk,
        "done": sum(counts.values()),
        "total": len(bulk.ids),
        "counts": [(word, n, query_with(request, outcome=word)) for word, n in counts.items()],
        "chosen": chosen,
        "page": page,
        "rows": [(row, mails.get(row.held_id)) for row in page.rows],
        "older_query": query_with(request, before=page.older),
        "newer_query": query_with(request, after=page.newer),
    }
