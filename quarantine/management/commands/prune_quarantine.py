"""``manage.py prune_quarantine``: delete what is older than it is kept."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand

from quarantine.services.retention import prune


class Command(BaseCommand):
    help = "Delete held mail and records past QUARANTINE_KEEP_DAYS and QUARANTINE_RECORD_DAYS."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="only say what would be deleted")

    def handle(self, *args: Any, **options: Any) -> None:
        for due in prune(is_dry_run=options["dry_run"]):
            self.stdout.write(json.dumps(asdict(due)))
