"""Servers, workers and the browser of the tests."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from celery.contrib.testing.worker import start_worker
from celery.worker import WorkController
from django.apps import apps
from django.conf import settings
from django.contrib.auth.models import Group, Permission
from django.db import connection
from django.db.models.signals import post_migrate
from django.utils import translation
from pytest_django import DjangoDbBlocker

from mailgw.celery import app as celery_app
from mailgw.embedded.holder import hold, needed_servers
from mailgw.embedded.home import Home

SERVERS = pytest.StashKey[ExitStack]()
CHROMIUM_ARGUMENTS = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def pytest_sessionstart(session: pytest.Session) -> None:
    """The first process holds the servers of the throw-away home; its workers share them."""
    if "PYTEST_XDIST_WORKER" in os.environ or session.config.option.collectonly:
        return
    stack = session.config.stash[SERVERS] = ExitStack()
    home = Home(Path(os.environ["MAILGW_TEST_HOME"]).resolve())
    stack.callback(shutil.rmtree, home.root, ignore_errors=True)
    stack.callback(tell_crashes, home)
    stack.enter_context(hold(home, needed_servers(), notify=tell, is_durable=False))


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config: pytest.Config) -> None:
    if SERVERS in config.stash:
        config.stash[SERVERS].close()


def tell(message: str) -> None:
    print(message, file=sys.stderr, flush=True)  # noqa: T201


def tell_crashes(home: Home) -> None:
    """A server process that died explains failures which no test can."""
    log = home.log / "postgres.log"
    lines = log.read_text(errors="replace").splitlines() if log.exists() else []
    for line in lines:
        if "terminated by signal" in line or "PANIC" in line:
            tell(f"postgres.log: {line}")


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> None:
    """Between tests even the audit trail is emptied; the trigger itself has a test."""
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(
            "ALTER TABLE quarantine_quarantineaction DISABLE TRIGGER quarantine_action_no_truncate"
        )
        keep_groups()


def keep_groups() -> None:
    """Groups come from migrations, and go when the database is emptied after a test that commits.

    Emptying ends with the signal of migrations, app by app; after the last one they come back.
    """
    kept = {
        group.name: set(group.permissions.values_list("content_type__app_label", "codename"))
        for group in Group.objects.all()
    }

    def restore(**_: Any) -> None:
        names = ("content_type__app_label", "codename", "pk")
        ids = {(app, code): pk for app, code, pk in Permission.objects.values_list(*names)}
        for name, wanted in kept.items():
            group, is_new = Group.objects.get_or_create(name=name)
            if is_new:
                group.permissions.add(*(ids[permission] for permission in wanted))

    last = [config for config in apps.get_app_configs() if config.models_module][-1]
    post_migrate.connect(restore, sender=last, weak=False, dispatch_uid="keep-groups")


@pytest.fixture(autouse=True)
def site_language() -> Iterator[None]:
    """A page asked for in another language leaves it active in its thread."""
    yield
    translation.activate(settings.LANGUAGE_CODE)


@pytest.fixture(autouse=True)
def empty_mail_tables(request: pytest.FixtureRequest) -> Iterator[None]:
    """Django empties only tables it manages; the partitioned ones are emptied here.

    Only after tests that commit; the others roll back.
    """
    yield
    marker = request.node.get_closest_marker("django_db")
    if "transactional_db" in request.fixturenames or (marker and marker.kwargs.get("transaction")):
        request.getfixturevalue("django_db_blocker").unblock()
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT string_agg(c.oid::regclass::text, ',') FROM pg_class c "
                "WHERE c.relname LIKE 'tracking\\_%%' AND c.relkind IN ('r', 'p') "
                "AND NOT c.relispartition"
            )
            cursor.execute(f"TRUNCATE {cursor.fetchone()[0]} RESTART IDENTITY CASCADE")
        request.getfixturevalue("django_db_blocker").restore()


@pytest.fixture
def celery_worker(transactional_db: None) -> Iterator[WorkController]:
    """A real worker of all queues in a thread, on the real broker and the test's database."""
    celery_app.control.purge()
    with start_worker(celery_app, perform_ping_check=False, loglevel="WARNING") as worker:
        yield worker


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Debian's Chromium; its sandbox refuses to run as root."""
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    return browser_type_launch_args | {
        "executable_path": shutil.which("chromium"),
        "args": [*sandbox, *CHROMIUM_ARGUMENTS],
    }
