"""The mail about an alert, in its reader's language."""

from __future__ import annotations

from datetime import datetime
from email.utils import parseaddr

from django.conf import settings
from django.core.mail import EmailMessage
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from stats.alerts.choices import Severity, Transition
from stats.alerts.models import Alert, AlertNotice
from stats.alerts.wording import address_of_page, amount, comparison, title


def message_of(notice: AlertNotice) -> EmailMessage:
    """Ready to send. A second one of the same notice has the same Message-ID."""
    alert, language = notice.alert, notice.language or settings.LANGUAGE_CODE
    with translation.override(language), timezone.override(settings.SITE_TIME_ZONE):
        mail = EmailMessage(_subject(notice), _body(notice), to=[notice.target])
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"
    mail.extra_headers |= {
        "Message-ID": f"<alert-{alert.pk}-{notice.key}@{domain}>",
        "Auto-Submitted": "auto-generated",
        "X-Mailgw-Alert": str(alert.pk),
    }
    return mail


def _subject(notice: AlertNotice) -> str:
    alert = notice.alert
    if notice.transition == Transition.CLEARED:
        return _("[cleared] %(title)s") % {"title": title(alert)}
    severity = str(Severity(alert.severity).label).lower()
    return _("[%(severity)s] %(title)s") % {"severity": severity, "title": title(alert)}


def _body(notice: AlertNotice) -> str:
    alert = notice.alert
    lines = [
        title(alert) + ".",
        "\n".join(_facts(alert, is_cleared=notice.transition == Transition.CLEARED)),
        _incomplete(alert),
        "\n".join(_links(alert)),
    ]
    return "\n\n".join(line for line in lines if line) + "\n"


def _facts(alert: Alert, *, is_cleared: bool) -> list[str]:
    facts = [
        (_("Rule"), alert.rule_name),
        (_("Raised"), _time(alert.raised_at)),
        (_("Threshold"), amount(alert.kind, alert.threshold)),
        (_("Value when raised"), amount(alert.kind, alert.value)),
    ]
    if is_cleared:
        facts += [
            (_("Cleared"), _time(alert.cleared_at)),
            (_("Greatest value"), amount(alert.kind, alert.peak)),
        ]
    elif compared := comparison(alert):
        facts.append((_("Compared"), compared))
    return [f"{name}: {value}" for name, value in facts]


def _incomplete(alert: Alert) -> str:
    if not alert.without:
        return ""
    names = ", ".join(alert.without)
    return _("The figures lack the mail of silent log sources: %(names)s.") % {"names": names}


def _links(alert: Alert) -> list[str]:
    links = [
        (_("Alert"), address_of_page(alert)),
        (_("Evidence"), address_of_page(alert, alert.evidence)),
    ]
    return [f"{name}: {url}" for name, url in links if url]


def _time(moment: datetime | None) -> str:
    return "–" if moment is None else f"{timezone.localtime(moment):%Y-%m-%d %H:%M %Z}"
