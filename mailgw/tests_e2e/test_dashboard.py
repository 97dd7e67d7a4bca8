"""The dashboard draws its charts, in the colours of the theme, and works on a phone."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from mailgw.tests_e2e.axe import violations
from stats.rollups import roll_up

COLOUR = "canvas => Chart.getChart(canvas).data.datasets[0].backgroundColor"


@pytest.fixture
def dashboard(console: Page, live_server: LiveServer, mail: None) -> Page:
    """The newest day with mail, all charts drawn."""
    roll_up()
    console.emulate_media(color_scheme="light")
    console.goto(live_server.url)
    expect(console.locator("canvas:visible")).to_have_count(3)
    return console


def test_it_paints_charts_anew_in_another_theme(dashboard: Page) -> None:
    canvas = dashboard.locator("canvas").first
    light = canvas.evaluate(COLOUR)
    dashboard.emulate_media(color_scheme="dark")
    expect(dashboard.locator("html")).to_have_attribute("data-bs-theme", "dark")
    dark = canvas.evaluate(COLOUR)
    assert light.startswith("#")
    assert dark.startswith("#")
    assert light != dark


def test_it_is_accessible_with_its_tables_open(dashboard: Page) -> None:
    for summary in dashboard.locator("main details > summary").all():
        summary.click()
    assert violations(dashboard) == []


def test_it_fits_a_phone(dashboard: Page) -> None:
    dashboard.set_viewport_size({"width": 390, "height": 844})
    dashboard.reload()  # charts that are there already follow a new width only a little later
    expect(dashboard.locator("canvas:visible")).to_have_count(3)
    assert dashboard.evaluate("document.documentElement.scrollWidth") == 390


def test_it_leads_from_a_figure_to_its_mails(dashboard: Page) -> None:
    dashboard.get_by_role("link", name="Delivered").first.click()
    dashboard.wait_for_url("**/search/?**disposition=delivered**")
    expect(dashboard.get_by_role("row").filter(has_text="Delivered").first).to_be_visible()


def test_it_tells_when_a_chart_cannot_be_loaded(dashboard: Page) -> None:
    dashboard.route("**/charts/*.json**", lambda route: route.abort())
    dashboard.reload()
    expect(dashboard.get_by_text("The chart could not be loaded").first).to_be_visible()
