"""``ingest_logs``: log files, directories or standard input into the database."""

from __future__ import annotations

import json
import sys
import time
from argparse import ArgumentParser
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from mailgw.lib.arguments import whole_number
from tracking.choices import SourceKind
from tracking.ingest.bulk import BulkReader, Reading
from tracking.ingest.files import base_name, find_logs
from tracking.ingest.parallel import make_runner
from tracking.ingest.pipeline import Counts
from tracking.ingest.stamps import FIRST_YEAR, LAST_YEAR
from tracking.models import LogSource


class Command(BaseCommand):
    """Stores the lines first, then processes them; safe to run again and to interrupt."""

    help = "Read mail logs: files (also .gz .bz2 .xz .zst), directories, or - for standard input."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("paths", nargs="+", metavar="PATH")
        parser.add_argument("--source", help="name of the log source (default: the path)")
        parser.add_argument(
            "--timezone",
            default=settings.SITE_TIME_ZONE,
            help="zone of stamps that have none (default: the site's, %(default)s)",
        )
        parser.add_argument(
            "--year",
            type=whole_number(FIRST_YEAR, LAST_YEAR),
            help="year of the first line's stamp, if it has none",
        )

    def handle(self, *args: Any, **options: Any) -> str | None:
        zone = options["timezone"]
        try:
            ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise CommandError(f"--timezone {zone}: there is no such time zone") from error
        begun = time.monotonic()
        self.progress = Progress(is_shown=sys.stderr.isatty())
        readings = self._plan(options["paths"], options["source"], zone, options["year"])
        reader = BulkReader(readings, self.progress.say)
        runner = make_runner([reading.source.pk for reading in readings], self.progress.add)
        try:
            for batch in reader.batches():
                runner.take(batch)
            total = runner.finish()
        finally:
            runner.stop()
        self.progress.finish()
        if reader.problems:
            # What was good is in; say what was not, and fail.
            raise CommandError("could not be read to the end: " + "; ".join(reader.problems))
        self.stdout.write(json.dumps(_summary(total, time.monotonic() - begun)))
        return None

    def _plan(
        self, paths: list[str], name: str | None, zone: str, year: int | None
    ) -> list[Reading]:
        """Which source gets which files; with a ``name``, one gets all in the order given."""
        readings: dict[int, Reading] = {}

        def add(source: LogSource, files: Sequence[Path | None]) -> None:
            readings.setdefault(source.pk, Reading(source)).files.extend(files)

        for given in paths:
            if given == "-":
                add(_source(name or "stdin", SourceKind.STREAM, "", zone, year), [None])
                continue
            path = Path(given)
            if path.is_dir():
                groups = find_logs(path)
                if not groups:
                    raise CommandError(f"{given}: no log files in this directory")
            elif path.is_file():
                groups = {path.parent / base_name(path.name): [path]}
            else:
                raise CommandError(f"{given}: no such file or directory")
            for base, files in groups.items():
                place = str(base.resolve())
                add(_source(name or place, SourceKind.FILE, place, zone, year), files)
        return list(readings.values())


def _source(name: str, kind: SourceKind, path: str, zone: str, year: int | None) -> LogSource:
    source, _ = LogSource.objects.get_or_create(
        name=name[:200], defaults={"kind": kind, "path": path, "time_zone": zone, "year": year}
    )
    return source


def _summary(total: Counts, seconds: float) -> dict[str, float]:
    return {
        "lines": total.lines,
        "bytes": total.bytes,
        "unsupported": total.unsupported,
        "invalid": total.invalid,
        "hops": total.hops,
        "deliveries": total.deliveries,
        "rejections": total.rejections,
        "seconds": round(seconds, 3),
    }


class Progress:
    """Lines so far and their rate, on a terminal only; written over itself."""

    def __init__(self, *, is_shown: bool) -> None:
        self.is_shown = is_shown
        self.begun = time.monotonic()
        self.lines = 0

    def add(self, done: Counts) -> None:
        self.lines += done.lines
        rate = self.lines / max(time.monotonic() - self.begun, 0.001)
        self.say(f"{self.lines:,} lines, {rate:,.0f} a second")

    def say(self, text: str) -> None:
        if self.is_shown:
            sys.stderr.write(f"\r\x1b[K{text}")
            sys.stderr.flush()

    def finish(self) -> None:
        if self.is_shown:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
