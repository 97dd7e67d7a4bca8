"""Follows the links of figures: what a page says, against the rows of the list behind it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from urllib.parse import parse_qs, urlsplit

from django.http import HttpResponseBase, QueryDict
from django.test import Client

from quarantine.filters import HeldFilterSet
from quarantine.models import QuarantinedMessage
from tracking.filters import ALL_DELIVERIES, ALL_REJECTIONS, DeliveryFilterSet, RejectionFilterSet
from tracking.selectors import keyset

LISTS = {
    "/search/": (DeliveryFilterSet, ALL_DELIVERIES),
    "/rejections/": (RejectionFilterSet, ALL_REJECTIONS),
}
_COUNT = re.compile(r"[\d.,]+")


def body(response: HttpResponseBase) -> str:
    return b"".join(response).decode()


class _Figures(HTMLParser):
    """(href, text) of links that are figures; ``others`` are links to lists that are none."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, str]] = []
        self.others: list[str] = []
        self._href = ""
        self._is_value = False
        self._in_main = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        classes = (given.get("class") or "").split()
        if tag == "main":
            self._in_main = True
        elif tag == "a" and self._in_main:
            href = given.get("href") or ""
            if {"figure", "tile"} & set(classes):
                self._href = href
                self._is_value = "figure" in classes
            elif urlsplit(href).path in LISTS:
                self.others.append(href)
        elif "tile-value" in classes:
            self._is_value = True

    def handle_data(self, data: str) -> None:
        if self._href and self._is_value and data.strip():
            self.found.append((self._href, data.strip()))
            self._is_value = False

    def handle_endtag(self, tag: str) -> None:
        if tag == "a":
            self._href = ""
            self._is_value = False


def figures_on(page: str) -> list[tuple[str, str]]:
    """(URL, text) of every figure with a link; asserts that all links to lists are figures."""
    parser = _Figures()
    parser.feed(page)
    assert parser.others == []
    return parser.found


def count_behind(url: str) -> int:
    """Rows of the list that a URL leads to."""
    parts = urlsplit(url)
    if parts.path == "/quarantine/":
        held = HeldFilterSet(QueryDict(parts.query), queryset=QuarantinedMessage.objects.all())
        assert held.is_valid(), held.errors
        return int(held.qs.count())
    filter_set, rows = LISTS[parts.path]
    filters = filter_set(QueryDict(parts.query), queryset=rows)
    assert filters.is_valid(), filters.errors
    assert set(parse_qs(parts.query)) <= set(filters.filters)
    return keyset.count_up_to(filters.qs, 10_000) or 0


def wrong_figures(page: str) -> Iterator[tuple[str, str, int]]:
    """(URL, what the page says, rows of the list) where the two differ; sizes and times don't."""
    counted: dict[str, int] = {}
    for url, text in figures_on(page):
        if _COUNT.fullmatch(text):
            if url not in counted:
                counted[url] = count_behind(url)
            if int(re.sub("[.,]", "", text)) != counted[url]:
                yield url, text, counted[url]


def rows_listed(client: Client, url: str) -> int:
    """Rows of the first page of a list, as a reader sees it."""
    response = client.get(url)
    assert response.status_code == 200, url
    page = body(response)
    table = re.search(r"<tbody.*?</tbody>", page, re.DOTALL)
    return table[0].count("<tr") if table else 0
