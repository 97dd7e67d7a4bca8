"""Celery tasks of stats."""

from __future__ import annotations

from celery import shared_task

from stats.rollups import roll_up

# What a worker does well within a task's time limit; the rest is left to the next run.
HOURS_OF_A_RUN = 1000


@shared_task(name="stats.roll_up_hours")
def roll_up_hours() -> int | None:
    """Make the figures of changed hours anew; nothing when none changed or another run does it."""
    return roll_up(limit=HOURS_OF_A_RUN)
