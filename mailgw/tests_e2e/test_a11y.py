"""Every page passes axe in both themes."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Page
from pytest_django.live_server_helper import LiveServer

from mailgw.tests_e2e.axe import violations
from mailgw.tests_e2e.conftest import PASSWORD
from tracking.filters import ALL_REJECTIONS
from tracking.models import Message
from tracking.selectors.rejections import find_rejections

PAGES = ["/", "/search/", "/search/?q=bob@example.com", "/search/?q=nobody@nowhere.example",
         "/search/?disposition=delivered&size_min=1&columns=reply&columns=mail", "/search/saved/",
         "/search/?size_min=big", "/outbound/",
         "/rejections/", "/status/", "/replies/unclassified/", "/tokens/",
         "/registry/", "/registry/networks/new/", "/networks/", "/networks/?sort=x",
         "/networks/unregistered/", "/networks/ip/192.0.2.1/",
         "/no-such-page/"]  # fmt: skip


@pytest.mark.usefixtures("mail")
def test_it_is_accessible(console: Page, live_server: LiveServer) -> None:
    message = Message.objects.order_by("received_at").first()
    assert message is not None
    refused = find_rejections(ALL_REJECTIONS).rows[0].key
    own = [f"/messages/{message.pk}/", f"/rejections/{refused}/", f"/rejections/{refused}/lines/"]
    problems = {}
    for path in [*PAGES, *own]:
        console.goto(live_server.url + path)
        assert console.locator("html").get_attribute("data-bs-theme") == "light"
        found = violations(console)
        if found:
            problems[path] = found
    assert problems == {}


def test_it_is_accessible_before_login(page: Page, live_server: LiveServer) -> None:
    page.goto(f"{live_server.url}/accounts/login/")
    assert violations(page) == []


def test_it_is_accessible_to_who_is_in_no_group(
    page: Page, live_server: LiveServer, admin: User
) -> None:
    User.objects.create_user("new", password=PASSWORD)
    page.goto(f"{live_server.url}/accounts/login/")
    page.get_by_label("Username").fill("new")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    assert page.get_by_role("heading", level=1).inner_text() == "Your account is in no group yet"
    assert violations(page) == []


def test_it_shows_a_new_token_accessibly(console: Page, live_server: LiveServer) -> None:
    console.goto(f"{live_server.url}/tokens/")
    console.get_by_label("Name").fill("ticket system")
    console.get_by_label("tracking:read").check()
    console.get_by_role("button", name="Make the token").click()
    assert console.locator(".token-text").inner_text().startswith("mailgw_")
    assert violations(console) == []
