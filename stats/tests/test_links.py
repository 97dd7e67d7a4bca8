"""Every figure of a page counts the rows of the list that it leads to."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from stats.rollups import roll_up
from stats.tests.support import body, count_behind, figures_on, rows_listed, wrong_figures

# A day; hours of it; a week; all whole in one page.
RANGES = [
    "day=2026-11-20",
    "since=2026-11-20T10:00&until=2026-11-20T12:00",
    "since=2026-11-14&until=2026-11-21",
    "since=2026-11-17T13:00&until=2026-11-21T05:00",
]


@pytest.mark.usefixtures("simulated")
@pytest.mark.parametrize("path", ["/", "/outbound/"])
def test_every_figure_counts_what_its_link_lists(admin_client: Client, path: str) -> None:
    roll_up()
    for query in RANGES:
        shown = body(admin_client.get(f"{path}?{query}"))
        figures = figures_on(shown)
        assert len(figures) > (200 if path == "/" else 40), query
        assert sum(text != "0" for _, text in figures) > 30, query
        assert list(wrong_figures(shown)) == []


@pytest.mark.usefixtures("mail")
@pytest.mark.parametrize("path", ["/", "/outbound/"])
def test_every_link_opens_a_list_of_as_many_rows(admin_client: Client, path: str) -> None:
    shown = body(admin_client.get(f"{path}?day=2026-11-20"))
    followed = {(url, text) for url, text in figures_on(shown) if re.fullmatch("[1-9]", text)}
    assert len(followed) > 10
    for url, text in sorted(followed):
        assert rows_listed(admin_client, url) == int(text) == count_behind(url), url
