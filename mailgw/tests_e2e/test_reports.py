"""Reports in a browser: who gets one, and what it looks like."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from mailgw.tests_e2e.axe import violations
from stats.alerts.tests.support import make_network, traffic
from stats.models import ReportSubscription
from stats.reports.links import unsubscribe_url
from tracking.choices import Disposition


@pytest.fixture
def reports(transactional_db: None, settings: Settings) -> list[str]:
    """Paths of pages with something on them; the last one needs no login."""
    settings.PUBLIC_URL = "https://console.isp.example"
    network = make_network()
    yesterday = timezone.now() - timedelta(days=1)
    traffic(yesterday.replace(hour=5), 90, network=network)
    traffic(yesterday.replace(hour=5), 10, Disposition.BOUNCED, network)
    values = {"every": "day", "language": "en", "customer": network.customer}
    wish = ReportSubscription.objects.create(address="boss@satu.example", **values)
    page = f"/reports/{wish.pk}/"
    way_out = unsubscribe_url(wish).removeprefix(settings.PUBLIC_URL)
    return ["/reports/", "/reports/new/", page, f"{page}preview/", f"{page}preview.html", way_out]


def test_it_is_accessible_and_fits_a_phone(
    console: Page, live_server: LiveServer, reports: list[str]
) -> None:
    problems: dict[str, list[str]] = {}
    for path in reports:
        console.set_viewport_size({"width": 1280, "height": 900})
        console.goto(live_server.url + path)
        said = violations(console)
        console.set_viewport_size({"width": 390, "height": 844})
        if console.evaluate("document.documentElement.scrollWidth") > 390:
            said.append("wider than a phone")
        problems |= {path: said} if said else {}
    assert problems == {}


def test_an_administrator_makes_a_report_and_looks_at_it(
    console: Page, live_server: LiveServer, reports: list[str]
) -> None:
    console.goto(f"{live_server.url}/reports/")
    console.get_by_role("link", name="New report").click()
    console.get_by_label("Address:").fill("noc@isp.example")
    console.get_by_label("How often").select_option("day")
    console.get_by_label("Language:", exact=True).select_option("id")
    console.get_by_role("button", name="Save", exact=True).click()
    console.get_by_role("link", name="Preview").click()
    frame = console.frame_locator("iframe")
    expect(frame.get_by_role("heading", level=1)).to_have_text("Laporan surel: seluruh situs")
    expect(frame.get_by_role("cell", name="198.18.0.0/24 (C1 PT C1)")).to_be_visible()
    size = frame.get_by_role("heading", level=1).evaluate("e => getComputedStyle(e).fontSize")
    assert size == "22px"  # the mail's own style sheet holds
