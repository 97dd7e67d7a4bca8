"""The pictures of outbound mail: drawn, saved, printed on one sheet."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Literal

import pypdf
import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from mailgw.tests_e2e.axe import switch, violations
from stats.rollups import roll_up


@pytest.fixture
def pictures(console: Page, live_server: LiveServer, mail: None) -> Page:
    """The newest day with mail, all charts drawn."""
    roll_up()
    console.emulate_media(color_scheme="light")
    console.goto(f"{live_server.url}/outbound/")
    expect(console.locator("canvas:visible")).to_have_count(6)
    return console


def test_it_saves_a_chart_as_png(pictures: Page, tmp_path: Path) -> None:
    with pictures.expect_download() as waited:
        pictures.get_by_role("button", name="Save as PNG").first.click()
    assert waited.value.suggested_filename == "flow.png"
    target = tmp_path / "flow.png"
    waited.value.save_as(target)
    picture = target.read_bytes()
    assert picture.startswith(b"\x89PNG")
    # Twice the size of the server's sheet: 760 points and its edges.
    assert int.from_bytes(picture[16:20]) == 2 * 800


@pytest.mark.parametrize("paper", ["A4", "Letter"])
def test_it_prints_its_poster_on_one_sheet(pictures: Page, paper: str) -> None:
    themes: list[Literal["dark", "light"]] = ["dark", "light"]
    for theme in themes:
        switch(pictures, theme)
        pages = pypdf.PdfReader(BytesIO(pictures.pdf(format=paper))).pages
        assert len(pages) == 1, theme
        text = pages[0].extract_text()
        assert "The log is complete to" in text
        assert text.count("Outbound mail") == 1


def test_its_week_begins_on_monday(pictures: Page) -> None:
    monday, sunday = pictures.locator(".chart-heat canvas").evaluate(
        "canvas => { const y = Chart.getChart(canvas).scales.y;"
        " return [y.getPixelForValue(0), y.getPixelForValue(6)]; }"
    )
    assert monday < sunday


def test_it_names_weekdays_in_the_readers_language(pictures: Page) -> None:
    pictures.set_extra_http_headers({"Accept-Language": "id"})
    pictures.reload()
    expect(pictures.locator("canvas:visible")).to_have_count(6)
    labels = pictures.locator(".chart-heat canvas").evaluate(
        "canvas => Chart.getChart(canvas).scales.y.getLabels()"
    )
    assert (labels[0], labels[6]) == ("Senin", "Minggu")


def test_it_is_accessible_with_its_tables_open(pictures: Page) -> None:
    for summary in pictures.locator("main details > summary").all():
        summary.click()
    assert violations(pictures) == []


def test_it_fits_a_phone(pictures: Page) -> None:
    pictures.set_viewport_size({"width": 390, "height": 844})
    pictures.reload()  # charts that are there already follow a new width only a little later
    expect(pictures.locator("canvas:visible")).to_have_count(6)
    assert pictures.evaluate("document.documentElement.scrollWidth") == 390
