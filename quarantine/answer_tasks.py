"""The Celery task that services start; tasks.py imports them, so this stands apart."""

from __future__ import annotations

import logging

from celery import shared_task
from kombu.exceptions import OperationalError as BrokerError

from quarantine.telling import mail_answer

log = logging.getLogger(__name__)


@shared_task(
    name="quarantine.mail_answer",
    autoretry_for=(OSError,),
    retry_backoff=60,
    max_retries=8,
)
def mail_request_answer(pk: int) -> bool:
    """Tell a requester by mail what became of his request."""
    return mail_answer(pk)


def start_mailing_answer(pk: int) -> None:
    """The page tells anyway, so a broker that is away does no harm."""
    try:
        mail_request_answer.apply_async((pk,), retry=False)
    except BrokerError:
        log.warning("the answer to request %s is not mailed: the broker does not answer", pk)
