"""The oldest mail in a relay's queue.

Its age counts up to the newest line of that relay's log: what a silent source does not tell of
may have left the queue long ago.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.urls import reverse

from stats.alerts.choices import SubjectKind
from stats.alerts.models import AlertRule
from stats.alerts.reading import Reading, Subject
from stats.now import queues
from stats.rollups import select
from tracking.models import LogSource, Relay

MINUTE = timedelta(minutes=1)
# A relay's waits, as long as a rule's threshold or longer.
_WAITS = """
SELECT relay_id, opened_at, least(coalesce(ended_at, %(now)s), %(now)s) FROM tracking_hop
WHERE received_at >= %(since)s AND received_at < %(now)s
  AND least(coalesce(ended_at, %(now)s), %(now)s) - opened_at >= %(age)s
ORDER BY opened_at
"""


def measure_now(rule: AlertRule) -> Iterator[Reading]:
    """Of each relay, the minutes that its oldest mail has waited."""
    waiting = queues()
    relays = Relay.objects.in_bulk(list(waiting))
    told = _newest_lines()
    for pk, relay in relays.items():
        queue, until = waiting[pk], told.get(relay.name)
        if until is None or queue.mails < rule.minimum:
            continue
        minutes = max((until - queue.oldest_at) / MINUTE, 0.0)
        evidence = reverse("tracking:message-detail", args=[queue.oldest_message])
        subject = Subject(SubjectKind.RELAY, str(pk), relay.name)
        yield Reading(subject, minutes, queue.mails, queue.oldest_at, until, evidence)


def waits(
    rule: AlertRule, since: datetime, now: datetime
) -> Iterator[tuple[str, datetime, datetime]]:
    """Of mail received since then, relay and the time in which a mail was over the threshold."""
    age = rule.raise_at * MINUTE
    for relay, opened_at, ended_at in select(_WAITS, {"since": since, "now": now, "age": age}):
        yield str(relay), opened_at + age, ended_at


def _newest_lines() -> dict[str, datetime]:
    """By host name; of several sources that have a host's lines, the newest."""
    told: dict[str, datetime] = {}
    sources = LogSource.objects.filter(last_line_at__isnull=False)
    for source in sources.only("hosts", "last_line_at"):
        if at := source.last_line_at:
            told |= {host: max(at, told.get(host, at)) for host in source.hosts}
    return told
