"""A console with mail in it, a browser, and no patience with errors."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import ConsoleMessage, Page
from pytest_django.live_server_helper import LiveServer

from tracking.tests.support import ingest, unpack

# Playwright runs an event loop in the thread of the tests, whose database calls are not async.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

PASSWORD = "correct horse battery staple"


@pytest.fixture
def mail(transactional_db: None) -> None:
    """The log of a real PMG: all kinds of endings."""
    ingest(unpack("pmg/syslog.xz"), "pmg")


@pytest.fixture
def admin(transactional_db: None) -> User:
    return User.objects.create_superuser("admin", password=PASSWORD)


@pytest.fixture
def console(live_server: LiveServer, page: Page, admin: User) -> Iterator[Page]:
    """A logged-in browser; what the page complains about fails the test."""
    complaints: list[str] = []

    def note(message: ConsoleMessage) -> None:
        # Chromium reports answers such as 404 and 422 as errors of the console.
        if message.type == "error" and "Failed to load resource" not in message.text:
            complaints.append(message.text)

    page.on("console", note)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(f"{live_server.url}/accounts/login/")
    page.get_by_label("Username").fill("admin")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    page.wait_for_load_state()
    yield page
    assert complaints == []
