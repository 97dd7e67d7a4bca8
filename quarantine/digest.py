"""The recipients' own digest: once a day, what is held for them, with links to act on it.

A link is signed, expires, and stands for one action on one mail for one recipient. It shows a
page; only a POST from there acts (mail programs and scanners follow links). Never for viruses,
and only to addresses of the domains that the site names: held outbound mail has strangers as
recipients.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core import signing
from django.core.mail import EmailMessage
from django.db import connection, transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from quarantine import audit
from quarantine.audit import Who
from quarantine.choices import HeldState, Outcome, Verb
from quarantine.models import Digest, QuarantinedMessage
from quarantine.services.bulk import find
from quarantine.services.deletion import delete_one
from quarantine.services.release import Order, Wish, release_one
from quarantine.services.results import BadInput, ItemOutcome
from tracking.choices import QuarantineKind

log = logging.getLogger(__name__)

Action = Literal["release", "delete"]
MAX_LISTED = 100
MAX_DAYS = 7
_SALT = "quarantine.digest"
_MAX_TOKEN = 2000
# Below the console's PUBLIC_URL.
PATH = "quarantine/digest/{token}/"

_RECIPIENTS = """
SELECT DISTINCT lower(r) FROM quarantine_quarantinedmessage q, unnest(q.recipients) r
WHERE q.state = 'held' AND q.kind = ANY(%(kinds)s) AND q.virus = ''
  AND q.received_at >= %(since)s AND q.received_at < %(until)s
  AND lower(split_part(r, '@', -1)) = ANY(%(domains)s)
  AND lower(r) > %(after)s
  AND NOT EXISTS (
    SELECT 1 FROM quarantine_digest d WHERE d.recipient = lower(r) AND d.day >= %(day)s
  )
ORDER BY 1 LIMIT 1000
"""


@dataclass(frozen=True, slots=True)
class Link:
    """What a link of a digest stands for."""

    held: QuarantinedMessage
    recipient: str
    action: Action


def make_token(held_id: int, recipient: str, action: Action) -> str:
    return signing.dumps([held_id, recipient, action], salt=_SALT, compress=True)


def read_link(token: str) -> Link:
    """What a link stands for; changes nothing. Raises BadInput when it is not ours or too old."""
    max_age = timedelta(days=settings.QUARANTINE_DIGEST_LINK_DAYS)
    try:
        if len(token) > _MAX_TOKEN:
            raise signing.BadSignature
        held_id, recipient, action = signing.loads(token, salt=_SALT, max_age=max_age)
    except signing.SignatureExpired:
        raise BadInput("token", _("This link is too old.")) from None
    except (signing.BadSignature, ValueError):
        raise BadInput("token", _("This link is not valid.")) from None
    held = find(held_id)
    if held is None or not may_be_listed(held):
        raise BadInput("token", _("This mail is no longer here."))
    return Link(held, recipient, action)


def act_on_link(token: str, client_ip: str | None) -> ItemOutcome:
    """Do what the link stands for, once. Raises BadInput."""
    link = read_link(token)
    who = Who(f"recipient {link.recipient}", client_ip)
    own = [name for name in link.held.recipients if name.casefold() == link.recipient.casefold()]
    if not own:
        raise BadInput("token", _("This mail is no longer here."))
    reason = "link of the recipient's digest"
    if link.action == "release":
        return release_one(link.held, Order(who, reason, uuid.uuid4(), Wish(reason, own)))
    if len(link.held.recipients) > 1:
        raise BadInput("token", _("This mail is held for others, too."))
    about = audit.about(link.held)
    return delete_one(link.held, audit.Entry(who, Verb.DELETE, Outcome.DONE, about, reason))


def may_be_listed(held: QuarantinedMessage) -> bool:
    """Whether its recipient may act on it himself."""
    return held.kind in digest_kinds() and not held.virus


def digest_kinds() -> list[int]:
    """The kinds of QUARANTINE_DIGEST_KINDS; never viruses."""
    names = {name.upper() for name in settings.QUARANTINE_DIGEST_KINDS} - {"VIRUS", "NONE"}
    return [kind.value for kind in QuarantineKind if kind.name in names]


def send_digests(now: datetime | None = None) -> int:
    """Mail every recipient who has not had today's digest and has something new; how many.

    Killed in between, the next run sends the rest; at worst one recipient has it twice.
    """
    local = (now or timezone.now()).astimezone(ZoneInfo(settings.SITE_TIME_ZONE))
    is_time = local.hour >= settings.QUARANTINE_DIGEST_HOUR
    if not settings.SENDS_MAIL or not settings.QUARANTINE_DIGEST_DOMAINS or not is_time:
        return 0
    sent = 0
    for recipient in _recipients(local):
        try:
            sent += _send_one(recipient, local)
        except (OSError, ValueError) as error:
            log.warning("digest of %s not sent: %s", recipient, error)
    return sent


def _recipients(local: datetime) -> Iterator[str]:
    values: dict[str, Any] = {
        "kinds": digest_kinds(),
        "domains": [name.lower() for name in settings.QUARANTINE_DIGEST_DOMAINS],
        "since": local - timedelta(days=MAX_DAYS),
        "until": local,
        "day": local.date(),
        "after": "",
    }
    while True:
        with connection.cursor() as cursor:
            cursor.execute(_RECIPIENTS, values)
            names = [row[0] for row in cursor.fetchall()]
        if not names:
            return
        yield from names
        values["after"] = names[-1]


def _send_one(recipient: str, local: datetime) -> int:
    """1 when a mail was sent. The row is claimed, and committed as sent after the mail was taken.

    Raises OSError, and ValueError for an address that can't be in a header.
    """
    with transaction.atomic():
        row, _is_new = Digest.objects.get_or_create(recipient=recipient)
        digest = Digest.objects.select_for_update(skip_locked=True).filter(pk=row.pk).first()
        if digest is None or _is_done(digest, local.date()):
            return 0
        since = max(digest.until or local - timedelta(days=1), local - timedelta(days=MAX_DAYS))
        rows = _held_for(recipient, since, local)
        if rows:
            _message(recipient, rows).send()
        digest.day, digest.until = local.date(), local
        digest.save(update_fields=("day", "until"))
    return 1 if rows else 0


def _is_done(digest: Digest, day: date) -> bool:
    return digest.day is not None and digest.day >= day


def _held_for(recipient: str, since: datetime, until: datetime) -> list[QuarantinedMessage]:
    rows = QuarantinedMessage.objects.in_state(HeldState.HELD).filter(
        kind__in=digest_kinds(), virus="", received_at__gte=since, received_at__lt=until
    )
    named = rows.recipient_contains(recipient).order_by("-received_at", "-pk")
    waiting = (held for held in named.iterator() if recipient in _lower(held.waiting_recipients))
    return [held for held, _number in zip(waiting, range(MAX_LISTED), strict=False)]


def _lower(names: list[str]) -> list[str]:
    return [name.lower() for name in names]


def _message(recipient: str, rows: list[QuarantinedMessage]) -> EmailMessage:
    with translation.override(settings.QUARANTINE_DIGEST_LANGUAGE):
        subject = _("Mail held for you: %(count)d") % {"count": len(rows)}
        intro = _(
            "The mail filter holds the mails below because they look like spam. They are deleted "
            "after a while. Release only what you expect."
        )
        parts = [intro, *(_listed(recipient, held) for held in rows)]
    return EmailMessage(
        subject,
        "\n\n".join(parts) + "\n",
        to=[recipient],
        headers={"Auto-Submitted": "auto-generated", "Precedence": "bulk"},
    )


def _listed(recipient: str, held: QuarantinedMessage) -> str:
    at = timezone.localtime(held.received_at, ZoneInfo(settings.SITE_TIME_ZONE))
    lines = [
        _("From: %(sender)s") % {"sender": _harmless(held.header_from or held.envelope_sender)},
        _("Subject: %(subject)s") % {"subject": _harmless(held.subject)},
        _("Received: %(at)s") % {"at": f"{at:%Y-%m-%d %H:%M %Z}"},
        _("Release: %(url)s") % {"url": _url(held, recipient, "release")},
    ]
    if len(held.recipients) == 1:
        lines.append(_("Delete: %(url)s") % {"url": _url(held, recipient, "delete")})
    return "\n".join(lines)


def _harmless(text: str) -> str:
    """Mail programs make links of what looks like one; held mail's own must not be among them."""
    return text.replace("://", ":// ").replace("www.", "www .")[:200]


def _url(held: QuarantinedMessage, recipient: str, action: Action) -> str:
    token = make_token(held.pk, recipient, action)
    return f"{settings.PUBLIC_URL.rstrip('/')}/{PATH.format(token=token)}"
