"""The Celery app and its beat schedule. Queues: ``ingest``, ``rollup``, ``default``."""

from __future__ import annotations

import os
import signal
from typing import Any

from celery import Celery
from celery.signals import worker_process_init
from django_structlog.celery.steps import DjangoStructLogInitStep

from mailgw.embedded.process import follow_parent

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mailgw.settings")

app = Celery("mailgw")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.steps["worker"].add(DjangoStructLogInitStep)
app.autodiscover_tasks()


@worker_process_init.connect
def end_with_worker(**_: Any) -> None:
    """A killed worker leaves no process of its pool behind."""
    follow_parent(signal.SIGKILL)


# Name: task, seconds between its runs.
_BEATS = {
    "roll-up": ("stats.roll_up_hours", 2.0),
    "list-days": ("stats.list_days", 60.0),
    "prune-figures": ("stats.prune", 3600.0),
    "reattribute": ("stats.reattribute", 10.0),
    "evaluate-alerts": ("stats.evaluate_alerts", 60.0),
    "send-reports": ("stats.send_reports", 300.0),
    "process-waiting": ("tracking.process_waiting", 30.0),
    "end-watches": ("tracking.end_watches", 5.0),
    "sync-quarantine": ("quarantine.sync_sources", 60.0),
    "tie-releases": ("quarantine.tie_releases", 15.0),
    "finish-quarantine-actions": ("quarantine.finish_actions", 60.0),
    "prune-quarantine": ("quarantine.prune", 3600.0),
    "send-digests": ("quarantine.send_digests", 600.0),
}
# A run that waited longer than the next one is of no use.
app.conf.beat_schedule = {
    name: {"task": task, "schedule": seconds, "options": {"expires": seconds}}
    for name, (task, seconds) in _BEATS.items()
}
