"""The audit trail to read and to take away."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import django_filters
from django import forms
from django.contrib.auth.decorators import permission_required
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from mailgw.lib.csv_export import csv_lines
from mailgw.lib.csv_export import download as as_file
from quarantine import audit
from quarantine.choices import Outcome, Verb
from quarantine.models import AuditHead, QuarantineAction
from quarantine.pages import actor_of, query_with
from quarantine.trail import page_by_key, parse_key
from quarantine.views import UNPROCESSABLE
from tracking.forms import LocalDateTimeInput

PAGE_SIZE = 100
MAY_AUDIT = "quarantine.audit"
_FIRST_YEAR, _LAST_YEAR = 1971, 9998


class AuditForm(forms.Form):
    """What is wrong with a filter is said beside its field."""

    def clean(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        since, until = cleaned.get("since"), cleaned.get("until")
        for name, value in (("since", since), ("until", until)):
            if value and not _FIRST_YEAR <= value.year <= _LAST_YEAR:
                self.add_error(name, _("This year is out of range."))
        if since and until and since > until:
            self.add_error("until", _("The end must be after the beginning."))
        return cleaned


class AuditFilterSet(django_filters.FilterSet):  # type: ignore[misc]  # untyped
    """Whole words: what is looked for is known exactly."""

    actor = django_filters.CharFilter(label=_("Who"), max_length=300)
    verb = django_filters.ChoiceFilter(label=_("What"), choices=Verb.choices)
    outcome = django_filters.ChoiceFilter(label=_("Outcome"), choices=Outcome.choices)
    recipient = django_filters.CharFilter(label=_("Recipient"), max_length=500)
    quarantine_id = django_filters.CharFilter(label=_("Quarantine id"), max_length=300)
    since = django_filters.IsoDateTimeFilter(
        label=_("Since"), field_name="at", lookup_expr="gte", widget=LocalDateTimeInput
    )
    until = django_filters.IsoDateTimeFilter(
        label=_("Until"), field_name="at", lookup_expr="lt", widget=LocalDateTimeInput
    )

    class Meta:
        form = AuditForm


@require_safe
@permission_required(MAY_AUDIT, raise_exception=True)
def audit_list(request: HttpRequest) -> HttpResponse:
    """Who did what, newest first, with the end of the chain to note elsewhere."""
    filters = AuditFilterSet(request.GET, queryset=QuarantineAction.objects.all())
    if not filters.is_valid():
        context = {"filter": filters}
        return render(request, "quarantine/audit.html", context, status=UNPROCESSABLE)
    return render(request, "quarantine/audit.html", _context(request, filters))


def _context(request: HttpRequest, filters: AuditFilterSet) -> dict[str, Any]:
    before, after = (parse_key(request.GET.get(name, "")) for name in ("before", "after"))
    found: QuerySet[QuarantineAction] = filters.qs
    page = page_by_key(found, "number", PAGE_SIZE, before=before, after=after)
    return {
        "filter": filters,
        "page": page,
        "head": AuditHead.objects.first(),
        "older_query": query_with(request, before=page.older),
        "newer_query": query_with(request, after=page.newer),
    }


@require_POST
@permission_required(MAY_AUDIT, raise_exception=True)
def audit_export(request: HttpRequest, ending: str) -> StreamingHttpResponse:
    """The whole trail as a file; that it was taken is a row of it."""
    audit.append(audit.Entry(actor_of(request).who, Verb.EXPORT_AUDIT, Outcome.DONE))
    if ending == "csv":
        return as_file(_csv(), "text/csv", "quarantine-audit.csv")
    lines = (json.dumps(row, ensure_ascii=False) + "\n" for row in audit.export_rows())
    return as_file(lines, "application/x-ndjson", "quarantine-audit.ndjson")


def _csv() -> Iterator[str]:
    rows = ([row[name] for name in audit.EXPORTED] for row in audit.export_rows())
    return csv_lines(audit.EXPORTED, rows)
