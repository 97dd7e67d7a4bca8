"""Which hours and days are to be made anew, beside those that ingest marks.

Figures also depend on the classes of customers, on the table of providers, on the site's time
zone and on the rules that read replies. A change of these marks what was counted by the old ones,
as far as there still are facts to count.
"""

from __future__ import annotations

import hashlib
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from stats.models import CountedBy
from stats.rollups.definition import select
from tracking.selectors.providers import provider_table

_CODE = ("tracking/reasons", "stats/rollups", "stats/buckets.py", "tracking/providers.py")

_CHANGED_CLASSES = """
INSERT INTO stats_countedclass (customer_id, service_class)
SELECT c.id, c.service_class FROM tracking_customer c
LEFT JOIN stats_countedclass k ON k.customer_id = c.id
WHERE k.service_class IS DISTINCT FROM c.service_class
ON CONFLICT (customer_id) DO UPDATE SET service_class = excluded.service_class
RETURNING customer_id
"""
_GONE_CUSTOMERS = """
DELETE FROM stats_countedclass k
WHERE NOT EXISTS (SELECT 1 FROM tracking_customer c WHERE c.id = k.customer_id)
RETURNING customer_id
"""
_AGAIN = "ON CONFLICT (hour) DO UPDATE SET marked_at = clock_timestamp()"
_MARK_CUSTOMERS = f"""
INSERT INTO tracking_dirtyhour (hour)
SELECT DISTINCT date_trunc('hour', received_at, 'UTC') FROM tracking_message
WHERE customer_id = ANY(%s) ORDER BY 1 {_AGAIN}
"""
_OLDEST = """
SELECT date_trunc('hour', least((SELECT min(received_at) FROM tracking_delivery WHERE is_final),
                                (SELECT min(received_at) FROM tracking_rejection)), 'UTC')
"""
_MARK_ALL = f"""
INSERT INTO tracking_dirtyhour (hour)
SELECT hour FROM (
    SELECT hour FROM stats_relayhour WHERE relay_id IS NULL
    UNION SELECT hour FROM stats_rejectionhour
) counted
WHERE hour >= ({_OLDEST})
ORDER BY 1 {_AGAIN}
"""
# In another zone a day has other hours, or none.
_MARK_DAYS = f"""
UPDATE stats_daystate SET changed_at = clock_timestamp()
WHERE day >= (({_OLDEST}) - interval '1 day')::date
"""
_MARK_DAY = """
INSERT INTO stats_daystate (day, changed_at, list_seconds) VALUES (%s, clock_timestamp(), 0)
ON CONFLICT (day) DO UPDATE SET changed_at = clock_timestamp()
"""


def marked_hours(limit: int | None = None) -> list[datetime]:
    """Hours to be made anew, newest first."""
    sql = "SELECT hour FROM tracking_dirtyhour ORDER BY hour DESC LIMIT %s"
    return [row[0] for row in select(sql, [limit])]


def oldest_fact_hour() -> datetime | None:
    """Rollups outlive facts: what is older can't be made anew, or compared."""
    hour: datetime | None = select(_OLDEST)[0][0]
    return hour


def mark_day(cursor: Any, day: date) -> None:
    """One of its hours was made anew, in the transaction of this cursor."""
    cursor.execute(_MARK_DAY, [day])


def mark_changed() -> None:
    """Mark what was counted by other classes, providers, zone or rules than there are now."""
    _mark_changed_classes()
    now = {"providers": provider_table().digest, "code": _code(), "zone": settings.SITE_TIME_ZONE}
    if now != dict(CountedBy.objects.values_list("subject", "digest")):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(_MARK_ALL)
            cursor.execute(_MARK_DAYS)
            for subject, digest in now.items():
                CountedBy.objects.update_or_create(subject=subject, defaults={"digest": digest})


def _mark_changed_classes() -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        changed = [row[0] for row in select(_CHANGED_CLASSES) + select(_GONE_CUSTOMERS)]
        if changed:
            cursor.execute(_MARK_CUSTOMERS, [changed])


@lru_cache(maxsize=1)
def _code() -> str:
    """Of the source that says what is counted: after an upgrade no figure is of the old one."""
    found = hashlib.sha256()
    for name in _CODE:
        path = Path(settings.BASE_DIR) / name
        for file in sorted(path.rglob("*.py")) if path.is_dir() else (path,):
            found.update(file.read_bytes())
    return found.hexdigest()
