"""Celery tasks of stats."""

from __future__ import annotations

from celery import shared_task

from stats.rollups import running

# No hour is begun after this: the newest ones come first again in the next run.
SECONDS_OF_A_RUN = 10


@shared_task(name="stats.roll_up_hours")
def roll_up_hours() -> int | None:
    """Make the figures of changed hours anew; nothing when none changed or another run does it."""
    return running.roll_up_hours(seconds=SECONDS_OF_A_RUN)


@shared_task(name="stats.list_days")
def list_days() -> int | None:
    """Make the lists of changed days anew that are due; nothing when another run does it."""
    return running.list_days()
