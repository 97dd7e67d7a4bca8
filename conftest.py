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
from django.conf import settings
from django.test import TransactionTestCase
from django.utils import translation
from hypothesis import HealthCheck
from hypothesis import settings as property_tests
from pytest_django import DjangoDbBlocker

from mailgw.celery import app as celery_app
from mailgw.embedded.holder import hold, needed_servers
from mailgw.embedded.home import Home
from mailgw.tests.database import keep_contents, restore_contents

# What a property test costs depends on what else the machine does.
property_tests.register_profile(
    "mailgw", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
property_tests.load_profile("mailgw")

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
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Tests that commit leave the database as migrations did, not empty as Django would."""
    with django_db_blocker.unblock():
        keep_contents()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda _case: restore_contents())
        yield


@pytest.fixture(autouse=True)
def site_language() -> Iterator[None]:
    """A page asked for in another language leaves it active in its thread."""
    yield
    translation.activate(settings.LANGUAGE_CODE)


@pytest.fixture
def celery_worker(transactional_db: None) -> Iterator[WorkController]:
    """A real worker of all queues in a thread, on the real broker and the test's database."""
    celery_app.control.purge()
    with start_worker(celery_app, perform_ping_check=False, loglevel="WARNING") as worker:
        yield worker


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Debian's Chromium, without windows if possible; its sandbox refuses to run as root."""
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    return browser_type_launch_args | {
        "executable_path": shutil.which("chromium-headless-shell") or shutil.which("chromium"),
        "args": [*sandbox, *CHROMIUM_ARGUMENTS],
    }
