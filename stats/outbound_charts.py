"""JSON of the pictures of outbound mail."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from stats.charts import RangeChart
from stats.figures import Links
from stats.outbound import Flow, WeekdayRow, flows, heat, outbound_rows
from stats.spans import Span


class FlowChart(RangeChart):
    """Recipients from class to ending: ``labels`` by node, ``data`` of ``{from, to, flow, key}``.

    ``key`` is the ending.
    """

    found: list[Flow]

    def prepare(self, span: Span) -> None:
        self.found = flows(outbound_rows(span), Links.of(span.since, span.until))

    def get_labels(self) -> dict[str, str]:
        return {
            **{f"class:{flow.key}": str(flow.label) for flow in self.found},
            **{f"ending:{flow.word}": str(flow.ending) for flow in self.found},
        }

    def get_datasets(self) -> list[dict[str, Any]]:
        data = [
            {
                "from": f"class:{flow.key}",
                "to": f"ending:{flow.word}",
                "flow": flow.figure.value,
                "key": flow.word,
            }
            for flow in self.found
        ]
        return [{"key": "recipients", "label": _("Recipients"), "data": data}]


class HeatChart(RangeChart):
    """Mails an hour: ``labels`` are weekdays, ``data`` of ``{x: hour, y: weekday, v: mails}``."""

    rows: list[WeekdayRow]

    def prepare(self, span: Span) -> None:
        self.rows = heat(span)

    def get_labels(self) -> list[str]:
        return [str(row.label) for row in self.rows]

    def get_datasets(self) -> list[dict[str, Any]]:
        data = [
            {"x": f"{hour:02}", "y": str(row.label), "v": cell.mean}
            for row in self.rows
            for hour, cell in enumerate(row.cells)
            if cell is not None
        ]
        return [{"key": "outbound", "label": _("Mails an hour"), "data": data}]
