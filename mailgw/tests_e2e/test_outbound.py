"""The pictures of outbound mail: drawn, saved, printed on one sheet."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from stats.rollups import roll_up


@pytest.fixture
def pictures(console: Page, live_server: LiveServer, mail: None) -> Page:
    """The newest day with mail, both charts drawn."""
    roll_up()
    console.emulate_media(color_scheme="light")
    console.goto(f"{live_server.url}/outbound/")
    expect(console.locator("canvas:visible")).to_have_count(2)
    return console


def test_it_saves_a_chart_as_png(pictures: Page, tmp_path: Path) -> None:
    with pictures.expect_download() as waited:
        pictures.get_by_role("button", name="Save as PNG").first.click()
    assert waited.value.suggested_filename == "flow.png"
    target = tmp_path / "flow.png"
    waited.value.save_as(target)
    assert target.read_bytes().startswith(b"\x89PNG")


def test_it_prints_on_one_sheet(pictures: Page) -> None:
    assert len(re.findall(rb"/Type\s*/Page\b", pictures.pdf(prefer_css_page_size=True))) == 1


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_it_is_accessible_with_its_tables_open(pictures: Page, theme: str) -> None:
    pictures.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
    for summary in pictures.locator("main details > summary").all():
        summary.click()
    found = Axe().run(pictures).response["violations"]
    assert [f"{item['id']}: {item['nodes'][0]['html']}" for item in found] == []


def test_it_fits_a_phone(pictures: Page) -> None:
    pictures.set_viewport_size({"width": 390, "height": 844})
    assert pictures.evaluate("document.documentElement.scrollWidth") == 390
