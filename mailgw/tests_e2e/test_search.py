"""The box takes a whole bounce; filters, saved searches, columns; with and without JavaScript."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from mailgw.tests_e2e.conftest import PASSWORD
from tracking.models import Hop, Message

BOUNCE = """\
This is the mail system at host mx.example.

<nobody@example.com>: host far.example[192.0.2.9] said: 550 5.1.1 User unknown

X-Postfix-Queue-ID: {queue_id}
Final-Recipient: rfc822; nobody@example.com
Status: 5.1.1

Message-ID: {message_id}
"""


@pytest.fixture
def bounce(mail: None) -> str:
    """A bounce about a mail of the log, with the attachment that makes it long."""
    message = Message.objects.exclude(message_id="").order_by("received_at").first()
    assert message is not None
    hop = Hop.objects.get(pk=message.pk)
    text = BOUNCE.format(queue_id=hop.queue_id, message_id=message.message_id)
    return text + "Zm9vYmFyYmF6 " * 3000


def test_it_takes_a_whole_bounce_from_the_keyboard(
    console: Page, live_server: LiveServer, bounce: str
) -> None:
    console.goto(f"{live_server.url}/status/")
    console.keyboard.press("/")
    console.keyboard.insert_text(bounce)
    console.keyboard.press("Enter")
    console.wait_for_url("**/search/?q=queue-id**")
    assert len(console.url) < 400
    expect(console.get_by_text("Mail with one of these ids:")).to_be_visible()
    expect(console.get_by_text("Status code that the text gives: 5.1.1.")).to_be_visible()
    console.get_by_role("link", name="30 days").click()
    expect(console.locator("tbody tr").first).to_be_visible()


def test_it_takes_a_bounce_without_javascript(
    browser: Browser, live_server: LiveServer, admin: object, bounce: str
) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{live_server.url}/accounts/login/?next=/status/")
    page.get_by_label("Username").fill("admin")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    page.locator("#bar-q").fill(bounce)
    page.get_by_role("button", name="Search").click()
    expect(page.get_by_text("Mail with one of these ids:")).to_be_visible()
    page.get_by_label("Search for").fill("bob@example.com")
    page.locator("summary").filter(has_text="More filters").click()
    page.get_by_label("Size up to").fill("5G")
    page.get_by_role("button", name="Search").click()
    expect(page.get_by_role("link", name="Remove the filter Size up to: 5G")).to_be_visible()
    context.close()


@pytest.mark.usefixtures("mail")
def test_it_takes_filters_out_by_their_chips(console: Page, live_server: LiveServer) -> None:
    console.goto(f"{live_server.url}/search/?period=30d&size_min=1&disposition=delivered")
    expect(console.get_by_label("Size from")).to_have_value("1")
    console.get_by_role("link", name="Remove the filter Size from: 1").click()
    console.wait_for_url(re.compile(r"disposition=delivered"))
    assert "size_min" not in console.url
    console.get_by_role("navigation", name="Outcomes").get_by_role("link").first.click()
    expect(console.locator("tbody tr").first).to_be_visible()


@pytest.mark.usefixtures("mail")
def test_it_says_beside_the_field_what_is_wrong(console: Page, live_server: LiveServer) -> None:
    console.goto(f"{live_server.url}/search/")
    console.locator("summary").filter(has_text="More filters").click()
    console.get_by_label("Size from").fill("big")
    console.get_by_role("button", name="Search", exact=True).click()
    expect(console.get_by_text("Not a size such as 5M")).to_be_visible()


@pytest.mark.usefixtures("mail")
def test_it_saves_a_search_and_chooses_columns(console: Page, live_server: LiveServer) -> None:
    console.goto(f"{live_server.url}/search/?period=30d&q=bob@example.com")
    console.locator("summary").filter(has_text="Columns").click()
    console.get_by_label("Message-ID", exact=True).last.check()
    console.get_by_role("button", name="Show these columns").click()
    expect(console.get_by_role("columnheader", name="Message-ID")).to_be_visible()
    console.locator("summary").filter(has_text="Save this search").click()
    console.get_by_label("Name").fill("All of Bob")
    console.get_by_role("button", name="Save", exact=True).click()
    expect(console.get_by_text("The search All of Bob is saved.")).to_be_visible()
    console.get_by_role("link", name="All of Bob").first.click()
    console.wait_for_url("**/search/?**columns=message_id**")
    expect(console.get_by_role("columnheader", name="Message-ID")).to_be_visible()
