"""Alerts in words and badges."""

from __future__ import annotations

from django import template

from mailgw.templatetags.ui import Badge
from stats.alerts import wording
from stats.alerts.choices import AlertState, NoticeState, Severity
from stats.alerts.models import Alert

register = template.Library()
_SEVERITIES = {
    Severity.NOTICE: ("queued", "info-circle"),
    Severity.WARNING: ("deferred", "alert-triangle"),
    Severity.CRITICAL: ("bounced", "alert-octagon"),
}
_STATES = {
    AlertState.PENDING: ("muted", "clock-pause"),
    AlertState.OPEN: ("bounced", "bell-ringing"),
    AlertState.CLEARED: ("delivered", "circle-check"),
}
_NOTICES = {
    NoticeState.WAITING: ("queued", "clock-play"),
    NoticeState.SENT: ("delivered", "circle-check"),
    NoticeState.FAILED: ("bounced", "x"),
}


@register.inclusion_tag("components/badge.html")
def severity_badge(value: str) -> Badge:
    item = Severity(value)
    tone, icon = _SEVERITIES[item]
    return {"word": item.value, "label": item.label, "tone": tone, "icon": icon}


@register.inclusion_tag("components/badge.html")
def alert_state_badge(value: str) -> Badge:
    item = AlertState(value)
    tone, icon = _STATES[item]
    return {"word": item.value, "label": item.label, "tone": tone, "icon": icon}


@register.inclusion_tag("components/badge.html")
def notice_badge(value: str) -> Badge:
    item = NoticeState(value)
    tone, icon = _NOTICES[item]
    return {"word": item.value, "label": item.label, "tone": tone, "icon": icon}


@register.filter
def alert_title(alert: Alert) -> str:
    """One line: who, what, how much."""
    return wording.title(alert)


@register.filter
def alert_subject(alert: Alert) -> str:
    return wording.subject(alert)


@register.filter
def alert_amount(value: float, kind: str) -> str:
    """A value of a kind of rule, with its unit."""
    return wording.amount(kind, value)


@register.filter
def alert_comparison(alert: Alert) -> str:
    return wording.comparison(alert)
