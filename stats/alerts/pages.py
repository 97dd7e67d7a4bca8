"""What the pages of alerts show."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from quarantine.pages import query_with
from quarantine.trail import page_by_key, parse_key
from stats.alerts.choices import AlertState, RuleKind
from stats.alerts.forms import AcknowledgeForm, AlertFilterForm
from stats.alerts.known import known_until
from stats.alerts.models import Alert
from stats.alerts.selectors import shown_alerts, watchfulness

PAGE_SIZE = 50
_STATES = (("", _("Open")), (AlertState.CLEARED.value, _("History")), ("all", _("All")))


def list_context(request: HttpRequest, form: AlertFilterForm) -> dict[str, Any]:
    """A page of alerts, newest first; the same number of queries for any."""
    is_valid = form.is_valid()
    given = form.cleaned_data if is_valid else {}
    before, after = (parse_key(request.GET.get(name, "")) for name in ("before", "after"))
    found = filtered(**given) if is_valid else shown_alerts().none()
    page = page_by_key(found, "pk", PAGE_SIZE, before=before, after=after)
    state = given.get("state", "")
    return {
        "form": form,
        "page": page,
        "tabs": [(label, query_with(request, state=word or None), word == state)
                 for word, label in _STATES],
        "is_history": bool(state),
        "is_filtered": any(given.get(name) for name in ("kind", "severity", "subject")),
        "watchfulness": watchfulness(),
        "known": known_until(timezone.now()),
        "older_query": query_with(request, before=page.older),
        "newer_query": query_with(request, after=page.newer),
    }  # fmt: skip


def filtered(
    state: str = "", kind: str = "", severity: str = "", subject: str = ""
) -> QuerySet[Alert]:
    """Alerts of a state ("" open, "all" any), newest first."""
    found = shown_alerts()
    if state != "all":
        found = found.filter(state=state or AlertState.OPEN)
    if kind:
        found = found.filter(kind=kind)
    if severity:
        found = found.filter(severity=severity)
    return found.filter(subject_label__icontains=subject) if subject else found


def detail_context(alert: Alert, form: AcknowledgeForm) -> dict[str, Any]:
    notices = sorted(alert.notices.all(), key=lambda notice: notice.pk)
    return {"alert": alert, "notices": notices, "form": form, "kind": RuleKind(alert.kind).label}
