"""Pages of tracking: search, rejections, status."""

from __future__ import annotations

from django.contrib.auth.decorators import permission_required
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseRedirect,
)
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from mailgw.lib import htmx
from tracking.columns import chosen_columns, fields_of
from tracking.downloads import FORMATS, as_csv
from tracking.filters import (
    ALL_DELIVERIES,
    ALL_REJECTIONS,
    DeliveryFilterSet,
    RejectionFilterSet,
)
from tracking.pages import (
    asked_query,
    rejections_context,
    search_context,
    status_context,
    unclassified_context,
)
from tracking.periods import Period
from tracking.refusals import refusal_texts
from tracking.selectors.evidence import rejection_evidence
from tracking.selectors.keyset import Cursor
from tracking.selectors.rejections import FoundRejection, iterate_rejections, rejection_at
from tracking.selectors.search import iterate_deliveries
from tracking.serializers import DeliverySerializer, RejectionSerializer

SEE_OTHER, UNPROCESSABLE = 303, 422


@require_safe
@permission_required("tracking.view_message", raise_exception=True)
@vary_on_headers("HX-Request")
def search(request: HttpRequest) -> HttpResponse:
    """One row for each Message and recipient, newest first."""
    filters = DeliveryFilterSet(request.GET, queryset=ALL_DELIVERIES, request=request)
    name = htmx.template(request, "tracking/search.html", "tracking/_search.html")
    if not filters.is_valid():
        context = {"filter": filters, "columns": chosen_columns(request.GET)}
        return render(request, name, context, status=UNPROCESSABLE)
    return render(request, name, search_context(request, filters))


@require_POST
@permission_required("tracking.view_message", raise_exception=True)
def ask(request: HttpRequest) -> HttpResponse:
    """The box, and the form around it: to the search, in a link that is as short as can be."""
    url = reverse("tracking:search") + asked_query(request.POST)
    return HttpResponseRedirect(url, status=SEE_OTHER)


@require_safe
@permission_required("tracking.view_message", raise_exception=True)
def export_search(request: HttpRequest, ending: str) -> HttpResponseBase:
    """The whole result as a file."""
    filters = DeliveryFilterSet(request.GET, queryset=ALL_DELIVERIES, request=request)
    if not filters.is_valid():
        context = {"filter": filters}
        return render(request, "tracking/search.html", context, status=UNPROCESSABLE)
    fields = fields_of(chosen_columns(request.GET))
    rows = iterate_deliveries(filters.qs)
    return FORMATS[ending](rows, DeliverySerializer, "deliveries", fields)


@require_safe
@permission_required("tracking.view_rejection", raise_exception=True)
@vary_on_headers("HX-Request")
def rejections(request: HttpRequest) -> HttpResponse:
    """What was refused at the door, newest first."""
    filters = RejectionFilterSet(request.GET, queryset=ALL_REJECTIONS, request=request)
    name = htmx.template(request, "tracking/rejections.html", "tracking/_rejections.html")
    if not filters.is_valid():
        return render(request, name, {"filter": filters}, status=UNPROCESSABLE)
    return render(request, name, rejections_context(request, filters))


@require_safe
@permission_required("tracking.view_rejection", raise_exception=True)
def rejection(request: HttpRequest, place: str) -> HttpResponse:
    """One refusal: what happened, why, and what to tell the caller."""
    found = _rejection(place)
    context = {"rejection": found, "texts": refusal_texts(found)}
    return render(request, "tracking/rejection_detail.html", context)


@require_safe
@permission_required("tracking.view_rejection", raise_exception=True)
@vary_on_headers("HX-Request")
def rejection_lines(request: HttpRequest, place: str) -> HttpResponse:
    """The raw log lines of one refusal."""
    found = _rejection(place)
    name = htmx.template(request, "tracking/rejection_lines.html", "tracking/_rejection_lines.html")
    context = {"rejection": found, "evidence": rejection_evidence(found)}
    return render(request, name, context)


def _rejection(place: str) -> FoundRejection:
    cursor = Cursor.parse(place)
    found = rejection_at(cursor) if cursor is not None else None
    if found is None:
        raise Http404
    return found


@require_safe
@permission_required("tracking.view_rejection", raise_exception=True)
def export_rejections(request: HttpRequest) -> HttpResponseBase:
    """The whole result as CSV."""
    filters = RejectionFilterSet(request.GET, queryset=ALL_REJECTIONS, request=request)
    if not filters.is_valid():
        context = {"filter": filters}
        return render(request, "tracking/rejections.html", context, status=UNPROCESSABLE)
    return as_csv(iterate_rejections(filters.qs), RejectionSerializer, "rejections")


@require_safe
@permission_required("tracking.view_logsource", raise_exception=True)
def status(request: HttpRequest) -> HttpResponse:
    """How complete the log is."""
    return render(request, "tracking/status.html", status_context())


@require_safe
@permission_required("tracking.view_reply", raise_exception=True)
def unclassified(request: HttpRequest) -> HttpResponse:
    """Replies for which no reason is known."""
    period = request.GET.get("period", Period.WEEK)
    if period not in Period.values:
        context = {"periods": Period.choices}
        return render(request, "tracking/unclassified.html", context, status=UNPROCESSABLE)
    return render(request, "tracking/unclassified.html", unclassified_context(request, period))
