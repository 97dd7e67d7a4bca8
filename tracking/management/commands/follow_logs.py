"""``follow_logs``: log files that grow, into the database as they do."""

from __future__ import annotations

import signal
import threading
from argparse import ArgumentParser
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db.models import QuerySet

from tracking.choices import SourceKind
from tracking.ingest.files import find_logs
from tracking.ingest.follow import Follower
from tracking.models import LogSource
from tracking.services import start_processing


class Command(BaseCommand):
    """Runs until SIGTERM or SIGINT; killed anywhere, it goes on where it was."""

    help = (
        "Follow log files over rotation and truncation. Paths given here are followed from then "
        "on: without paths, every source that is marked as followed is."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("paths", nargs="*", metavar="PATH", help="log file or directory")
        parser.add_argument("--source", help="name of the log source (default: the path)")
        parser.add_argument(
            "--timezone",
            default=settings.SITE_TIME_ZONE,
            help="zone of stamps that have none (default: the site's, %(default)s)",
        )
        parser.add_argument(
            "--interval", type=float, default=0.3, help="seconds between looks (%(default)s)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        zone, name = options["timezone"], options["source"]
        try:
            ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise CommandError(f"--timezone {zone}: there is no such time zone") from error
        if options["interval"] <= 0:
            raise CommandError("--interval: more than 0 seconds")
        wanted = Wanted([Path(given) for given in options["paths"]], name, zone)
        if name and len(wanted.logs()) > 1:
            raise CommandError("--source: one log file only")
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        Follower(wanted.sources, start_processing, stop, options["interval"]).run()


class Wanted:
    """The logs of the paths that were given, those that come to a directory later included.

    Without paths: every source that is marked as followed.
    """

    def __init__(self, given: list[Path], name: str | None, zone: str) -> None:
        self.given = given
        self.name = name
        self.zone = zone
        self.ids: dict[Path, int] = {}

    def logs(self) -> list[Path]:
        return [path for given in self.given for path in _logs(given)]

    def sources(self) -> QuerySet[LogSource]:
        """Makes a source of each log that is new."""
        for path in self.logs():
            if path not in self.ids:
                self.ids[path] = _followed_source(path, self.name or str(path), self.zone)
        sources = LogSource.objects.filter(
            is_followed=True, kind__in=[SourceKind.FILE, SourceKind.DIRECTORY]
        ).defer("carry")
        return sources.filter(pk__in=self.ids.values()) if self.given else sources


def _logs(path: Path) -> list[Path]:
    """A file, which may come later, or the logs of a directory, by their names in true places."""
    if path.is_dir():
        return list(find_logs(path.resolve()))
    return [path.parent.resolve() / path.name]


def _followed_source(path: Path, name: str, zone: str) -> int:
    source, _ = LogSource.objects.update_or_create(
        name=name[:200],
        defaults={"is_followed": True, "path": str(path)},
        create_defaults={
            "kind": SourceKind.FILE,
            "path": str(path),
            "time_zone": zone,
            "is_followed": True,
        },
    )
    return source.pk
