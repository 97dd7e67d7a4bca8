"""``manage.py roll_up``: make the figures of changed hours anew, now."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand

from stats.rollups import roll_up


class Command(BaseCommand):
    """Waits for another run; the last line of stdout is JSON."""

    help = "Make the figures of changed hours anew, now."

    def handle(self, *args: Any, **options: Any) -> None:
        hours = roll_up(is_patient=True, progress=self._tell)
        self.stdout.write(json.dumps({"hours": hours}))

    def _tell(self, done: int, total: int) -> None:
        if self.stderr.isatty():
            self.stderr.write(f"\rhours: {done} of {total}", ending="\n" if done == total else "")
            self.stderr.flush()
