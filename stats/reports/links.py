"""The way out of a customer's report: a signed link, which a mail program may follow by itself.

GET shows a page, only POST ends the report (RFC 8058).
"""

from __future__ import annotations

from django.conf import settings
from django.core import signing
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from stats.reports.choices import SendingState
from stats.reports.models import ReportSubscription

_SALT = "stats.reports.unsubscribe"
MAX_TOKEN = 600


def unsubscribe_url(subscription: ReportSubscription) -> str:
    """ "" for reports of the whole site, and where the console does not know its address."""
    if subscription.customer_id is None or not settings.PUBLIC_URL:
        return ""
    token = signing.dumps([subscription.pk, subscription.address], salt=_SALT, compress=True)
    return settings.PUBLIC_URL.rstrip("/") + reverse("stats:report-unsubscribe", args=[token])


def read_token(token: str) -> ReportSubscription | None:
    """The report that a link stands for; None for what is no link of ours any more."""
    try:
        if len(token) > MAX_TOKEN:
            return None
        pk, address = signing.loads(token, salt=_SALT)
    except (signing.BadSignature, ValueError):
        return None
    return ReportSubscription.objects.filter(pk=pk, address=address).first()


def unsubscribe(subscription: ReportSubscription) -> None:
    """The reader wants no more of it; what waits is not sent."""
    with transaction.atomic():
        subscription.sendings.filter(state=SendingState.WAITING).delete()
        subscription.is_active, subscription.ended_by_reader_at = False, timezone.now()
        subscription.save(update_fields=["is_active", "ended_by_reader_at"])
