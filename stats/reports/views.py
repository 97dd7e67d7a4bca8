"""Pages of reports: who gets which, what it looks like, and the readers' way out."""

from __future__ import annotations

from typing import Any

from csp.decorators import csp_replace
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required, permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from mailgw.lib.redirects import see_other
from stats.reports.content import Report, report_of
from stats.reports.forms import PreviewForm, SubscriptionForm
from stats.reports.links import read_token, unsubscribe
from stats.reports.mails import html_of, text_of
from stats.reports.models import ReportSubscription
from stats.reports.paper import paper
from stats.reports.sending import period_for, send_now
from stats.reports.styles import POLICY
from stats.reports.subscriptions import (
    MAX_SENDINGS,
    save_subscription,
    subscriptions,
    with_sendings,
)
from stats.reports.tasks import deliver_report

UNPROCESSABLE, GONE = 422, 410
MAX_ID = 2**63 - 1
_MAY = "stats.change_reportsubscription"


@require_safe
@permission_required(_MAY, raise_exception=True)
def reports(request: HttpRequest) -> HttpResponse:
    """Who gets which report."""
    return render(request, "stats/reports.html", {"rows": subscriptions()})


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required(_MAY, raise_exception=True)
def new_report(request: HttpRequest) -> HttpResponse:
    """Another reader."""
    return _edit(request, ReportSubscription())


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required(_MAY, raise_exception=True)
def report(request: HttpRequest, pk: int) -> HttpResponse:
    """One reader: change what he gets, look at it, send it now."""
    return _edit(request, get_object_or_404(with_sendings(), pk=min(pk, MAX_ID)))


def _edit(request: HttpRequest, subscription: ReportSubscription) -> HttpResponse:
    form = SubscriptionForm(request.POST or None, instance=subscription)
    if request.method == "POST" and form.is_valid():
        save_subscription(subscription)
        messages.success(request, _("The report is saved."))
        return see_other("stats:report", subscription.pk)
    context: dict[str, Any] = {"form": form, "subscription": subscription}
    if subscription.pk:
        context["sendings"] = subscription.sendings.all()[:MAX_SENDINGS]
        context["period"] = period_for(subscription, timezone.now())
    status = UNPROCESSABLE if request.method == "POST" else 200
    return render(request, "stats/report.html", context, status=status)


@require_POST
@permission_required(_MAY, raise_exception=True)
def delete_report(request: HttpRequest, pk: int) -> HttpResponse:
    """The reader gets it no longer."""
    get_object_or_404(ReportSubscription, pk=min(pk, MAX_ID)).delete()
    messages.success(request, _("The report is deleted."))
    return see_other("stats:reports")


@require_POST
@permission_required(_MAY, raise_exception=True)
def send_report(request: HttpRequest, pk: int) -> HttpResponse:
    """Another copy of the newest report."""
    subscription = get_object_or_404(ReportSubscription, pk=min(pk, MAX_ID))
    sending = send_now(subscription, timezone.now())
    deliver_report.delay_on_commit(sending)  # type: ignore[attr-defined]
    messages.success(request, _("It is being sent to %(to)s.") % {"to": subscription.address})
    return see_other("stats:report", pk)


@require_safe
@permission_required(_MAY, raise_exception=True)
def preview(request: HttpRequest, pk: int) -> HttpResponse:
    """The newest report as it would be sent."""
    subscription, language, made = _made(request, pk)
    context = {
        "subscription": subscription,
        "form": PreviewForm(initial={"language": language}),
        "report": made,
        "language": language,
        "text": text_of(made, subscription, language),
    }
    return render(request, "stats/report_preview.html", context)


@require_safe
@permission_required(_MAY, raise_exception=True)
@xframe_options_sameorigin
@csp_replace(POLICY)  # type: ignore[arg-type]  # its types know no arguments of views
def preview_html(request: HttpRequest, pk: int) -> HttpResponse:
    """The HTML of the mail, under a policy of its own."""
    subscription, language, made = _made(request, pk)
    return HttpResponse(html_of(made, subscription, language))


@require_safe
@permission_required(_MAY, raise_exception=True)
def preview_pdf(request: HttpRequest, pk: int) -> HttpResponse:
    """The PDF of the mail."""
    _subscription, _language, made = _made(request, pk)
    headers = {"Content-Disposition": 'inline; filename="mail-report.pdf"'}
    return HttpResponse(paper(made), content_type="application/pdf", headers=headers)


def _made(request: HttpRequest, pk: int) -> tuple[ReportSubscription, str, Report]:
    found = ReportSubscription.objects.select_related("customer")
    subscription = get_object_or_404(found, pk=min(pk, MAX_ID))
    form = PreviewForm(request.GET)
    wanted = form.cleaned_data["language"] if form.is_valid() else ""
    language = wanted or subscription.language
    return subscription, language, report_of(subscription, timezone.now(), language=language)


@login_not_required
@csrf_exempt  # a mail program posts here; the signed link is what allows it
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def report_unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """The way out in each mail: GET asks, POST ends the report."""
    subscription = read_token(token)
    context = {"subscription": subscription, "is_done": request.method == "POST"}
    if subscription is not None and request.method == "POST":
        unsubscribe(subscription)
    status = 200 if subscription is not None else GONE
    response = render(request, "stats/report_unsubscribe.html", context, status=status)
    response["Referrer-Policy"] = "no-referrer"
    response["X-Robots-Tag"] = "noindex"
    return response
