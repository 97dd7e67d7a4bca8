"""Past mail for the owners of now: asked for, and how far it is."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods
from django.views.decorators.vary import vary_on_headers

from mailgw.lib import htmx
from mailgw.lib.redirects import see_other
from stats.networks.history import HistoryForm, history_context
from stats.reattribution import AlreadyActive, request_reattribution
from stats.tasks import start_reattributing

UNPROCESSABLE = 422


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("tracking.import_registry", raise_exception=True)
@vary_on_headers("HX-Request")
def history(request: HttpRequest) -> HttpResponse:
    """How far it is; a POST asks for it."""
    if request.method != "POST":
        name = htmx.template(
            request, "stats/networks/history.html", "stats/networks/_progress.html"
        )
        return render(request, name, history_context(HistoryForm()))
    form = HistoryForm(request.POST)
    if not form.is_valid():
        context = history_context(form)
        return render(request, "stats/networks/history.html", context, status=UNPROCESSABLE)
    _ask(request, form)
    return see_other("stats:history")


def _ask(request: HttpRequest, form: HistoryForm) -> None:
    user: Any = request.user
    try:
        request_reattribution(user, **form.cleaned_data)
    except AlreadyActive:
        messages.info(request, _("Past mail is being given to its owners already."))
    else:
        start_reattributing()
