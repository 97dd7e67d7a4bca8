"""Requesters are told how their request ended.

On the console: ``seen_at`` is empty until they were shown the answer. And by mail, if they have
an address and the site sends mail.
"""

from __future__ import annotations

import logging
from datetime import timedelta

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from quarantine.choices import ReleaseStep, RequestState
from quarantine.faults import explained
from quarantine.models import Release, ReleaseRequest

log = logging.getLogger(__name__)

_ANSWERED = (
    RequestState.APPROVED,
    RequestState.REFUSED,
    RequestState.FAILED,
    RequestState.UNCERTAIN,
    RequestState.CLOSED,
)
# Older answers are no news: the site may have begun to send mail only now.
_NEWS = timedelta(days=1)


def _answered() -> QuerySet[ReleaseRequest]:
    """Answers to tell. An approval whose release is under way is none yet."""
    under_way = Release.objects.filter(request=OuterRef("pk")).exclude(step=ReleaseStep.ENDED)
    return ReleaseRequest.objects.filter(state__in=_ANSWERED).exclude(Exists(under_way))


def mail_answer(pk: int) -> bool:
    """Whether a mail was sent now; never twice. Raises OSError when the server refuses it."""
    with transaction.atomic():
        request = (
            _answered()
            .select_for_update(of=("self",), skip_locked=True)
            .filter(pk=pk, mailed_at__isnull=True)
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


def mail_answers_left() -> int:
    """Mail the answers that a dead process, or a broker that was away, left; how many."""
    if not settings.SENDS_MAIL:
        return 0
    since = timezone.now() - _NEWS
    left = _answered().filter(
        Q(decided_at__gt=since) | Q(settled_at__gt=since), mailed_at__isnull=True
    )
    sent = 0
    for pk in left.exclude(requested_by__email="").values_list("pk", flat=True)[:100]:
        try:
            sent += mail_answer(pk)
        except OSError as error:
            log.warning("the answer to request %s is not mailed: %s", pk, error)
            break
    return sent


def _answer(request: ReleaseRequest) -> EmailMessage:
    held = request.held
    subject = _("Your release request: %(state)s") % {"state": request.get_state_display()}
    text = _("Mail: %(subject)s\nFrom: %(sender)s\nReceived: %(at)s\n\n")
    # Mail that was deleted needs nobody's answer.
    text += _("%(state)s by %(who)s: %(answer)s\n") if request.decided_by else "%(state)s\n"
    body = text % {
        "subject": held.subject,
        "sender": held.envelope_sender or "<>",
        "at": f"{timezone.localtime(held.received_at):%Y-%m-%d %H:%M %Z}",
        "state": request.get_state_display(),
        "who": request.decided_by.get_username() if request.decided_by else "",
        "answer": request.decision,
    }
    if request.failure:
        body += f"{explained(request.failure)}\n"
    if settings.PUBLIC_URL:
        path = reverse("quarantine:detail", args=[held.pk])
        body += f"\n{settings.PUBLIC_URL.rstrip('/')}{path}\n"
    headers = {"Auto-Submitted": "auto-generated"}
    return EmailMessage(subject, body, to=[request.requested_by.email], headers=headers)


def unseen_answers(user_id: int) -> list[ReleaseRequest]:
    """Answers that the requester was not shown yet, newest first."""
    return list(_unseen(user_id).select_related("held", "decided_by")[:50])


def mark_answers_seen(user_id: int) -> int:
    """The requester was shown all his answers; how many were new."""
    return _unseen(user_id).update(seen_at=timezone.now())


def _unseen(user_id: int) -> QuerySet[ReleaseRequest]:
    return _answered().filter(requested_by=user_id, seen_at__isnull=True)
