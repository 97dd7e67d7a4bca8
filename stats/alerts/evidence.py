"""Paths of the pages that show what an alert is about."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from urllib.parse import urlencode

from django.urls import reverse

BOUNCED = ("bounced", "expired")
REFUSED = ("bounced", "expired", "deferred")


def search_path(since: datetime, until: datetime, **given: str | Sequence[str]) -> str:
    """The search of a time with these filters."""
    return (
        f"{reverse('tracking:search')}?{urlencode({**_times(since, until), **given}, doseq=True)}"
    )


def weather_path(since: datetime, until: datetime) -> str:
    """How the mail providers took our mail in that time."""
    return f"{reverse('stats:outbound')}?{urlencode(_times(since, until))}#weather-title"


def _times(since: datetime, until: datetime) -> dict[str, str]:
    return {"since": since.astimezone(UTC).isoformat(), "until": until.astimezone(UTC).isoformat()}
