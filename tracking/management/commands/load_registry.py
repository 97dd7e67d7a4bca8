"""``load_registry``: relays, customers and their networks from a JSON or CSV file."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from tracking.choices import RelayRole
from tracking.models import Relay
from tracking.registry.csv_reading import read_csv
from tracking.registry.json_reading import read_customers
from tracking.registry.planning import Mode
from tracking.registry.rows import BadRegistry, Problem, Sheet
from tracking.registry.services import bring_up_to_date, wanted_of


class Command(BaseCommand):
    """All of the file or nothing; what is there already is brought up to date."""

    help = (
        'Load {"relays": [{"name", "role"}], "customers": [{"number", "name", "service_class", '
        '"networks": [CIDR]}]}, or the CSV of the registry page, into the registry.'
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--replace",
            action="store_true",
            help="The file is the whole registry: customers and networks it lacks are removed.",
        )
        parser.add_argument("--dry-run", action="store_true", help="Say what it would do, only.")

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        relays, sheet = _read(path)
        mode = Mode.REPLACE if options["replace"] else Mode.MERGE
        try:
            counts = _load(relays, sheet, mode, is_dry=options["dry_run"])
        except BadRegistry as error:
            raise CommandError("\n".join(_words(path, item) for item in error.problems)) from error
        self.stdout.write(json.dumps(counts))


def _read(path: Path) -> tuple[list[Any], Sheet]:
    """The relays (a CSV file has none), and the rest."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise CommandError(f"{path}: {error.strerror}") from error
    if path.suffix.lower() == ".csv":
        return [], read_csv(raw)
    try:
        data = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise CommandError(f"{path}: not JSON: {error}") from error
    if not isinstance(data, dict) or not isinstance(data.get("relays", []), list):
        raise CommandError(f"{path}: not an object with relays and customers")
    return data.get("relays", []), read_customers(data.get("customers", []))


def _load(relays: list[Any], sheet: Sheet, mode: Mode, *, is_dry: bool) -> dict[str, Any]:
    """What the file holds, and what came of it."""
    roles = dict(map(_role, relays))
    wanted = wanted_of(sheet)
    changes: dict[str, Any] = {}
    with transaction.atomic():
        if not is_dry:
            for name, role in roles.items():
                Relay.objects.update_or_create(name=name, defaults={"role": role})
        if sheet.rows or sheet.problems or mode is Mode.REPLACE:
            changes = bring_up_to_date(wanted, mode, is_dry=is_dry).counts()
    return {
        "relays": len(relays),
        "customers": len(wanted.customers),
        "networks": len(wanted.networks),
        "changes": changes,
    }


def _role(item: Any) -> tuple[str, str]:
    given = item if isinstance(item, dict) else {}
    name, role = given.get("name"), given.get("role")
    if not isinstance(name, str) or not name:
        raise CommandError(f"relay {item!r:.100}: name is missing or no text")
    if role not in RelayRole.values:
        roles = ", ".join(RelayRole.values)
        raise CommandError(f"relay {item!r:.100}: the role is none of {roles}")
    return name.lower(), role


def _words(path: Path, problem: Problem) -> str:
    place = f", line {problem.line}" if problem.line else ""
    column = f", {problem.column}" if problem.column else ""
    return f"{path}{place}{column}: {problem.text}"
