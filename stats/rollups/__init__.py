"""Makes the rollups from the facts, an hour at a time and a day at a time, in SQL.

Ingest marks the hours that it changed (tracking_dirtyhour). An hour is made anew as a whole: done
twice it is the same, and a mail that ends late, or turns out to be another's, is counted right
the next time. Its day is then behind (DayState): sums of hours follow at once, and lists, which
read the facts of the whole day, a few times an hour.
"""

from __future__ import annotations

from stats.rollups.definition import select
from stats.rollups.marks import marked_hours
from stats.rollups.running import recompute, roll_up

__all__ = ["marked_hours", "recompute", "roll_up", "select"]
