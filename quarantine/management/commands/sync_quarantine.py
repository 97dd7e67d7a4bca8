"""``manage.py sync_quarantine``: read now what the sources hold."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from quarantine.models import QuarantineSource
from quarantine.sync import sync_all


class Command(BaseCommand):
    help = "Read what is new in the quarantine sources; a JSON object a line for each source."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--source", metavar="NAME", help="only this one, enabled or not")

    def handle(self, *args: Any, **options: Any) -> None:
        name = options["source"]
        if name and not QuarantineSource.objects.filter(name=name).exists():
            raise CommandError(f"There is no quarantine source {name!r}")
        reports = sync_all(name)
        for report in reports:
            self.stdout.write(json.dumps(asdict(report)))
        if failed := [report.source for report in reports if report.failure]:
            raise CommandError(f"Not read: {', '.join(failed)} (see failure above)")
