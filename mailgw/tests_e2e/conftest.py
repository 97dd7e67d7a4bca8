"""A console with mail in it, a browser, and no patience with errors."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client
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
    """A browser of somebody who is logged in; what a page complains about fails the test."""
    complaints: list[str] = []

    def note(message: ConsoleMessage) -> None:
        # Chromium reports answers such as 404 and 422 as errors of the console.
        if message.type == "error" and "Failed to load resource" not in message.text:
            complaints.append(message.text)

    page.on("console", note)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    log_in(page, live_server, admin)
    yield page
    assert complaints == []


def log_in(page: Page, live_server: LiveServer, user: User) -> None:
    """Without the form, which has tests of its own."""
    client = Client()
    client.force_login(user)
    name = settings.SESSION_COOKIE_NAME
    value = client.cookies[name].value
    page.context.add_cookies([{"name": name, "value": value, "url": live_server.url}])
