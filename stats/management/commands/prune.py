"""``manage.py prune``: delete what is older than it is kept."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand

from quarantine.services.retention import prune
from stats.retention import prune_figures
from stats.told import prune_told


class Command(BaseCommand):
    """Held mail, records, figures, what was told: a JSON object for each configured rule."""

    help = "Delete held mail, figures and what was told that is too old; beat does it each hour."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="only say what would be deleted")

    def handle(self, *args: Any, **options: Any) -> None:
        is_dry_run = options["dry_run"]
        report = [asdict(found) for found in prune(is_dry_run=is_dry_run)]
        told = [*prune_figures(is_dry_run=is_dry_run), *prune_told(is_dry_run=is_dry_run)]
        report += [asdict(found) for found in told]
        for found in report:
            self.stdout.write(json.dumps(found))
