"""Tell people when a mail has ended: on the console, and by mail where the site sends mail."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from tracking.choices import Disposition
from tracking.models import Watch
from tracking.selectors.story import (
    Story,
    message_of_hop,
    message_received_at,
    message_story,
)
from tracking.selectors.watches import ended_watches, lost_watches

# No queue keeps a mail for so long: its log was lost.
_PATIENCE = timedelta(days=30)
_MAX_TITLE = 300
_MAX_LISTED = 20


def watch(user_id: int, story: Story) -> Watch:
    """Tell this user, in the language of the moment, when the mail ends; once is enough."""
    found, _created = Watch.objects.get_or_create(
        user_id=user_id,
        message_ref=story.message.id,
        defaults={
            "received_at": story.message.received_at,
            "title": _title(story),
            "language": get_language() or settings.LANGUAGE_CODE,
        },
    )
    return found


def unwatch(user_id: int, pk: int) -> bool:
    """Forget a user's own watch, or its notice; False when there is none."""
    deleted, _by_model = Watch.objects.filter(user=user_id, pk=pk).delete()
    return bool(deleted)


def mark_read(user_id: int) -> int:
    """The user has read all notices; returns how many were new."""
    unread = Watch.objects.filter(user=user_id, ended_at__isnull=False, read_at__isnull=True)
    return unread.update(read_at=timezone.now())


def end_watches() -> list[int]:
    """Turn the watches of mail that has ended into notices; returns those that this call ended.

    Safe to run twice at once: whoever ends a watch is the one who has it mailed. Costs one query
    when nobody watches anything.
    """
    waiting = Watch.objects.filter(ended_at__isnull=True)
    if not waiting.exists():
        return []
    gone = [pk for pk, message in lost_watches() if not _follow(pk, message)]
    endings = ended_watches()
    too_old = waiting.filter(created_at__lt=timezone.now() - _PATIENCE)
    for pk in [*gone, *too_old.values_list("pk", flat=True)]:
        endings.setdefault(pk, {})
    return [pk for pk, counts in endings.items() if _end(pk, counts)]


def _follow(pk: int, message: int) -> bool:
    """To the Message that this one joined, which the user may watch already; False: it is gone."""
    joined = message_of_hop(message)
    at = message_received_at(joined) if joined is not None else None
    if joined is None or at is None:
        return False
    try:
        with transaction.atomic():
            Watch.objects.filter(pk=pk).update(message_ref=joined, received_at=at)
    except IntegrityError:
        Watch.objects.filter(pk=pk).delete()
    return True


def _end(pk: int, counts: dict[int, int]) -> bool:
    """Whether it was this call that ended it."""
    endings = {Disposition(word).name.lower(): count for word, count in counts.items()}
    waiting = Watch.objects.filter(pk=pk, ended_at__isnull=True)
    return bool(waiting.update(ended_at=timezone.now(), endings=endings))


def mail_notice(pk: int) -> bool:
    """Whether a mail was sent now; never twice. Raises OSError when the server refuses it."""
    with transaction.atomic():
        found = (
            Watch.objects.select_for_update(of=("self",), skip_locked=True)
            .select_related("user")
            .filter(pk=pk, ended_at__isnull=False, mailed_at__isnull=True)
            .first()
        )
        if found is None or not settings.SENDS_MAIL or not found.user.email:
            return False
        with translation.override(found.language), timezone.override(settings.SITE_TIME_ZONE):
            mail = EmailMessage(_subject(found), _body(found), to=[found.user.email])
        mail.extra_headers["Auto-Submitted"] = "auto-generated"
        mail.send()
        found.mailed_at = timezone.now()
        found.save(update_fields=["mailed_at"])
    return True


def describe_endings(endings: dict[str, int]) -> str:
    """``3 Delivered, 1 Bounced``, in the language of the moment."""
    if not endings:
        return _("The log does not say how it ended.")
    return ", ".join(
        f"{count} {Disposition[word.upper()].label}" for word, count in endings.items()
    )


def _title(story: Story) -> str:
    """Sender and recipients, for lists and subjects: one line, whatever the log says."""
    recipients = [item.recipient for item in story.recipients if item.recipient]
    more = f" (+{len(recipients) - 1})" if len(recipients) > 1 else ""
    title = f"{story.message.envelope_sender or '<>'} → {(recipients or ['–'])[0]}"
    return " ".join(title.split())[:_MAX_TITLE] + more


def _subject(notice: Watch) -> str:
    values = {"endings": describe_endings(notice.endings or {}), "title": notice.title}
    return _("%(endings)s: %(title)s") % values


def _body(notice: Watch) -> str:
    path = reverse("tracking:message-detail", args=[notice.message_ref])
    parts = [
        _("You asked to be told when this mail ends: %(title)s") % {"title": notice.title},
        describe_endings(notice.endings or {}),
        *_recipient_lines(notice.message_ref),
        f"{settings.PUBLIC_URL.rstrip('/')}{path}" if settings.PUBLIC_URL else "",
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _recipient_lines(message: int) -> list[str]:
    story = message_story(message)
    if story is None:
        return []
    lines = [
        f"{item.recipient or '–'}: {Disposition(item.disposition).label}. {item.reason.text}"
        for item in story.recipients[:_MAX_LISTED]
    ]
    return ["\n".join(lines)]
