"""Reports in badges."""

from __future__ import annotations

from django import template

from mailgw.templatetags.ui import Badge
from stats.reports.choices import SendingState

register = template.Library()
_STATES = {
    SendingState.WAITING: ("queued", "clock-play"),
    SendingState.SENT: ("delivered", "circle-check"),
    SendingState.FAILED: ("bounced", "x"),
}


@register.inclusion_tag("components/badge.html")
def sending_badge(value: str) -> Badge:
    item = SendingState(value)
    tone, icon = _STATES[item]
    return {"word": item.value, "label": item.label, "tone": tone, "icon": icon}
