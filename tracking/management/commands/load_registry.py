"""``load_registry``: relays, customers and their networks from a JSON file."""

from __future__ import annotations

import ipaddress
import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from tracking.choices import RelayRole, ServiceClass
from tracking.models import ClientNetwork, Customer, Relay


class Command(BaseCommand):
    """All of the file or nothing; what is there already is brought up to date."""

    help = (
        'Load {"relays": [{"name", "role"}], "customers": [{"number", "name", "service_class", '
        '"networks": [CIDR]}]} into the registry.'
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        path = options["file"]
        try:
            data = json.loads(path.read_text(encoding="utf-8"))
        except OSError as error:
            raise CommandError(f"{path}: {error.strerror}") from error
        except ValueError as error:
            raise CommandError(f"{path}: not JSON: {error}") from error
        if not isinstance(data, dict):
            raise CommandError(f"{path}: not an object with relays and customers")
        with transaction.atomic():
            relays = [_load_relay(item) for item in data.get("relays", [])]
            customers = [_load_customer(item) for item in data.get("customers", [])]
        self.stdout.write(
            json.dumps(
                {"relays": len(relays), "customers": len(customers), "networks": sum(customers)}
            )
        )


def _value(item: Any, name: str, what: str) -> str:
    value = item.get(name) if isinstance(item, dict) else None
    if not isinstance(value, str) or not value:
        raise CommandError(f"{what} {item!r:.100}: {name} is missing or no text")
    return value


def _load_relay(item: Any) -> Relay:
    role = _value(item, "role", "relay")
    if role not in RelayRole.values:
        roles = ", ".join(RelayRole.values)
        raise CommandError(f"relay {item!r:.100}: the role is none of {roles}")
    relay, _ = Relay.objects.update_or_create(
        name=_value(item, "name", "relay").lower(), defaults={"role": role}
    )
    return relay


def _load_customer(item: Any) -> int:
    """Load one customer; returns the number of its networks."""
    service_class = _value(item, "service_class", "customer")
    if service_class not in ServiceClass.values:
        raise CommandError(
            f"customer {item!r:.100}: the class is none of {', '.join(ServiceClass.values)}"
        )
    customer, _ = Customer.objects.update_or_create(
        number=_value(item, "number", "customer"),
        defaults={"name": _value(item, "name", "customer"), "service_class": service_class},
    )
    networks = item.get("networks", [])
    for text in networks:
        try:
            network = ipaddress.ip_network(text)
        except ValueError as error:
            raise CommandError(f"customer {customer.number}: network {text}: {error}") from error
        ClientNetwork.objects.update_or_create(
            network=str(network), defaults={"customer": customer}
        )
    return len(networks)
