"""Pages of alerts: what is open, what was, and who takes care of it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from mailgw.lib.redirects import see_other
from stats.alerts.delivery import send_again
from stats.alerts.forms import AcknowledgeForm, AlertFilterForm
from stats.alerts.models import Alert, AlertNotice
from stats.alerts.pages import detail_context, list_context
from stats.alerts.rules import acknowledge
from stats.alerts.selectors import alert_with_notices
from stats.alerts.tasks import deliver_alert_notice

UNPROCESSABLE = 422
MAX_ID = 2**63 - 1


@require_safe
@permission_required("stats.view_alert", raise_exception=True)
def alerts(request: HttpRequest) -> HttpResponse:
    """Open alerts, or the history."""
    form = AlertFilterForm(request.GET)
    status = 200 if form.is_valid() else UNPROCESSABLE
    return render(request, "stats/alerts.html", list_context(request, form), status=status)


@require_safe
@permission_required("stats.view_alert", raise_exception=True)
def alert(request: HttpRequest, pk: int) -> HttpResponse:
    """One alert: what, since when, who was told, who takes care."""
    return render(request, "stats/alert.html", detail_context(_found(pk), AcknowledgeForm()))


@require_POST
@permission_required("stats.acknowledge_alert", raise_exception=True)
def acknowledge_alert(request: HttpRequest, pk: int) -> HttpResponse:
    """Take care of it, with a comment."""
    found, form, user = _found(pk), AcknowledgeForm(request.POST), request.user
    if not form.is_valid():
        context = detail_context(found, form)
        return render(request, "stats/alert.html", context, status=UNPROCESSABLE)
    if acknowledge(pk, user.pk or 0, form.cleaned_data["comment"]):
        messages.success(request, _("You have acknowledged this alert."))
    else:
        messages.info(request, _("Somebody else acknowledged this alert before."))
    return see_other("stats:alert", pk)


@require_POST
@permission_required("stats.change_alertrule", raise_exception=True)
def send_notice_again(request: HttpRequest, pk: int) -> HttpResponse:
    """Try a notice that was given up once more."""
    notice: Any = get_object_or_404(AlertNotice, pk=min(pk, MAX_ID))
    if send_again(notice, timezone.now()):
        deliver_alert_notice.delay_on_commit(notice.pk)  # type: ignore[attr-defined]
        messages.success(request, _("It is being sent again."))
    return see_other("stats:alert", notice.alert_id)


def _found(pk: int) -> Alert:
    found = alert_with_notices(pk) if pk <= MAX_ID else None
    if found is None:
        raise Http404
    return found
