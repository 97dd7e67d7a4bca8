"""A report as a mail: text, HTML and PDF."""

from __future__ import annotations

from datetime import datetime
from email.utils import parseaddr
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.safestring import mark_safe

from stats.reports.choices import Every
from stats.reports.content import Report, report_of
from stats.reports.links import unsubscribe_url
from stats.reports.models import ReportSending, ReportSubscription
from stats.reports.paper import paper
from stats.reports.periods import Period
from stats.reports.styles import STYLE


def html_of(report: Report, subscription: ReportSubscription, language: str = "") -> str:
    return _rendered("stats/report_mail.html", report, subscription, language)


def text_of(report: Report, subscription: ReportSubscription, language: str = "") -> str:
    return _rendered("stats/report_mail.txt", report, subscription, language)


def _rendered(
    template: str, report: Report, subscription: ReportSubscription, language: str
) -> str:
    with translation.override(language or subscription.language):
        context = {
            "report": report,
            "language": language or subscription.language,
            "style": mark_safe(STYLE),  # noqa: S308 (a constant)
            "unsubscribe_url": unsubscribe_url(subscription),
        }
        return render_to_string(template, context)


def message_of(sending: ReportSending, now: datetime) -> EmailMultiAlternatives:
    """Ready to send. A second one of the same sending has the same Message-ID."""
    subscription = sending.subscription
    zone = ZoneInfo(subscription.time_zone)
    every = Every(subscription.every)
    period = Period(every, sending.first_day, sending.last_day, zone)
    report = report_of(subscription, now, period=period)
    mail = EmailMultiAlternatives(
        " ".join(report.subject.split()), text_of(report, subscription), to=[subscription.address]
    )
    mail.attach_alternative(html_of(report, subscription), "text/html")
    name = f"mail-report-{sending.first_day:%Y-%m-%d}.pdf"
    mail.attach(name, paper(report), "application/pdf")
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"
    mail.extra_headers |= {
        "Message-ID": f"<report-{sending.pk}-{sending.key}@{domain}>",
        "Auto-Submitted": "auto-generated",
        **_way_out(subscription),
    }
    return mail


def _way_out(subscription: ReportSubscription) -> dict[str, str]:
    url = unsubscribe_url(subscription)
    if not url:
        return {}
    return {"List-Unsubscribe": f"<{url}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
