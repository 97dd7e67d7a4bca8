"""The API's page for people works under the strict content security policy."""

from __future__ import annotations

from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer


def test_it_shows_the_api_without_breaking_the_policy(
    console: Page, live_server: LiveServer
) -> None:
    console.goto(f"{live_server.url}/api/v1/docs/")
    expect(console.get_by_text("/api/v1/messages/").first).to_be_visible()
