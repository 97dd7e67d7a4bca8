"""The charts of outbound mail as pictures that the server draws: SVG files, and the poster."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from stats.drawing.grid import grid
from stats.drawing.palette import series_colour
from stats.drawing.sankey import Link, Node, sankey
from stats.drawing.shapes import Picture
from stats.outbound import Flow, WeekdayRow
from tracking.choices import Disposition


def flow_picture(flows: Sequence[Flow], width: float = 760, height: float = 360) -> Picture:
    words = [item.name.lower() for item in Disposition]
    nodes = [
        *(Node(key, label, 0) for key, label in {f.key: str(f.label) for f in flows}.items()),
        *(
            Node(word, label, 1, series_colour(word, words.index(word)))
            for word, label in {f.word: str(f.ending) for f in flows}.items()
        ),
    ]
    links = [
        Link(flow.key, flow.word, flow.figure.value, series_colour(flow.word, order), order)
        for flow in flows
        for order in [words.index(flow.word)]
    ]
    title = _("What became of the recipients, by service class of the client")
    return sankey(title, nodes, links, width, height)


def heat_picture(rows: Sequence[WeekdayRow], width: float = 760, height: float = 220) -> Picture:
    cells = [(str(row.label), [cell.mean if cell else None for cell in row.cells]) for row in rows]
    heads = [f"{hour:02}" for hour in range(24)]
    return grid(_("When outbound mail is sent: mails an hour"), cells, heads, width, height)


PICTURES: Mapping[str, Callable[[dict[str, Any]], Picture]] = {
    "flow": lambda context: flow_picture(context["flows"]),
    "heat": lambda context: heat_picture(context["heat"]),
}
"""By the name of the chart, from the context of the page."""
