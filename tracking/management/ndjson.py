"""What the export commands share: a range of time, a host, and one JSON object a line."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime


class ExportCommand(BaseCommand):
    """Writes what ``iterate`` gives for ``--since``, ``--until`` and ``--host``."""

    iterate: Callable[..., Iterator[dict[str, Any]]]

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--since", help="from this time on (ISO 8601; site's zone if none)")
        parser.add_argument("--until", help="up to, not including, this time")
        parser.add_argument("--host", help="only this relay")

    def handle(self, *args: Any, **options: Any) -> None:
        found = type(self).iterate(
            since=_moment("--since", options["since"]),
            until=_moment("--until", options["until"]),
            host=options["host"],
        )
        try:
            for item in found:
                self.stdout.write(json.dumps(item, ensure_ascii=False))
        except BrokenPipeError:
            # The reader (head, say) has enough; nothing may be flushed to it any more.
            sys.stderr.close()


def _moment(option: str, text: str | None) -> datetime | None:
    """A time given on the command line; raises CommandError when it is none."""
    if text is None:
        return None
    try:
        moment = parse_datetime(text)
        if moment is None:
            day = parse_date(text)
            moment = datetime(day.year, day.month, day.day) if day else None  # noqa: DTZ001
    except ValueError:
        moment = None
    if moment is None:
        raise CommandError(f"{option} {text}: not a time like 2026-11-24 or 2026-11-24T09:30")
    if timezone.is_naive(moment):
        moment = moment.replace(tzinfo=ZoneInfo(settings.SITE_TIME_ZONE))
    return moment
