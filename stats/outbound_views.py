"""Outbound mail: the page, its pictures and numbers as files, and the poster."""

from __future__ import annotations

from django.contrib.auth.decorators import permission_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from mailgw.lib.csv_export import csv_lines, download
from stats.drawing.pdf import pdf
from stats.drawing.shapes import Picture
from stats.drawing.svg import svg
from stats.forms import RangeForm
from stats.outbound import outbound_context
from stats.outbound_csv import HEADER, csv_rows
from stats.outbound_pictures import PICTURES
from stats.pages import span_shown
from stats.pictures import download_file, picture_file
from stats.poster import SCOPE, poster
from stats.selectors import extent

UNPROCESSABLE = 422


@require_safe
@permission_required("tracking.view_message", raise_exception=True)
def outbound(request: HttpRequest) -> HttpResponse:
    """Outbound mail in pictures."""
    form = RangeForm(request.GET)
    if not form.is_valid():
        return _invalid(request, form)
    context = outbound_context(form.span())
    return render(request, "stats/outbound.html", {**context, "poster": svg(poster(context))})


@require_safe
@permission_required("tracking.view_message", raise_exception=True)
def outbound_csv(request: HttpRequest) -> HttpResponseBase:
    """The numbers of that page."""
    form = RangeForm(request.GET)
    if not form.is_valid():
        return _invalid(request, form)
    lines = csv_lines(HEADER, csv_rows(form))
    return download(lines, "text/csv", "outbound.csv")


@require_safe
@permission_required("tracking.view_message", raise_exception=True)
def outbound_svg(request: HttpRequest, name: str) -> HttpResponse:
    """One picture."""
    form = RangeForm(request.GET)
    if not form.is_valid():
        return _invalid(request, form)
    draw = PICTURES.get(name)
    if draw is None:
        raise Http404
    known = extent()
    span = span_shown(form.span(), known)
    return picture_file(draw(span), name, str(SCOPE), span, known)


@require_safe
@permission_required("tracking.view_message", raise_exception=True)
def outbound_poster(request: HttpRequest) -> HttpResponse:
    """The page on one sheet, as PDF."""
    form = RangeForm(request.GET)
    if not form.is_valid():
        return _invalid(request, form)
    sheet: Picture = poster(outbound_context(form.span()))
    return download_file(pdf(sheet), "application/pdf", "outbound.pdf")


def _invalid(request: HttpRequest, form: RangeForm) -> HttpResponse:
    return render(request, "stats/outbound.html", {"form": form}, status=UNPROCESSABLE)
