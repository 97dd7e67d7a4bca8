"""Celery tasks of stats."""

from __future__ import annotations

import logging

from celery import shared_task
from kombu.exceptions import OperationalError as BrokerError

from stats import reattribution
from stats.alerts.tasks import deliver_alert_notice, evaluate_alerts
from stats.reports.tasks import deliver_report, send_reports
from stats.retention import prune_figures
from stats.rollups import running
from stats.told import prune_told

__all__ = [
    "deliver_alert_notice",
    "deliver_report",
    "evaluate_alerts",
    "list_days",
    "reattribute",
    "roll_up_hours",
    "send_reports",
]
log = logging.getLogger(__name__)

# No hour is begun after this: the newest ones come first again in the next run.
SECONDS_OF_A_RUN = 10
# No day is begun after this, so that rolling up gets its turn.
SECONDS_OF_ATTRIBUTION = 60


@shared_task(name="stats.roll_up_hours")
def roll_up_hours() -> int | None:
    """Make the figures of changed hours anew; nothing when none changed or another run does it."""
    return running.roll_up_hours(seconds=SECONDS_OF_A_RUN)


@shared_task(name="stats.list_days")
def list_days() -> int | None:
    """Make the lists of changed days anew that are due; nothing when another run does it."""
    return running.list_days()


@shared_task(name="stats.reattribute")
def reattribute() -> int | None:
    """Go on with the active re-attribution; nothing without one, or when another run does it."""
    return reattribution.run(seconds=SECONDS_OF_ATTRIBUTION)


@shared_task(name="stats.prune")
def prune() -> dict[str, int]:
    """Delete figures, alerts and sendings that are older than they are kept; rows by table."""
    pruned = [*prune_figures(is_dry_run=False), *prune_told(is_dry_run=False)]
    return {found.table: found.rows for found in pruned}


def start_reattributing() -> None:
    """At once, or when beat asks: a broker that is away does no harm."""
    try:
        reattribute.apply_async(retry=False)
    except BrokerError:
        log.warning("re-attribution starts later: the broker does not answer")
