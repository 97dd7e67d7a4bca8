"""``manage.py add_quarantine_source``: a source without the admin pages; again changes it."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from quarantine.choices import BackendKind
from quarantine.models import QuarantineSource

_FIELDS = ("release_to", "username", "password_file", "tls_fingerprint", "ca_file")


class Command(BaseCommand):
    help = "Add a quarantine source, or change the one of this name (see docs/operations.md)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name")
        parser.add_argument("--kind", choices=BackendKind.values, required=True)
        parser.add_argument("--location", required=True, help="directory, or URL of PMG's API")
        for field in _FIELDS:
            parser.add_argument(f"--{field.replace('_', '-')}", default="")

    def handle(self, *args: Any, **options: Any) -> None:
        source = QuarantineSource.objects.filter(name=options["name"]).first()
        source = source or QuarantineSource(name=options["name"])
        for field in ("kind", "location", *_FIELDS):
            setattr(source, field, options[field])
        try:
            source.full_clean()
        except ValidationError as error:
            raise CommandError("; ".join(error.messages)) from error
        source.save()
