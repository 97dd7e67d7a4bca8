"""What bin/start needs done before it serves, in one process because each costs a second."""

from __future__ import annotations

import json
import secrets

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import transaction

from mailgw.apps import StaticFilesConfig
from mailgw.lib.static_fingerprint import static_fingerprint
from tracking.models import LogSegment

ADMIN = "admin"


class Command(BaseCommand):
    """Idempotent. The last line of stdout is JSON: admin_password (or null), has_logs."""

    help = "Migrate, collect static files, create the first admin."

    def handle(self, *args: object, **options: object) -> None:
        call_command("migrate", interactive=False, verbosity=0)
        collect_static_files()
        report = {
            "admin_password": create_first_admin(),
            "has_logs": LogSegment.objects.exists(),
        }
        self.stdout.write(json.dumps(report))


def collect_static_files() -> None:
    """Collecting hashes and compresses everything: only when a file changed."""
    stamp = settings.STATIC_ROOT / ".fingerprint"
    found = static_fingerprint(StaticFilesConfig.ignore_patterns)
    if not settings.DEBUG and (not stamp.exists() or stamp.read_text() != found):
        call_command("collectstatic", interactive=False, clear=True, verbosity=0)
        stamp.write_text(found)


@transaction.atomic
def create_first_admin() -> str | None:
    """The password of the admin made now; None when there is a superuser already."""
    user_model = get_user_model()
    if user_model.objects.filter(is_superuser=True).exists():
        return None
    password = secrets.token_urlsafe(12)
    user_model.objects.create_superuser(username=ADMIN, password=password)
    return password
