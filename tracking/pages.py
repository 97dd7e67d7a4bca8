"""What the pages of tracking show: selectors' answers put together for the templates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import Promise

from tracking.filters import DeliveryFilterSet, RangeFilterSet, RejectionFilterSet
from tracking.periods import Period, TimeRange
from tracking.selectors.absence import Asked, explain_absence
from tracking.selectors.keyset import Cursor
from tracking.selectors.rejections import find_rejections
from tracking.selectors.search import FoundPage, count_dispositions, find_deliveries
from tracking.selectors.status import (
    relay_statuses,
    source_statuses,
    unsupported_lines,
    unsupported_shapes,
)
from tracking.tables import DeliveryTable, RejectionTable
from tracking.wording import describe

_PLACES = ("before", "after")


@dataclass(frozen=True, slots=True)
class Choice:
    """A link that changes one thing of the search; ``count`` is text such as ``1,000+``."""

    label: str | Promise
    query: str
    is_chosen: bool
    value: str = ""
    count: int = 0
    is_capped: bool = False


def search_context(request: HttpRequest, filters: DeliveryFilterSet) -> dict[str, Any]:
    """A page of the search: rows, chips and, where there are no rows, why."""
    found = filters.qs
    page = find_deliveries(
        found, before=_cursor(request, "before"), after=_cursor(request, "after")
    )
    is_absent = not page.rows and not any(name in request.GET for name in _PLACES)
    return {
        **_list_context(request, filters, page),
        "table": DeliveryTable(page.rows),
        "chips": _chips(request, filters),
        "absence": explain_absence(found, filters.everywhere(), _asked(filters))
        if is_absent
        else None,
        "everywhere_query": _everywhere(request),
    }


def rejections_context(request: HttpRequest, filters: RejectionFilterSet) -> dict[str, Any]:
    """A page of rejections."""
    page = find_rejections(
        filters.qs, before=_cursor(request, "before"), after=_cursor(request, "after")
    )
    return {**_list_context(request, filters, page), "table": RejectionTable(page.rows)}


def status_context() -> dict[str, Any]:
    return {
        "sources": source_statuses(),
        "shapes": unsupported_shapes(),
        "unsupported": unsupported_lines(),
        "relays": relay_statuses(),
        "now": timezone.now(),
    }


def _list_context(
    request: HttpRequest, filters: RangeFilterSet, page: FoundPage[Any]
) -> dict[str, Any]:
    search = filters.qs
    return {
        "filter": filters,
        "page": page,
        "range": filters.time_range,
        "periods": _periods(request, filters.time_range),
        "notes": describe(search.notes),
        "older_query": _query(request, before=page.older),
        "newer_query": _query(request, after=page.newer),
        "export_query": _query(request),
    }


def _cursor(request: HttpRequest, name: str) -> Cursor | None:
    """A cursor that is none begins at the first page."""
    return Cursor.parse(request.GET.get(name, ""))


def _query(request: HttpRequest, **changes: Any) -> str:
    """This page's query string with changes, from the first page unless they say where."""
    query = request.GET.copy()
    for name in (*_PLACES, *changes):
        query.pop(name, None)
    for name, value in changes.items():
        if value is not None:
            query[name] = str(value)
    for name in [name for name in query if not any(query.getlist(name))]:
        del query[name]
    return f"?{query.urlencode()}"


def _periods(request: HttpRequest, chosen: TimeRange) -> list[Choice]:
    return [
        Choice(
            period.label,
            _query(request, period=period.value, since=None, until=None),
            chosen.period == period.value,
        )
        for period in Period
    ]


def _everywhere(request: HttpRequest) -> str:
    return _query(request, since="1971-01-02T00:00:00Z", until=None, period=None)


def _chips(request: HttpRequest, filters: DeliveryFilterSet) -> list[Choice]:
    """Counts by disposition of the result as if no disposition were chosen."""
    chosen = set(filters.form.cleaned_data["disposition"])
    chips = []
    for counted in count_dispositions(filters.without("disposition")):
        name = counted.disposition.name.lower()
        query = _query(request, disposition=None if chosen == {name} else name)
        chips.append(
            Choice(
                counted.disposition.label,
                query,
                name in chosen,
                name,
                counted.count,
                counted.is_capped,
            )
        )
    return chips


def _asked(filters: DeliveryFilterSet) -> Asked:
    given = filters.form.cleaned_data
    addresses = tuple(given[name] for name in ("envelope_sender", "recipient") if given[name])
    return Asked(given["q"], addresses, given["client"])
