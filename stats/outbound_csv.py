"""The numbers of the page of outbound mail, for spreadsheets and scripts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from django.utils import timezone

from stats.charts import Chart
from stats.forms import RangeForm
from stats.outbound import DomainLine, WeekdayRow, outbound_context
from stats.outbound_flow import FlowGraph
from stats.spans import Span
from stats.weather import Weather

HEADER = ("picture", "what", "beside", "number")
Row = tuple[Any, ...]


def csv_rows(form: RangeForm) -> list[Row]:
    """As HEADER says; the range and how complete it is stand first.

    A list: what is streamed is made after the request, when its time zone is no longer in force.
    """
    context = outbound_context(form.span())
    span: Span = context["span"]
    local = [timezone.localtime(moment).isoformat() for moment in (span.since, span.until)]
    notes = [("note", text, "", "") for text in context["completeness_words"]]
    return [("range", *local, ""), *notes, *(_numbers(context) if context["has_mail"] else ())]


def _numbers(context: dict[str, Any]) -> Iterator[Row]:
    yield from _flows(context["graph"])
    yield from _providers(context["weather"])
    for name in ("reasons", "sizes", "tls"):
        yield from _bars(name, context[name])
    yield from _domains(context["domains"])
    yield from _hours(context["heat"])


def _flows(graph: FlowGraph) -> Iterator[Row]:
    for nodes, recipients in graph.lines:
        yield ("flow", " ".join(node.key for node in nodes), "recipients", recipients)


def _providers(weather: Iterable[Weather]) -> Iterator[Row]:
    for item in weather:
        now = item.now
        cells = {
            "recipients": now.endings.recipients,
            "accepted_percent": round(now.endings.accepted_percent, 2),
            "deferred_percent": round(now.endings.deferred_percent, 2),
            "delay_p50_seconds": _rounded(now.median_seconds),
            "delay_p95_seconds": _rounded(now.slow_seconds),
            "tls_percent": round(now.tls_percent, 2),
        }
        yield from (("provider", item.provider, name, value) for name, value in cells.items())
        if item.change:
            yield ("provider", item.provider, f"more {item.change.code}", item.change.recipients)


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 3)


def _bars(name: str, chart: Chart) -> Iterator[Row]:
    for bar in chart.bars:
        for key, figure in zip(chart.series, bar.figures, strict=True):
            yield (name, bar.label, key, figure.value)


def _domains(lines: Iterable[DomainLine]) -> Iterator[Row]:
    for line in lines:
        yield ("domain", line.domain, "recipients", line.endings.recipients)
        yield ("domain", line.domain, "deferred", line.endings.deferred)
        yield ("domain", line.domain, "failed", line.endings.failed)


def _hours(rows: Iterable[WeekdayRow]) -> Iterator[Row]:
    for day, row in enumerate(rows, 1):
        for hour, cell in enumerate(row.cells):
            if cell is not None:
                yield ("mails_an_hour", f"weekday {day}", f"{hour:02}:00", cell.mean)
