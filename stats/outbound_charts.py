"""JSON of the pictures of outbound mail."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from stats.charts import Chart, ChartView, RangeChart
from stats.outbound import DIRECTION, DomainLine, WeekdayRow, domain_lines, graph_of, heat
from stats.outbound_bars import reasons_chart, sizes_chart, tls_chart
from stats.outbound_flow import FlowGraph
from stats.selectors.destinations import providers_of, reasons_of
from stats.selectors.histograms import sizes_of
from stats.spans import Span


class FlowChart(RangeChart):
    """Recipients from class to ending: ``labels`` by node, ``data`` of ``{from, to, flow, key}``.

    ``key`` is the ending.
    """

    graph: FlowGraph

    def prepare(self, span: Span) -> None:
        self.graph = graph_of(span)

    def get_labels(self) -> dict[str, str]:
        return {node.key: str(node.label) for node in self.graph.nodes}

    def get_datasets(self) -> list[dict[str, Any]]:
        data = [
            {
                "from": link.source,
                "to": link.target,
                "flow": link.recipients,
                "key": link.ending.name.lower(),
            }
            for link in self.graph.links
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


class DomainsChart(RangeChart):
    """Recipients by domain: ``data`` of ``{label, value, key}``, of which ``key`` is the sky."""

    lines: list[DomainLine]

    def prepare(self, span: Span) -> None:
        self.lines = domain_lines(span)

    def get_labels(self) -> list[str]:
        return [str(line.label) for line in self.lines]

    def get_datasets(self) -> list[dict[str, Any]]:
        data = [
            {"label": str(line.label), "value": line.endings.recipients, "key": line.sky.value}
            for line in self.lines
        ]
        return [{"key": "recipients", "label": _("Recipients"), "data": data}]


class ReasonsChart(ChartView):
    """Recipients by the reason why mail came back."""

    def make_chart(self, span: Span) -> Chart:
        return reasons_chart(reasons_of(span, DIRECTION), span)


class SizesChart(ChartView):
    """Mails by size."""

    def make_chart(self, span: Span) -> Chart:
        return sizes_chart(sizes_of(span, DIRECTION), span)


class TlsChart(ChartView):
    """Mails and recipients by whether their connection was encrypted."""

    def make_chart(self, span: Span) -> Chart:
        return tls_chart(sizes_of(span, DIRECTION), providers_of(span, DIRECTION), span)
