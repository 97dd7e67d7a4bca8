"""``manage.py simulate``: log files of a believable mail site, and the truth about them."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from mailgw.lib.arguments import day_count, whole_number
from tracking.simulator import Settings, simulate
from tracking.simulator.clock import from_datetime


class Command(BaseCommand):
    help = "Write the logs of four simulated relays, a quarantine spool and truth.ndjson."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--days", type=day_count, default=7.0, help="length of the simulated time"
        )
        parser.add_argument(
            "--messages", type=whole_number(1, 100_000_000), default=20_000, help="mails handed in"
        )
        parser.add_argument("--seed", type=int, default=1, help="same seed and end, same files")
        parser.add_argument("--out", type=Path, required=True, metavar="DIR")
        parser.add_argument(
            "--end",
            type=datetime.fromisoformat,
            metavar="ISO",
            help="last moment of the simulation (default: now)",
        )
        parser.add_argument("--format", choices=("rfc3339", "rfc3164"), default="rfc3339")

    def handle(self, *args: Any, **options: Any) -> None:
        settings = Settings(
            directory=options["out"],
            days=options["days"],
            messages=options["messages"],
            seed=options["seed"],
            end=from_datetime(options["end"] or datetime.now(tz=UTC)),
            log_format=options["format"],
        )
        try:
            summary = simulate(settings)
        except OSError as error:
            message = f"--out {error.filename}: {error.strerror}"
            raise CommandError(message) from error
        self.stdout.write(json.dumps(asdict(summary)))
