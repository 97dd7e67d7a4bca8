"""Pages of stats."""

from __future__ import annotations

from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from mailgw.lib.csv_export import csv_lines, download
from stats.forms import RangeForm
from stats.outbound import csv_rows, outbound_context
from stats.pages import dashboard_context

UNPROCESSABLE = 422


@require_safe
@permission_required("tracking.view_message", raise_exception=True)
def dashboard(request: HttpRequest) -> HttpResponse:
    """What the mail system did in a range of time."""
    form = RangeForm(request.GET)
    if not form.is_valid():
        return render(request, "stats/dashboard.html", {"form": form}, status=UNPROCESSABLE)
    return render(request, "stats/dashboard.html", dashboard_context(form.span()))


@require_safe
@permission_required("tracking.view_message", raise_exception=True)
def outbound(request: HttpRequest) -> HttpResponse:
    """Outbound mail in pictures."""
    form = RangeForm(request.GET)
    if not form.is_valid():
        return render(request, "stats/outbound.html", {"form": form}, status=UNPROCESSABLE)
    return render(request, "stats/outbound.html", outbound_context(form.span()))


@require_safe
@permission_required("tracking.view_message", raise_exception=True)
def outbound_csv(request: HttpRequest) -> HttpResponseBase:
    """The numbers of that page."""
    form = RangeForm(request.GET)
    if not form.is_valid():
        return render(request, "stats/outbound.html", {"form": form}, status=UNPROCESSABLE)
    lines = csv_lines(("picture", "what", "beside", "number"), csv_rows(form))
    return download(lines, "text/csv", "outbound.csv")
