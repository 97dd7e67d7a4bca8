"""``ingest_logs``: log files, directories or standard input into the database."""

from __future__ import annotations

import json
import sys
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from tracking.choices import SourceKind
from tracking.ingest.files import base_name, find_logs, read_chunks
from tracking.ingest.parallel import make_runner
from tracking.ingest.pipeline import Counts
from tracking.ingest.sources import DamagedFile, read_file
from tracking.intake import MAX_SEGMENT_BYTES, add_segment
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
            "--year", type=int, help="year of the first line's stamp, if it has none"
        )

    def handle(self, *args: Any, **options: Any) -> str | None:
        zone = options["timezone"]
        try:
            ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise CommandError(f"--timezone {zone}: there is no such time zone") from error
        begun = time.monotonic()
        self.progress = Progress(is_shown=sys.stderr.isatty())
        plan = self._plan(options["paths"], options["source"], zone, options["year"])
        problems: list[str] = []
        runner = make_runner(len({source.pk for source, _ in plan}), self.progress.add)
        try:
            for source, files in plan:
                problems += self._store(source, files)
                runner.start(source.pk)
            total = runner.finish()
        finally:
            runner.stop()
        self.progress.finish()
        if problems:
            # What was good is in; say what was not, and fail.
            raise CommandError("could not be read to the end: " + "; ".join(problems))
        self.stdout.write(json.dumps(_summary(total, time.monotonic() - begun)))
        return None

    def _plan(
        self, paths: list[str], name: str | None, zone: str, year: int | None
    ) -> list[tuple[LogSource, list[Path] | None]]:
        """Which source gets which files; None stands for standard input."""
        plan: list[tuple[LogSource, list[Path] | None]] = []
        for given in paths:
            if given == "-":
                plan.append((_source(name or "stdin", SourceKind.STREAM, "", zone, year), None))
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
                source = _source(
                    name or str(base.resolve()), SourceKind.FILE, str(base.resolve()), zone, year
                )
                plan.append((source, files))
        if name:
            return plan  # one source: the order given is the order of its lines
        # The largest first: then no core is left with it alone at the end.
        return sorted(plan, key=lambda item: -_total_size(item[1]))

    def _store(self, source: LogSource, files: list[Path] | None) -> list[str]:
        """Returns what could not be read, each with its file's name."""
        if files is None:
            for raw in read_chunks(sys.stdin.buffer, MAX_SEGMENT_BYTES, take_partial=True):
                add_segment(source, raw)
            return []
        problems = []
        for path in files:
            self.progress.say(f"reading {path}")
            try:
                read_file(source, path)
            except DamagedFile as error:
                problems.append(str(error))
            except OSError as error:
                problems.append(f"{path}: {error.strerror}")
        return problems


def _total_size(files: list[Path] | None) -> int:
    return sum(path.stat().st_size for path in files or ())


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
