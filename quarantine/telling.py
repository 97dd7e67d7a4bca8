"""Requesters are told how their request ended.

On the console: ``seen_at`` is empty until they were shown the answer. And by mail, if they have
an address and the site sends mail.
"""

from __future__ import annotations

from django.conf import settings
from django.core.mail import EmailMessage
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from quarantine.choices import RequestState
from quarantine.models import ReleaseRequest

_ANSWERED = (RequestState.APPROVED, RequestState.REFUSED)


def mail_answer(pk: int) -> bool:
    """Whether a mail was sent. Raises OSError when the mail server does not take it."""
    request = (
        ReleaseRequest.objects.filter(pk=pk, state__in=_ANSWERED)
        .select_related("held", "requested_by", "decided_by")
        .first()
    )
    if request is None or not settings.SENDS_MAIL or not request.requested_by.email:
        return False
    with translation.override(settings.LANGUAGE_CODE):
        decided_by = request.decided_by.get_username() if request.decided_by else ""
        subject = _("Your release request: %(state)s") % {"state": request.get_state_display()}
        body = _(
            "Mail: %(subject)s\nFrom: %(sender)s\nReceived: %(at)s\n\n"
            "%(state)s by %(who)s: %(answer)s\n"
        ) % {
            "subject": request.held.subject,
            "sender": request.held.envelope_sender or "<>",
            "at": f"{timezone.localtime(request.held.received_at):%Y-%m-%d %H:%M %Z}",
            "state": request.get_state_display(),
            "who": decided_by,
            "answer": request.decision,
        }
    return bool(EmailMessage(subject, body, to=[request.requested_by.email]).send())


def unseen_answers(user_id: int) -> list[ReleaseRequest]:
    """Decisions that the requester was not shown yet, newest first."""
    return list(
        ReleaseRequest.objects.filter(
            requested_by=user_id, state__in=_ANSWERED, seen_at__isnull=True
        ).select_related("held", "decided_by")[:50]
    )


def mark_answers_seen(user_id: int) -> int:
    """The requester was shown all his answers; how many were new."""
    return ReleaseRequest.objects.filter(
        requested_by=user_id, state__in=_ANSWERED, seen_at__isnull=True
    ).update(seen_at=timezone.now())
