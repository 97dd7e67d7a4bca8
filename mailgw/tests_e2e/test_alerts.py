"""Alerts in a browser: made, tried, raised, taken care of."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from mailgw.tests_e2e.axe import violations
from stats.alerts.evaluation import evaluate
from stats.alerts.models import Alert, AlertRule
from stats.alerts.tests.support import NOW, make_network, make_rule, make_source, traffic
from tracking.choices import Disposition


@pytest.fixture
def alerts(transactional_db: None) -> list[str]:
    """Paths of pages with something on them."""
    readers = [{"address": "noc@isp.example", "language": "en"}]
    make_rule(name="Bounces", per="network", readers=readers, webhook_url="https://hooks.example/")
    make_source("smtp-tr", NOW)
    for number in range(3):
        network = make_network(f"198.18.{number}.0/24", f"C{number}")
        traffic(NOW, 50, Disposition.BOUNCED, network)
    evaluate(NOW)
    rule, alert = AlertRule.objects.get(), Alert.objects.order_by("pk").last()
    assert alert is not None
    Alert.objects.filter(pk=alert.pk).update(without=["smtp-pre"])
    return [
        "/alerts/", "/alerts/?state=cleared", "/alerts/?kind=x", f"/alerts/{alert.pk}/",
        "/alerts/rules/", f"/alerts/rules/{rule.pk}/", "/alerts/rules/new/bounce_share/",
    ]  # fmt: skip


def test_it_is_accessible_and_fits_a_phone(
    console: Page, live_server: LiveServer, alerts: list[str]
) -> None:
    problems: dict[str, list[str]] = {}
    for path in alerts:
        console.set_viewport_size({"width": 1280, "height": 900})
        console.goto(live_server.url + path)
        said = violations(console)
        console.set_viewport_size({"width": 390, "height": 844})
        if console.evaluate("document.documentElement.scrollWidth") != 390:
            said.append("wider than a phone")
        problems |= {path: said} if said else {}
    assert problems == {}


def test_an_administrator_makes_a_rule_and_takes_care_of_an_alert(
    console: Page, live_server: LiveServer
) -> None:
    console.goto(f"{live_server.url}/alerts/")
    console.locator("main").get_by_role("link", name="Rules").first.click()
    console.get_by_role("button", name="Add the usual rules").click()
    console.get_by_role("link", name="A fifth of a customer's mail bounces").click()
    console.get_by_label("Raise from").fill("15")
    console.get_by_label("For at least, minutes").fill("0")
    console.get_by_role("button", name="Try on the last 7 days").click()
    expect(console.get_by_role("heading", name="It would have fired 0 times")).to_be_visible()
    console.get_by_role("button", name="Save", exact=True).click()
    assert AlertRule.objects.get(kind="bounce_share").raise_at == 15
    traffic(NOW, 300, Disposition.BOUNCED, make_network())
    evaluate(NOW)
    console.goto(f"{live_server.url}/alerts/")
    expect(console.locator(".nav-count")).to_have_text("1 not acknowledged")
    console.get_by_role("link", name="100 % of the mail of C1 PT C1 bounces").click()
    console.get_by_label("Comment").fill("A newsletter; the customer was called.")
    console.get_by_role("button", name="Acknowledge").click()
    expect(console.get_by_text("You have acknowledged this alert.")).to_be_visible()
    expect(console.locator(".nav-count")).to_have_count(0)
