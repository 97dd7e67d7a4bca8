"""Killed anywhere, or two at once: nothing is lost and nothing is there twice."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import Queue
from urllib.parse import urlsplit

import pytest
from celery.signals import task_postrun
from django.conf import settings
from django.db import connection, transaction

from tracking.choices import Disposition
from tracking.ingest.store.lookup import reset_caches
from tracking.models import LogFile, LogSegment, LogSource
from tracking.tests.support import deliveries, ingest, rejections, unpack

pytestmark = pytest.mark.django_db(transaction=True)

# Small segments, so that there is much to be killed in.
INGEST = """
import sys
import django
django.setup()
from django.core.management import call_command
from tracking.ingest import sources
sources.MAX_SEGMENT_BYTES = 20_000
print("ready", flush=True)
call_command("ingest_logs", sys.argv[1], "--source", "killed", "--timezone", "UTC")
"""
FOLLOW = [str(settings.BASE_DIR / "manage.py"), "follow_logs", "--timezone", "UTC"]


def environment() -> dict[str, str]:
    """For a process that works on the test's database."""
    server = urlsplit(settings.MAILGW_HOME.database_url)
    return os.environ | {
        "DJANGO_SETTINGS_MODULE": "mailgw.settings_test",
        "DATABASE_URL": server._replace(path=f"/{connection.settings_dict['NAME']}").geturl(),
        "PYTHONPATH": str(settings.BASE_DIR),
    }


@contextmanager
def running(*arguments: str) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, *arguments],
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def export() -> list[list[str]]:
    return [sorted(json.dumps(row) for row in rows) for rows in (deliveries(), rejections())]


@pytest.fixture
def log_file(tmp_path: Path) -> Path:
    path = tmp_path / "mail.log"
    path.write_bytes(unpack("isp-lab/mx1.log.xz"))
    os.utime(path, (1_795_600_000, 1_795_600_000))
    return path


@pytest.fixture
def uninterrupted(log_file: Path) -> list[list[str]]:
    """The answers of one run without a break, which then is taken back."""
    with transaction.atomic():
        ingest(log_file.read_bytes(), "killed")
        found = export()
        transaction.set_rollback(True)
    reset_caches()
    return found


def test_it_resumes_wherever_it_is_killed(log_file: Path, uninterrupted: list[list[str]]) -> None:
    chance = random.Random(7)  # noqa: S311
    kills = 0
    for _ in range(6):
        with running("-c", INGEST, str(log_file)) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
            try:
                process.communicate(timeout=chance.uniform(0.05, 1.0))
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGKILL)
                kills += 1
    with running("-c", INGEST, str(log_file)) as process:
        _, errors = process.communicate(timeout=300)
        assert process.returncode == 0, errors
    assert kills
    assert not LogSegment.objects.filter(processed_at=None).exists()
    assert LogFile.objects.get().offset == log_file.stat().st_size
    assert export() == uninterrupted


def test_two_at_once_do_the_work_of_one(log_file: Path, uninterrupted: list[list[str]]) -> None:
    with (
        running("-c", INGEST, str(log_file)) as first,
        running("-c", INGEST, str(log_file)) as second,
    ):
        for process in (first, second):
            _, errors = process.communicate(timeout=120)
            assert process.returncode == 0, errors
    assert export() == uninterrupted


LINE = (
    "2026-11-20T10:00:00.{number:06}+00:00 out1 postfix/smtp[7]: 4A{number:08X}: "
    "to=<r{number}@far.example>, relay=none, delay=1, delays=0/0/0/1, dsn=2.0.0, "
    "status=sent (250 ok)\n"
)


def test_a_line_is_in_the_tables_soon_after_it_was_written(
    tmp_path: Path, celery_worker: object
) -> None:
    ended: Queue[float] = Queue()

    def note(**_: object) -> None:
        ended.put(time.monotonic())

    task_postrun.connect(note)
    path = tmp_path / "mail.log"
    delays = []
    with running(*FOLLOW, str(path)) as process:
        for number in range(20):
            begun = time.monotonic()
            with path.open("a") as stream:
                stream.write(LINE.format(number=number))
            delays.append(ended.get(timeout=60) - begun)
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=20)
        assert process.returncode == 0, errors
    rows = deliveries()
    assert [row["recipient"] for row in rows] == [f"r{n}@far.example" for n in range(20)]
    assert {row["disposition"] for row in rows} == {Disposition.DELIVERED.name.lower()}
    assert LogSource.objects.get().is_followed
    # The first line waits for the program to start.
    assert sorted(delays[1:])[-2] < 2.0
