"""``create_log_source``: a source that pushes its lines."""

from __future__ import annotations

import secrets
from argparse import ArgumentParser
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from tracking.choices import SourceKind
from tracking.models import LogSource
from tracking.push import token_digest

PUSH = SourceKind.PUSH.value


class Command(BaseCommand):
    """Only the digest of the token is kept; ``--renew`` gives a source a new one."""

    help = "Make a log source and print its token: it is shown this once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", metavar="NAME")
        parser.add_argument("--kind", choices=[PUSH], default=PUSH)
        parser.add_argument(
            "--timezone",
            default=settings.SITE_TIME_ZONE,
            help="zone of stamps that have none (default: the site's, %(default)s)",
        )
        parser.add_argument(
            "--host",
            action="append",
            default=[],
            help="the only host name that its lines may have; may be given several times",
        )
        parser.add_argument("--renew", action="store_true", help="a new token for an old source")

    def handle(self, *args: Any, **options: Any) -> None:
        name, zone = options["name"], options["timezone"]
        if not name.strip() or len(name) > 200:
            raise CommandError("NAME is 1 to 200 characters")
        try:
            ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise CommandError(f"--timezone {zone}: there is no such time zone") from error
        hosts = sorted(set(options["host"]))
        if any(not host or len(host) > 255 or not host.isprintable() for host in hosts):
            raise CommandError("--host is a name of 1 to 255 characters")
        token = secrets.token_urlsafe(32)
        digest = token_digest(token)
        if options["renew"]:
            sources = LogSource.objects.filter(name=name, kind=options["kind"])
            changes = {"token_digest": digest} | ({"allowed_hosts": hosts} if hosts else {})
            if not sources.update(**changes):
                raise CommandError(f"{name}: no such source")
        else:
            _, is_new = LogSource.objects.get_or_create(
                name=name,
                defaults={
                    "kind": options["kind"],
                    "time_zone": zone,
                    "token_digest": digest,
                    "allowed_hosts": hosts,
                },
            )
            if not is_new:
                raise CommandError(f"{name}: exists already; --renew gives it a new token")
        self.stdout.write(token)
