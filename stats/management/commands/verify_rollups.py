"""``manage.py verify_rollups``: are the figures those of the facts?"""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand

from stats.rollups import roll_up
from stats.verification import differences, known_hours, oldest_fact_hour


class Command(BaseCommand):
    """Rolls up what waits, then compares. Exits 1 on any difference.

    The last line of stdout is JSON. Hours that are older than every fact (retention) are not
    compared, and their number is told.
    """

    help = "Compare every hour's figures with the facts; exit 1 on any difference."

    def handle(self, *args: Any, **options: Any) -> None:
        roll_up(is_patient=True)
        hours, oldest = known_hours(), oldest_fact_hour()
        compared = [hour for hour in hours if oldest is not None and hour >= oldest]
        count = 0
        for hour in compared:
            for difference in differences(hour):
                self.stdout.write(str(difference))
                count += 1
        result = {"hours": len(compared), "differences": count}
        self.stdout.write(json.dumps(result | {"without_facts": len(hours) - len(compared)}))
        if count:
            raise SystemExit(1)
