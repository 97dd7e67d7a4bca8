"""Badges and words of the quarantine's closed lists."""

from __future__ import annotations

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from mailgw.templatetags.ui import Badge
from quarantine import wording
from quarantine.choices import HeldState, Outcome, RequestState, Verb
from quarantine.faults import explain
from quarantine.preview.frame import frame_document
from quarantine.preview.model import CutNote, HtmlPart, Warn
from quarantine.preview.visible import visible_line
from tracking.choices import QuarantineKind

register = template.Library()

# Word → (tone of the badge, icon).
_STATES = {
    "held": ("quarantined", "archive"),
    "releasing": ("queued", "clock-play"),
    "released": ("delivered", "circle-check"),
    "uncertain": ("deferred", "question-mark"),
    "deleting": ("muted", "trash-x"),
    "deleted": ("muted", "trash"),
    "gone": ("muted", "ghost"),
    "removed": ("muted", "ghost"),
}
_KINDS = {
    QuarantineKind.NONE: ("muted", "archive"),
    QuarantineKind.SPAM: ("deferred", "mail-exclamation"),
    QuarantineKind.VIRUS: ("bounced", "virus"),
    QuarantineKind.ATTACHMENT: ("queued", "paperclip"),
    QuarantineKind.BANNED: ("rejected", "ban"),
    QuarantineKind.OTHER: ("muted", "archive"),
}
_OUTCOMES = {
    "intent": ("queued", "clock-play"),
    "done": ("delivered", "circle-check"),
    "already": ("muted", "circle-dashed"),
    "failed": ("bounced", "circle-x"),
    "refused": ("rejected", "hand-stop"),
    "uncertain": ("deferred", "question-mark"),
}
_REQUESTS = {
    "open": ("queued", "hourglass"),
    "approved": ("delivered", "circle-check"),
    "refused": ("rejected", "hand-stop"),
    "withdrawn": ("muted", "arrow-back-up"),
    "failed": ("bounced", "circle-x"),
    "uncertain": ("deferred", "question-mark"),
    "closed": ("muted", "trash"),
}


@register.inclusion_tag("components/badge.html")
def state_badge(value: str) -> Badge:
    """Where a held mail is on its way."""
    return _badge(value, HeldState(value).label, _STATES)


@register.inclusion_tag("components/badge.html")
def outcome_badge(value: str) -> Badge:
    """How an action ended."""
    return _badge(value, Outcome(value).label, _OUTCOMES)


@register.inclusion_tag("components/badge.html")
def request_badge(value: str) -> Badge:
    """What became of a request."""
    return _badge(value, RequestState(value).label, _REQUESTS)


@register.inclusion_tag("components/badge.html")
def kind_badge(value: int) -> Badge:
    """Why a mail is held."""
    kind = QuarantineKind(value)
    tone, icon = _KINDS[kind]
    return {"word": kind.name.lower(), "label": kind.label, "tone": tone, "icon": icon}


def _badge(word: str, label: object, look: dict[str, tuple[str, str]]) -> Badge:
    tone, icon = look[word]
    return {"word": word, "label": str(label), "tone": tone, "icon": icon}


@register.filter
def verb(value: str) -> str:
    return str(Verb(value).label)


@register.filter
def cut(note: CutNote) -> str:
    return wording.cut_text(note)


@register.inclusion_tag("quarantine/_fault.html")
def fault(kept: str) -> dict[str, object]:
    """What went wrong at a filter: in words, and the filter's own words apart."""
    return {"faults": [explain(line) for line in kept.splitlines()]}


@register.filter
def warning(value: Warn) -> str:
    return str(wording.WARNINGS[value])


@register.filter
def removed(page: HtmlPart) -> str:
    return wording.removed_text(page)


@register.filter
def visible(value: object) -> str:
    """A line out of a mail, its hidden and direction-changing characters shown."""
    return visible_line(str(value))


@register.simple_tag
def mail_frame(page: HtmlPart, title: str) -> SafeString:
    """Sanitised HTML of a mail behind the walls of a frame: an empty sandbox, a policy within."""
    return format_html(
        '<iframe class="mail-frame" sandbox="" title="{}" referrerpolicy="no-referrer" '
        'srcdoc="{}"></iframe>',
        title,
        frame_document(page.body),
    )
