"""The charts of outbound mail as pictures that the server draws: SVG files, and the poster."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from mailgw.templatetags.ui import duration
from stats.drawing.grid import grid
from stats.drawing.palette import series_colour
from stats.drawing.sankey import Link, Node, sankey
from stats.drawing.shapes import Picture
from stats.drawing.table import Cell, Column, table
from stats.drawing.treemap import Area, treemap
from stats.outbound import DIRECTION, DomainLine, WeekdayRow, domain_lines, graph_of, heat
from stats.outbound_bars import reasons_chart, sizes_chart, tls_chart
from stats.outbound_flow import ENDINGS, FlowGraph
from stats.pictures import WIDTH, bars_picture
from stats.selectors.destinations import providers_of, reasons_of
from stats.selectors.histograms import sizes_of
from stats.spans import Span
from stats.weather import Weather


def flow_picture(graph: FlowGraph, width: float = WIDTH, height: float = 380) -> Picture:
    words = [ending.name.lower() for ending in ENDINGS]
    nodes = []
    for node in graph.nodes:
        kind, _colon, word = node.key.partition(":")
        fill = series_colour(word) if kind == "ending" else ""
        nodes.append(Node(node.key, str(node.label), node.column, fill))
    links = [
        Link(link.source, link.target, link.recipients, series_colour(word), words.index(word))
        for link in graph.links
        for word in [link.ending.name.lower()]
    ]
    title = _("The way of recipients' mail: service class, relay, provider, ending")
    return sankey(title, nodes, links, width, height)


def heat_picture(rows: Sequence[WeekdayRow], width: float = WIDTH, height: float = 220) -> Picture:
    cells = [(str(row.label), [cell.mean if cell else None for cell in row.cells]) for row in rows]
    heads = [f"{hour:02}" for hour in range(24)]
    return grid(_("When outbound mail is sent: mails an hour"), cells, heads, width, height)


def domains_picture(
    lines: Sequence[DomainLine], width: float = WIDTH, height: float = 320
) -> Picture:
    areas = [
        Area(str(line.label), line.endings.recipients, series_colour(line.sky.value))
        for line in lines
    ]
    return treemap(_("Domains of the recipients"), areas, width, height)


def weather_picture(weather: Sequence[Weather], width: float = WIDTH) -> Picture:
    columns = [
        Column(_("Provider"), 2.1),
        Column(_("Weather"), 1.2),
        Column(_("Recipients"), 1.3, is_number=True),
        Column(_("Accepted"), 1.2, is_number=True),
        Column(_("Deferred"), 1.2, is_number=True),
        Column("p50", 1.15, is_number=True),
        Column("p95", 1.15, is_number=True),
        Column(_("TLS"), 0.8, is_number=True),
        Column(_("More than before"), 4.4),
    ]
    rows = [_weather_cells(item) for item in weather]
    return table(_("Weather at the mail providers"), columns, rows, width)


def _weather_cells(item: Weather) -> list[Cell]:
    now = item.now
    change = item.change
    told = f"{change.recipients} ({change.before}): {change.text}" if change else ""
    return [
        Cell(str(item.label)),
        Cell(str(item.sky.label), series_colour(item.sky.value)),
        Cell(str(number_format(now.endings.recipients, force_grouping=True))),
        *(
            Cell(f"{number_format(value, 1)} %")
            for value in (now.endings.accepted_percent, now.endings.deferred_percent)
        ),
        *(Cell(duration(value) or "–") for value in (now.median_seconds, now.slow_seconds)),
        Cell(f"{number_format(now.tls_percent, 0)} %"),
        Cell(told),
    ]


PICTURES: Mapping[str, Callable[[Span], Picture]] = {
    "flow": lambda span: flow_picture(graph_of(span)),
    "heat": lambda span: heat_picture(heat(span)),
    "domains": lambda span: domains_picture(domain_lines(span)),
    "reasons": lambda span: bars_picture(reasons_chart(reasons_of(span, DIRECTION), span)),
    "sizes": lambda span: bars_picture(sizes_chart(sizes_of(span, DIRECTION), span)),
    "tls": lambda span: bars_picture(
        tls_chart(sizes_of(span, DIRECTION), providers_of(span, DIRECTION), span)
    ),
}
"""By the name of the chart, each with its own figures alone."""
