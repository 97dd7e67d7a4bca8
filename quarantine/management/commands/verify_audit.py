"""``manage.py verify_audit``: prove that the audit trail is whole."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from quarantine import audit
from quarantine.models import QuarantineAction


class Command(BaseCommand):
    help = "Go over the audit trail's hash chain; exit status 1 on any break, naming the row."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--expect",
            metavar="NUMBER:HASH",
            help="a head noted earlier, somewhere else: this row must still be so",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        proof = audit.verify()
        breaks = proof.breaks + _missing(options["expect"])
        for text in breaks:
            self.stderr.write(text)
        self.stdout.write(json.dumps(asdict(proof) | {"breaks": breaks}))
        if breaks:
            raise CommandError(f"The audit trail is broken: {breaks[0]}")


def _missing(expected: str | None) -> list[str]:
    if not expected:
        return []
    number, _, seal = expected.partition(":")
    if not number.isdecimal() or len(number) > 18:
        raise CommandError(f"--expect {expected!r} is not NUMBER:HASH")
    if QuarantineAction.objects.filter(number=number, hash=seal).exists():
        return []
    return [f"row {number}: is not the one that was noted"]
