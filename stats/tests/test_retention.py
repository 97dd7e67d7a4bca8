"""Figures are kept as long as it is configured, and as long as their facts."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from io import StringIO

import pytest
import time_machine
from django.core.management import call_command
from django.db import connection
from django.test import override_settings

from stats.models import DayState, RelayDay, RelayHour, TopDay
from stats.retention import prune_figures
from stats.rollups import roll_up
from stats.tasks import prune
from tracking.tests import mail_log
from tracking.tests.support import ingest

pytestmark = pytest.mark.usefixtures("mail")
LATER = datetime(2026, 12, 1, 3, tzinfo=UTC)


@pytest.fixture
def old_facts_are_gone(mail: None) -> None:
    """Of the fixture's mail there are only figures; of ten days later there is mail."""
    with connection.cursor() as cursor:
        cursor.execute(
            "TRUNCATE tracking_message, tracking_delivery, tracking_hop, tracking_rejection"
        )
    ingest(mail_log.one_mail("3A1B2C4D71", stamp="2026-11-30T03:00:00+00:00"))
    roll_up()


def figures() -> tuple[int, ...]:
    """How many hours and days there are of each kind."""
    hours = RelayHour.objects.values("hour").distinct().count()
    models = (RelayDay, TopDay, DayState)
    return hours, *(model._default_manager.values("day").distinct().count() for model in models)


@pytest.mark.usefixtures("old_facts_are_gone")
def test_it_keeps_figures_for_ever_unless_it_is_configured() -> None:
    assert prune_figures(is_dry_run=False) == []
    assert figures() == (2, 2, 2, 2)


@pytest.mark.usefixtures("old_facts_are_gone")
def test_it_deletes_hours_and_days_that_are_older() -> None:
    with time_machine.travel(LATER, tick=False):
        with override_settings(FIGURES_OF_HOURS_DAYS=5):
            assert prune()["stats_relayhour"] > 0
        assert figures() == (1, 2, 2, 2)
        with override_settings(FIGURES_OF_DAYS_DAYS=20):
            prune()
        assert figures() == (1, 2, 2, 2)
        with override_settings(FIGURES_OF_DAYS_DAYS=5):
            prune()
        assert figures() == (1, 1, 1, 1)


@pytest.mark.usefixtures("mail")
@override_settings(FIGURES_OF_HOURS_DAYS=5, FIGURES_OF_DAYS_DAYS=5)
def test_it_keeps_figures_as_long_as_their_mail() -> None:
    with time_machine.travel(LATER, tick=False):
        prune()
    assert figures() == (1, 1, 1, 1)


@pytest.mark.usefixtures("old_facts_are_gone")
@override_settings(FIGURES_OF_HOURS_DAYS=5)
def test_a_dry_run_only_says_what_would_go() -> None:
    out = StringIO()
    with time_machine.travel(LATER, tick=False):
        call_command("prune", "--dry-run", stdout=out)
    found = {item["table"]: item for item in map(json.loads, out.getvalue().splitlines()[1:])}
    assert found["stats_relayhour"]["rows"] > 0
    assert found["stats_relayhour"]["before"] == "2026-11-25T17:00:00+00:00"
    assert figures() == (2, 2, 2, 2)
