"""What people do all day, in a real browser."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer


def search(page: Page, live_server: LiveServer, text: str) -> None:
    page.goto(f"{live_server.url}/status/")
    page.keyboard.press("/")
    page.keyboard.type(text)
    page.keyboard.press("Enter")
    page.wait_for_url("**/search/**")


@pytest.mark.usefixtures("mail")
def test_it_answers_where_a_mail_is_from_the_keyboard(
    console: Page, live_server: LiveServer
) -> None:
    """`/`, an address, Enter; then the newest mail and its log lines."""
    search(console, live_server, "bob@example.com")
    rows = console.get_by_role("row")
    expect(rows.filter(has_text="bob@example.com").first).to_be_visible()
    rows.get_by_role("link", name="bob@example.com").first.click()
    expect(console.get_by_role("heading", level=1)).to_contain_text("Mail from")
    console.get_by_role("link", name="Log lines").first.click()
    expect(console.get_by_text("postfix/qmgr").first).to_be_visible()


@pytest.mark.usefixtures("mail")
def test_it_says_so_when_nothing_matches(console: Page, live_server: LiveServer) -> None:
    search(console, live_server, "nobody@nowhere.example")
    expect(console.get_by_text("nobody@nowhere.example").first).to_be_visible()
    assert console.get_by_role("row").filter(has_text="Delivered").count() == 0


@pytest.mark.usefixtures("mail")
def test_it_shows_what_was_refused_at_the_door(console: Page, live_server: LiveServer) -> None:
    console.goto(f"{live_server.url}/rejections/?since=2026-11-24T00:00&until=2026-11-25T00:00")
    refused = console.get_by_role("row").filter(has_text="nouser2@example.com").first
    expect(refused).to_contain_text("REJ_UNKNOWN_RCPT")
    refused.get_by_role("link", name="There is no such address with us.").click()
    expect(console.get_by_role("heading", name="Why")).to_contain_text("REJ_UNKNOWN_RCPT")


def test_it_speaks_indonesian(console: Page, live_server: LiveServer) -> None:
    console.goto(f"{live_server.url}/status/")
    console.locator("summary").filter(has_text="admin").click()
    console.get_by_role("button", name="Bahasa Indonesia").click()
    expect(console.locator("html")).to_have_attribute("lang", "id")
    expect(console.get_by_role("link", name="Pelacakan")).to_be_visible()


def test_it_keeps_the_chosen_theme(console: Page, live_server: LiveServer) -> None:
    console.goto(f"{live_server.url}/status/")
    console.locator("summary").filter(has_text="admin").click()
    console.get_by_role("button", name="Dark").click()
    console.reload()
    expect(console.locator("html")).to_have_attribute("data-bs-theme", "dark")


@pytest.mark.usefixtures("mail")
@pytest.mark.parametrize("path", ["/search/", "/rejections/", "/status/", "/replies/unclassified/"])
def test_it_fits_a_phone(path: str, console: Page, live_server: LiveServer) -> None:
    console.set_viewport_size({"width": 390, "height": 844})
    console.goto(live_server.url + path)
    width = console.evaluate("document.documentElement.scrollWidth")
    assert width <= 390
