"""Pages of stats."""

from __future__ import annotations

from django.contrib.auth.decorators import permission_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from stats.forms import RangeForm
from stats.pages import dashboard_context, span_shown
from stats.pictures import DASHBOARD, bars_picture, picture_file
from stats.selectors import extent

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
def dashboard_svg(request: HttpRequest, name: str) -> HttpResponse:
    """One of its charts as a file."""
    form = RangeForm(request.GET)
    if not form.is_valid():
        return render(request, "stats/dashboard.html", {"form": form}, status=UNPROCESSABLE)
    if name not in DASHBOARD:
        raise Http404
    known = extent()
    span = span_shown(form.span(), known)
    scope = _("Filter: mail of the whole site; without notifications and probes")
    return picture_file(bars_picture(DASHBOARD[name](span)), name, scope, span, known)
