"""``create_api_token``: a token for a script."""

from __future__ import annotations

import re
from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError
from knox.models import AuthToken

_NAME = re.compile(r"[a-z0-9-]{1,9}")


class Command(BaseCommand):
    """The token begins with its name, by which the list of tokens shows it."""

    help = "Make an API token that acts for USER, and print it: it is shown this once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("user", metavar="USER")
        parser.add_argument("name", metavar="NAME", help="1 to 9 of a-z, 0-9 and -")
        parser.add_argument("--days", type=int, default=90, help="valid for (default: %(default)s)")

    def handle(self, *args: Any, **options: Any) -> None:
        name, days = options["name"], options["days"]
        if not _NAME.fullmatch(name):
            raise CommandError(f"{name}: a name is 1 to 9 of a-z, 0-9 and -")
        if not 1 <= days <= 3660:
            raise CommandError(f"--days {days}: from 1 to 3660")
        users = get_user_model()._default_manager
        user = users.filter(username=options["user"], is_active=True).first()
        if user is None:
            raise CommandError(f"{options['user']}: no such active user")
        _, token = AuthToken.objects.create(user, expiry=timedelta(days=days), prefix=f"{name}_")
        self.stdout.write(token)
