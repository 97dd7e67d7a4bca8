"""``manage.py verify_rollups``: are the figures those of the facts?"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from django.core.management.base import BaseCommand

from stats.days import Day
from stats.rollups import roll_up
from stats.rollups.locks import Lock, hold
from stats.rollups.marks import oldest_fact_hour
from stats.verification import (
    Difference,
    differences,
    differences_of_day,
    known_days,
    known_hours,
)
from stats.verification_of_sums import (
    differences_of_month,
    differences_of_networks,
    summed_months,
)


class Command(BaseCommand):
    """Rolls up what waits, then compares. Exits 1 on any difference.

    The last line of stdout is JSON. Hours that are older than every fact (retention) are not
    compared, and their number is told.
    """

    help = "Compare every figure with the facts or figures it is made of; exit 1 on any difference."

    def handle(self, *args: Any, **options: Any) -> None:
        # Whoever rolls up now waits: nothing but ingest changes what is compared.
        with hold(Lock.HOURS, is_patient=True), hold(Lock.LISTS, is_patient=True):
            roll_up(is_patient=True)
            hours, days, oldest = known_hours(), known_days(), oldest_fact_hour()
            compared = [hour for hour in hours if oldest is not None and hour >= oldest]
            found = sum(self._tell(differences(hour)) for hour in compared)
            found += sum(self._tell(differences_of_day(Day.of(day))) for day in days)
            months = summed_months()
            found += sum(self._tell(differences_of_month(month)) for month in months)
            found += self._tell(differences_of_networks())
        result = {
            "hours": len(compared),
            "days": len(days),
            "months": len(months),
            "differences": found,
        }
        self.stdout.write(json.dumps(result | {"without_facts": len(hours) - len(compared)}))
        if found:
            raise SystemExit(1)

    def _tell(self, found: Iterable[Difference]) -> int:
        lines = [str(difference) for difference in found]
        for line in lines:
            self.stdout.write(line)
        return len(lines)
