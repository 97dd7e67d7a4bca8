"""What the pages of networks are made of, and their figures with their links."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from django.http import QueryDict
from django.utils import timezone

from stats.figures import BYTES, Figure
from stats.forms import RangeForm
from stats.networks.forms import NetworksForm
from stats.networks.pages import networks_context
from stats.tests.support import count_behind

DAY = "2026-11-20"
URL = f"/networks/?day={DAY}"
NOW = datetime(2026, 11, 20, 10, 30, tzinfo=UTC)
LATER = datetime(2026, 11, 24, 3, tzinfo=UTC)


def context_of(query: str = f"day={DAY}") -> dict[str, Any]:
    form = NetworksForm(QueryDict(query))
    assert form.is_valid(), form.errors
    with timezone.override("Asia/Jakarta"):
        return networks_context(form)


def page_of(function: Any, *args: Any, query: str = f"day={DAY}") -> dict[str, Any]:
    form = RangeForm(QueryDict(query))
    assert form.is_valid(), form.errors
    with timezone.override("Asia/Jakarta"):
        found: dict[str, Any] = function(*args, form)
        return found


def figures_of(context: dict[str, Any]) -> Iterator[tuple[str, Figure, bool]]:
    """Every figure with a link; True: it may count more."""
    for line in context.get("lines", ()):
        is_least = getattr(getattr(line, "block", None), "is_least", False)
        for item in (line.messages, line.recipients, *line.shares):
            yield "line", item, is_least
    if nobody := context.get("nobody"):
        yield "nobody", nobody.messages, False
        yield "nobody", nobody.recipients, False
    for tile in context.get("tiles", ()):
        if tile.figure.unit != BYTES:
            yield str(tile.label), tile.figure, False
    chart = context.get("chart")
    for bar in chart.bars if chart else context.get("bars", ()):
        for item in bar.figures:
            yield f"bar {bar.label}", item, False
    for top_list in context.get("lists", ()):
        for top in top_list.tops:
            yield f"{top_list.title} {top.value}", top.figure, top.is_least


def wrong_of(context: dict[str, Any]) -> list[tuple[str, Figure, int]]:
    found = []
    for name, item, is_least in figures_of(context):
        behind = count_behind(item.url)
        if behind < item.value or (behind != item.value and not is_least):
            found.append((name, item, behind))
    return found
