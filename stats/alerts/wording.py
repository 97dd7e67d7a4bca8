"""Alerts in words, in the language of the moment."""

from __future__ import annotations

from django.conf import settings
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from mailgw.templatetags.ui import duration
from stats.alerts.choices import AlertState, RuleKind, SubjectKind
from stats.alerts.models import Alert

# Of values and thresholds, for programs.
UNITS: dict[str, str] = {
    RuleKind.NETWORK_SURGE: "times_usual",
    RuleKind.BOUNCE_SHARE: "percent",
    RuleKind.QUEUE_AGE: "minutes",
    RuleKind.PROVIDER_REFUSING: "percentage_points",
    RuleKind.SOURCE_SILENT: "minutes",
    RuleKind.VIRUS_OUTBREAK: "recipients",
}
_TITLES: dict[str, Promise] = {
    RuleKind.NETWORK_SURGE: gettext_lazy("%(subject)s sends %(value)s as usual"),
    RuleKind.BOUNCE_SHARE: gettext_lazy("%(value)s of the mail of %(subject)s bounces"),
    RuleKind.QUEUE_AGE: gettext_lazy("A mail has waited on %(subject)s for %(value)s"),
    RuleKind.PROVIDER_REFUSING: gettext_lazy("%(subject)s refuses more: %(value)s"),
    RuleKind.SOURCE_SILENT: gettext_lazy("No log line of %(subject)s for %(value)s"),
    RuleKind.VIRUS_OUTBREAK: gettext_lazy("%(subject)s in mail to %(value)s"),
}


def title(alert: Alert) -> str:
    """One line: who, what, how much when it was raised."""
    values = {"subject": subject(alert), "value": amount(alert.kind, alert.value)}
    return str(_TITLES[alert.kind]) % values


def subject(alert: Alert) -> str:
    """Whom it is about; one line whatever a log said."""
    if alert.subject_kind == SubjectKind.SITE:
        return pgettext("subject of an alert", "the whole site")
    return " ".join(alert.subject_label.split())


def amount(kind: str, value: float) -> str:
    """A value with its unit."""
    if UNITS[kind] == "minutes":
        return duration(60 * value)
    shown = round(value, 1)
    number = number_format(shown, decimal_pos=0 if shown.is_integer() else 1)
    return {
        RuleKind.NETWORK_SURGE: _("%(n)s times as much"),
        RuleKind.BOUNCE_SHARE: _("%(n)s %%"),
        RuleKind.PROVIDER_REFUSING: _("+%(n)s percentage points"),
        RuleKind.VIRUS_OUTBREAK: _("%(n)s recipients"),
    }[RuleKind(kind)] % {"n": number}


def comparison(alert: Alert) -> str:
    """What was usual, where that is known."""
    if alert.usual is None:
        return ""
    usual = number_format(round(alert.usual, 1))
    if alert.kind == RuleKind.NETWORK_SURGE:
        return _("%(count)s mails; usual in this hour of the week: %(usual)s") % {
            "count": alert.count,
            "usual": usual,
        }
    return _("before: %(usual)s %% bounced or deferred") % {"usual": usual}


def state_words(alert: Alert) -> str:
    return str(AlertState(alert.state).label)


def address_of_page(alert: Alert, path: str = "") -> str:
    """The alert's page, or another path, on this console; "" when it does not know its address."""
    if not settings.PUBLIC_URL:
        return ""
    return settings.PUBLIC_URL.rstrip("/") + (path or reverse("stats:alert", args=[alert.pk]))
