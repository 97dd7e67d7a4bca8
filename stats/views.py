"""Pages of stats."""

from __future__ import annotations

from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from stats.forms import RangeForm
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
