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


app.conf.beat_schedule = {
    # A run that waited longer than the next one is of no use.
    "roll-up": {"task": "stats.roll_up_hours", "schedule": 2.0, "options": {"expires": 2.0}},
    "list-days": {"task": "stats.list_days", "schedule": 60.0, "options": {"expires": 60.0}},
    "prune-figures": {"task": "stats.prune", "schedule": 3600.0, "options": {"expires": 3600.0}},
    "reattribute": {"task": "stats.reattribute", "schedule": 10.0, "options": {"expires": 10.0}},
    "evaluate-alerts": {
        "task": "stats.evaluate_alerts",
        "schedule": 60.0,
        "options": {"expires": 60.0},
    },
    "send-reports": {
        "task": "stats.send_reports",
        "schedule": 300.0,
        "options": {"expires": 300.0},
    },
    "process-waiting": {
        "task": "tracking.process_waiting",
        "schedule": 30.0,
        "options": {"expires": 30.0},
    },
    "end-watches": {
        "task": "tracking.end_watches",
        "schedule": 5.0,
        "options": {"expires": 5.0},
    },
    "sync-quarantine": {
        "task": "quarantine.sync_sources",
        "schedule": 60.0,
        "options": {"expires": 60.0},
    },
    "tie-releases": {
        "task": "quarantine.tie_releases",
        "schedule": 15.0,
        "options": {"expires": 15.0},
    },
    "finish-quarantine-actions": {
        "task": "quarantine.finish_actions",
        "schedule": 60.0,
        "options": {"expires": 60.0},
    },
    "prune-quarantine": {
        "task": "quarantine.prune",
        "schedule": 3600.0,
        "options": {"expires": 3600.0},
    },
    "send-digests": {
        "task": "quarantine.send_digests",
        "schedule": 600.0,
        "options": {"expires": 600.0},
    },
}
