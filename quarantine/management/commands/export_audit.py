"""``manage.py export_audit``: the audit trail as NDJSON or CSV, seals included."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from mailgw.lib.csv_export import csv_lines
from quarantine import audit


class Command(BaseCommand):
    help = "Write the audit trail to stdout, oldest first."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--format", choices=("ndjson", "csv"), default="ndjson")

    def handle(self, *args: Any, **options: Any) -> None:
        rows = audit.export_rows()
        if options["format"] == "ndjson":
            for row in rows:
                self.stdout.write(json.dumps(row, ensure_ascii=False))
            return
        for line in csv_lines(audit.EXPORTED, (list(row.values()) for row in rows)):
            self.stdout.write(line, ending="")
