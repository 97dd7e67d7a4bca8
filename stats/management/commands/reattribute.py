"""``manage.py reattribute``: give history to the networks and customers of today's registry."""

from __future__ import annotations

import json
import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from mailgw.lib.arguments import day
from stats.models import Reattribution
from stats.reattribution import AlreadyActive, request_reattribution, run


class Command(BaseCommand):
    """Waits until it is done; the last line of stdout is JSON. Interrupted, a worker goes on."""

    help = "Give mail and rejections to the owners that the registry names now; all, or of days."

    def add_arguments(self, parser: ArgumentParser) -> None:
        for name, end in (("--since", "first"), ("--until", "last")):
            parser.add_argument(
                name,
                type=day,
                metavar="YYYY-MM-DD",
                help=f"{end} day, in the site's time zone",
            )

    def handle(self, *args: Any, **options: Any) -> None:
        since, until = options["since"], options["until"]
        if since and until and since > until:
            message = f"--since {since} is after --until {until}."
            raise CommandError(message)
        begun = time.monotonic()
        try:
            request = request_reattribution(None, since, until)
        except AlreadyActive as found:
            message = f"Re-attribution {found.args[0]} is not through yet; wait until it is."
            raise CommandError(message) from None
        run(is_patient=True, progress=self._tell)
        self._report(request, time.monotonic() - begun)

    def _report(self, request: Reattribution, seconds: float) -> None:
        request.refresh_from_db()
        result = {"state": request.state, "days": request.done, "messages": request.messages}
        result |= {"rejections": request.rejections, "seconds": round(seconds, 3)}
        self.stdout.write(json.dumps(result))

    def _tell(self, done: int, total: int) -> None:
        if self.stderr.isatty():
            self.stderr.write(f"\rdays: {done} of {total}", ending="\n" if done == total else "")
            self.stderr.flush()
