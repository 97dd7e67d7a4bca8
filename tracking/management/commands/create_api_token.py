"""``create_api_token``: a token for a script."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from mailgw.lib.scopes import all_scopes
from tracking.scopes import READ
from tracking.token_forms import NAME
from tracking.tokens import issue_token


class Command(BaseCommand):
    """Only the digest of the token is kept."""

    help = "Make an API token that acts for USER, and print it: it is shown this once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        known = ", ".join(scope.name for scope in all_scopes())
        parser.add_argument("user", metavar="USER")
        parser.add_argument("name", metavar="NAME", help="what will use it; 1 to 60 characters")
        parser.add_argument("--days", type=int, default=90, help="valid for (default: %(default)s)")
        parser.add_argument(
            "--scope",
            action="append",
            default=[],
            help=f"may be given several times; one of {known} (default: {READ})",
        )
        parser.add_argument(
            "--network",
            action="append",
            default=[],
            metavar="CIDR",
            help="the only network that it may be used from; may be given several times",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        name = options["name"].strip()
        users = get_user_model()._default_manager
        user = users.filter(username=options["user"], is_active=True).first()
        if user is None:
            raise CommandError(f"{options['user']}: no such active user")
        try:
            _check_name(name)
            _, secret = issue_token(
                user, name, options["scope"] or [READ], options["days"], options["network"]
            )
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        self.stdout.write(secret)


def _check_name(name: str) -> None:
    if not 1 <= len(name) <= 60:
        raise ValidationError("NAME is 1 to 60 characters.")
    NAME(name)
