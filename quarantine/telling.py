"""Requesters are told how their request ended.

On the console: ``seen_at`` is empty until they were shown the answer. And by mail, if they have
an address and the site sends mail.
"""

from __future__ import annotations

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from quarantine.choices import RequestState
from quarantine.models import ReleaseRequest

_ANSWERED = (RequestState.APPROVED, RequestState.REFUSED)


def mail_answer(pk: int) -> bool:
    """Whether a mail was sent now; never twice. Raises OSError when the server refuses it."""
    with transaction.atomic():
        request = (
            ReleaseRequest.objects.select_for_update(of=("self",), skip_locked=True)
            .filter(pk=pk, state__in=_ANSWERED, mailed_at__isnull=True)
            .select_related("held", "requested_by", "decided_by")
            .first()
        )
        if request is None or not settings.SENDS_MAIL or not request.requested_by.email:
            return False
        with (
            translation.override(settings.LANGUAGE_CODE),
            timezone.override(settings.SITE_TIME_ZONE),
        ):
            mail = _answer(request)
        mail.send()
        request.mailed_at = timezone.now()
        request.save(update_fields=("mailed_at",))
    return True


def _answer(request: ReleaseRequest) -> EmailMessage:
    held = request.held
    subject = _("Your release request: %(state)s") % {"state": request.get_state_display()}
    body = _(
        "Mail: %(subject)s\nFrom: %(sender)s\nReceived: %(at)s\n\n"
        "%(state)s by %(who)s: %(answer)s\n"
    ) % {
        "subject": held.subject,
        "sender": held.envelope_sender or "<>",
        "at": f"{timezone.localtime(held.received_at):%Y-%m-%d %H:%M %Z}",
        "state": request.get_state_display(),
        "who": request.decided_by.get_username() if request.decided_by else "",
        "answer": request.decision,
    }
    if settings.PUBLIC_URL:
        path = reverse("quarantine:detail", args=[held.pk])
        body += f"\n{settings.PUBLIC_URL.rstrip('/')}{path}\n"
    headers = {"Auto-Submitted": "auto-generated"}
    return EmailMessage(subject, body, to=[request.requested_by.email], headers=headers)


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
