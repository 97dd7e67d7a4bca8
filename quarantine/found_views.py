"""Acting on all that a search found: confirmed by number, done by a worker, watched on a page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib.auth.decorators import permission_required
from django.db.models import Max
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe
from django.views.decorators.vary import vary_on_headers

from mailgw.lib import htmx
from mailgw.lib.redirects import see_other
from quarantine.action_views import Action
from quarantine.bulk_pages import progress_of
from quarantine.filters import HeldFilterSet
from quarantine.forms import ReasonForm
from quarantine.models import BulkAction, QuarantinedMessage
from quarantine.pages import actor_of
from quarantine.selectors import examples_of
from quarantine.services.found import confirm, find_all
from quarantine.services.results import BadInput
from quarantine.tasks import start_bulk_action
from quarantine.trail import parse_key
from quarantine.views import MAX_ID, UNPROCESSABLE, VIEW


def found_view(action: Action) -> Callable[[HttpRequest], HttpResponse]:
    """GET counts and asks for the reason, POST has a worker begin and goes on to its progress."""

    @require_http_methods(["GET", "HEAD", "POST"])
    @permission_required(VIEW, raise_exception=True)
    @permission_required(f"quarantine.{action.permission}", raise_exception=True)
    def view(request: HttpRequest) -> HttpResponse:
        newest = _newest(request)
        try:
            ids = _ids(request, action, newest)
        except BadInput as error:
            context = {"action": action, "failure": str(error)}
            return render(request, "quarantine/confirm_found.html", context, status=UNPROCESSABLE)
        form = action.form(
            request.POST or None, items=examples_of(ids), actor=actor_of(request), is_bulk=True
        )
        # More than were confirmed: some came back to this state in between.
        is_more = request.method == "POST" and len(ids) > (
            parse_key(request.POST.get("count", "")) or 0
        )
        if request.method == "POST" and form.is_valid() and not is_more:
            bulk = confirm(action.verb, ids, actor_of(request), form.options())
            start_bulk_action(bulk.pk)
            return see_other("quarantine:bulk", pk=bulk.pk)
        return _ask(request, action, form, ids, newest, is_more=is_more)

    return view


def _newest(request: HttpRequest) -> int:
    """What came after the confirmation's page was drawn is not meant."""
    given = parse_key(request.POST.get("newest", ""))
    if given is not None:
        return given
    return QuarantinedMessage.objects.aggregate(newest=Max("pk"))["newest"] or 0


def _ids(request: HttpRequest, action: Action, newest: int) -> list[int]:
    filters = HeldFilterSet(request.GET, queryset=QuarantinedMessage.objects.all(), request=request)
    if not filters.is_valid():
        raise BadInput("search", _("The search is not valid: go back and mend it."))
    if filters.held_state != action.state:
        raise BadInput("search", _("The mails of this search are in another state."))
    ids = find_all(filters.qs, newest)
    if not ids:
        raise BadInput("search", _("No mail was found."))
    return ids


def _ask(
    request: HttpRequest,
    action: Action,
    form: ReasonForm,
    ids: list[int],
    newest: int,
    *,
    is_more: bool,
) -> HttpResponse:
    context = {
        "action": action,
        "form": form,
        "count": len(ids),
        "examples": form.items[:10],
        "newest": newest,
        "is_more": is_more,
    }
    status = UNPROCESSABLE if form.errors or is_more else 200
    return render(request, "quarantine/confirm_found.html", context, status=status)


@require_safe
@permission_required(VIEW, raise_exception=True)
@vary_on_headers("HX-Request")
def bulk(request: HttpRequest, pk: int) -> HttpResponse:
    """How far it is, and how it ended for each mail; for who began it, and for auditors."""
    found = get_object_or_404(BulkAction, pk=min(pk, MAX_ID))
    if found.user_id != request.user.pk and not request.user.has_perm("quarantine.audit"):
        raise Http404
    context: dict[str, Any] = progress_of(request, found)
    name = htmx.template(request, "quarantine/bulk.html", "quarantine/_bulk_progress.html")
    return render(request, name, context)
