"""What the pages of tracking show: selectors' answers put together for the templates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, QueryDict
from django.utils import timezone
from django.utils.functional import Promise

from tracking.alternatives import alternatives_to
from tracking.columns import chosen_columns, column_form, hidden_columns
from tracking.filters import DeliveryFilterSet, RejectionFilterSet
from tracking.one_box import shorten
from tracking.periods import Period, TimeRange, resolve_range
from tracking.range_filters import RangeFilterSet
from tracking.saved_forms import SavedSearchForm
from tracking.saved_searches import searches_for
from tracking.selectors.absence import Absence, Asked, explain_absence
from tracking.selectors.box import own_notes
from tracking.selectors.keyset import Cursor, Note
from tracking.selectors.lookups import newest_delivery_at
from tracking.selectors.rejections import find_rejections
from tracking.selectors.search import (
    FoundDelivery,
    FoundPage,
    count_dispositions,
    dispositions_of,
    find_deliveries,
)
from tracking.selectors.status import (
    relay_statuses,
    source_statuses,
    unsupported_lines,
    unsupported_shapes,
)
from tracking.selectors.unclassified import unclassified_replies
from tracking.tables import DeliveryTable, RejectionTable
from tracking.wording import describe, describe_alternative

_PLACES = ("before", "after")
MAX_SAVED = 12
_NOT_CHIPS = {"q", "since", "until", "period"}


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
    user: Any = request.user
    columns = chosen_columns(request.GET)
    is_first = not any(name in request.GET for name in _PLACES)
    is_absent = is_first and not page.rows and page.reached is None
    return {
        **_list_context(request, filters, page),
        "notes": describe([*found.notes, *_own_notes(filters, page.rows)]),
        "table": DeliveryTable(page.rows, exclude=hidden_columns(columns)),
        "columns": columns,
        "column_form": column_form(columns),
        "kept": _kept(request),
        "saved": list(searches_for(user)[:MAX_SAVED]),
        "save_form": SavedSearchForm(user, initial={"query": _query(request)}),
        "chips": _chips(request, filters, page if is_first else None),
        "absence": absence_of(filters) if is_absent else None,
        "alternatives": _alternatives(request, filters),
        "everywhere_query": _everywhere(request),
    }


def _own_notes(filters: DeliveryFilterSet, rows: list[FoundDelivery]) -> list[Note]:
    return own_notes(filters.understood, [(row.direction, row.recipient) for row in rows])


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


def unclassified_context(request: HttpRequest, period: str) -> dict[str, Any]:
    """Replies without a reason in one of the preset ranges."""
    chosen = resolve_range(timezone.localtime(), newest_delivery_at(), period=period)
    return {
        "found": unclassified_replies(chosen.since, chosen.until),
        "range": chosen,
        "periods": _periods(request, chosen),
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
        "used": _used_filters(request, filters),
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
        if isinstance(value, list):
            query.setlist(name, value)
        elif value is not None:
            query[name] = str(value)
    return f"?{_without_empty(query).urlencode()}"


def asked_query(given: QueryDict) -> str:
    """The query string of a form that was sent: no empty fields, a pasted text as its ids."""
    query = given.copy()
    for name in (*_PLACES, "csrfmiddlewaretoken"):
        query.pop(name, None)
    if "q" in query:
        query["q"] = shorten(str(query["q"]))
    return f"?{_without_empty(query).urlencode()}"


def _kept(request: HttpRequest) -> list[tuple[str, str]]:
    """The search as fields of a form that chooses columns."""
    query = QueryDict(_query(request, columns=None).removeprefix("?"))
    return [(name, value) for name, values in query.lists() for value in values]


def _without_empty(query: QueryDict) -> QueryDict:
    for name in list(query):
        values = [value for value in query.getlist(name) if value]
        if values:
            query.setlist(name, values)
        else:
            del query[name]
    return query


def _used_filters(request: HttpRequest, filters: RangeFilterSet) -> list[Choice]:
    """The filters that are in use; each link takes one out."""
    used = []
    for field in filters.form:
        values = [value for value in request.GET.getlist(field.name) if value]
        if field.name in _NOT_CHIPS:
            continue
        words = dict(getattr(field.field, "choices", ()))
        for value in values:
            rest = [other for other in values if other != value]
            text = f"{field.label}: {words.get(value, value)}"
            used.append(Choice(text, _query(request, **{field.name: rest}), is_chosen=True))
    return used


def _alternatives(request: HttpRequest, filters: DeliveryFilterSet) -> list[Choice]:
    return [
        Choice(describe_alternative(other), _query(request, **other.changes), is_chosen=False)
        for other in alternatives_to(filters.understood)
    ]


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


def _chips(
    request: HttpRequest, filters: DeliveryFilterSet, page: FoundPage[FoundDelivery] | None
) -> list[Choice]:
    """Counts by disposition of the result as if no disposition were chosen."""
    chosen = set(filters.form.cleaned_data["disposition"])
    is_whole = page is not None and page.older is None and not chosen
    counts = (
        dispositions_of(page.rows)
        if page is not None and is_whole
        else count_dispositions(filters.without("disposition"))
    )
    chips = []
    for counted in counts:
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
    return Asked(filters.understood, addresses, given["client"])


def absence_of(filters: DeliveryFilterSet) -> Absence:
    """Why a valid search found nothing."""
    return explain_absence(filters.qs, filters.everywhere(), _asked(filters))
