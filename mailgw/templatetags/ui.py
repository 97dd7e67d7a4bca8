"""How values look: icons, badges, sizes, durations and times. Colours are CSS's business."""

from __future__ import annotations

import re
from datetime import datetime
from functools import cache
from typing import TypedDict

from django import template
from django.conf import settings
from django.template.defaultfilters import filesizeformat
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tracking import choices

register = template.Library()

_ICONS = settings.NODE_MODULES / "@tabler/icons/icons/outline"
_NAME = re.compile(r"[a-z0-9-]+")

# Word → (tone of the badge, icon). A tone is a CSS class; a badge always has its word and icon,
# so colour is never the only sign.
_TONES = {
    "delivered": ("delivered", "circle-check"),
    "queued": ("queued", "clock-play"),
    "deferred": ("deferred", "clock-pause"),
    "bounced": ("bounced", "arrow-back-up"),
    "expired": ("bounced", "clock-x"),
    "rejected": ("rejected", "hand-stop"),
    "greylisted": ("deferred", "hourglass"),
    "blocked": ("rejected", "ban"),
    "quarantined": ("quarantined", "archive"),
    "held": ("queued", "player-pause"),
    "discarded": ("muted", "trash-x"),
    "deleted": ("muted", "trash"),
    "lost": ("muted", "question-mark"),
}


class Badge(TypedDict):
    """Context of components/badge.html."""

    word: str
    label: str | Promise
    tone: str
    icon: str


@cache
def _icon_paths(name: str) -> str:
    """The shapes inside an icon of @tabler/icons; raises ValueError for an unknown name."""
    file = _ICONS / f"{name}.svg"
    if not _NAME.fullmatch(name) or not file.is_file():
        raise ValueError(f"There is no icon {name!r} in @tabler/icons")
    text = file.read_text(encoding="utf-8")
    return text[text.index(">", text.index("<svg")) + 1 : text.rindex("</svg>")].strip()


@register.simple_tag
def icon(name: str) -> SafeString:
    """An icon for the eye only; the text beside it says the same."""
    shapes = mark_safe(_icon_paths(name))  # noqa: S308 (a file of the icon package)
    return format_html(
        '<svg class="icon" viewBox="0 0 24 24" fill="none" stroke="currentColor" '
        'stroke-width="1.75" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true" '
        'focusable="false">{}</svg>',
        shapes,
    )


@register.inclusion_tag("components/badge.html")
def disposition_badge(value: int | str) -> Badge:
    """A disposition (its number or word) as a word with an icon."""
    item = (
        choices.Disposition[value.upper()] if isinstance(value, str) else choices.Disposition(value)
    )
    word = item.name.lower()
    tone, name = _TONES[word]
    return {"word": word, "label": item.label, "tone": tone, "icon": name}


@register.filter
def bytesize(value: int | None) -> str:
    """Bytes in the reader's words (12.3 MB); nothing for None."""
    return "" if value is None else filesizeformat(value)


@register.filter
def duration(seconds: float | None) -> str:
    """Seconds as people say them: 0.42 s, 12 s, 5 min, 3 h, 2 days; nothing for None."""
    if seconds is None:
        return ""
    if seconds < 10:
        short = f"{seconds:.2f}".rstrip("0").rstrip(".")
        return _("%(n)s s") % {"n": number_format(short)}
    for size, unit in ((86_400, "day"), (3_600, "hour"), (60, "minute")):
        if seconds >= 2 * size:
            return _unit(round(seconds / size), unit)
    return _("%(n)s s") % {"n": round(seconds)}


def _unit(count: int, unit: str) -> str:
    if unit == "day":
        return ngettext("%(n)s day", "%(n)s days", count) % {"n": count}
    return (_("%(n)s h") if unit == "hour" else _("%(n)s min")) % {"n": count}


@register.filter
def moment(value: datetime | None) -> SafeString:
    """A <time> in the site's zone, to the second; nothing for None."""
    if value is None:
        return mark_safe("")
    local = timezone.localtime(value)
    return format_html(
        '<time datetime="{}" title="{}">{} {}</time>',
        value.isoformat(),
        f"{local:%Y-%m-%d %H:%M:%S %Z}",
        date_format(local, "j M"),
        f"{local:%H:%M:%S}",
    )
