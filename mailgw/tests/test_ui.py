"""How values look on the page."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.template import Context, Template
from django.utils import timezone, translation

from mailgw.templatetags import ui
from tracking.choices import Disposition


@pytest.mark.parametrize("ending", list(Disposition))
def test_it_names_every_ending_in_words_beside_an_icon(ending: Disposition) -> None:
    template = Template("{% load ui %}{% disposition_badge value %}")
    page = template.render(Context({"value": ending.value}))
    assert str(ending.label) in page
    assert f'data-word="{ending.name.lower()}"' in page
    assert '<svg class="icon"' in page
    assert 'aria-hidden="true"' in page


def test_it_takes_an_ending_by_its_word_too() -> None:
    assert ui.disposition_badge("deferred") == ui.disposition_badge(Disposition.DEFERRED)


def test_it_names_endings_in_the_language_of_the_page() -> None:
    with translation.override("id"):
        assert str(ui.disposition_badge("delivered")["label"]) == "Terkirim"


@pytest.mark.parametrize("name", ["no-such-icon", "../outline/search", "search.svg", ""])
def test_it_refuses_an_icon_that_does_not_exist(name: str) -> None:
    with pytest.raises(ValueError, match="There is no icon"):
        ui.icon(name)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (None, ""),
        (0, "0 s"),
        (0.42, "0.42 s"),
        (1.5, "1.5 s"),
        (12.4, "12 s"),
        (119, "119 s"),
        (300, "5 min"),
        (7_200, "2 h"),
        (172_800, "2 days"),
    ],
)
def test_it_says_durations_as_people_do(seconds: float | None, text: str) -> None:
    assert ui.duration(seconds) == text


def test_it_counts_days_in_indonesian() -> None:
    with translation.override("id"):
        assert ui.duration(172_800) == "2 hari"
        assert ui.duration(0.42) == "0,42 dtk"


@pytest.mark.parametrize(
    ("size", "text"),
    [(None, ""), (0, "0\xa0bytes"), (1_536, "1.5\xa0KB"), (3 * 2**30, "3.0\xa0GB")],
)
def test_it_says_sizes_in_a_fitting_unit(size: int | None, text: str) -> None:
    assert ui.bytesize(size) == text


def test_it_shows_a_time_in_the_site_zone_and_keeps_the_exact_one() -> None:
    at = datetime(2026, 11, 24, 18, 5, 9, tzinfo=UTC)
    with timezone.override("Asia/Jakarta"):
        shown = ui.moment(at)
    assert 'datetime="2026-11-24T18:05:09+00:00"' in shown
    assert "25 Nov 01:05:09</time>" in shown
    assert 'title="2026-11-25 01:05:09 WIB"' in shown


def test_it_shows_nothing_where_there_is_no_time() -> None:
    assert ui.moment(None) == ""
