"""Charts: what they show, and the JSON that draws them.

The JSON names series by key and holds no colour; the page's JavaScript takes colours from the
tokens of the style sheet. Each chart's rows also make the table beside it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from chartjs.views.lines import BaseLineChartView
from django.contrib.auth.mixins import PermissionRequiredMixin
from django.http import Http404
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from stats.figures import MESSAGES, REJECTIONS, Figure, Links
from stats.forms import RangeForm
from stats.selectors import REJECTED, site_traffic
from stats.spans import Preset, Span
from tracking.choices import Direction, MessageKind

DAYS_SHOWN = 30
Text = str | Promise
MAIL = MessageKind.MAIL.name.lower()
SERIES: dict[str, Text] = {
    **{item.name.lower(): item.label for item in Direction},
    REJECTED: _("Refused"),
}


@dataclass(frozen=True, slots=True)
class Bar:
    """What stands over one label: a figure for each series."""

    label: str
    url: str
    figures: list[Figure]


@dataclass(frozen=True, slots=True)
class Chart:
    """Stacked bars. ``name`` is also that of its JSON's URL.

    ``kind``: standing "bars"; lying "rows"; "shares", which are lying and all of one length.
    ``svg_url``: where the server draws it. A figure without a URL has no search that lists it.
    """

    name: str
    title: Text
    label_title: Text
    bars: list[Bar]
    data_url: str
    series: dict[str, Text]
    kind: str = "bars"
    note: Text = ""
    svg_url: str = ""


def traffic_chart(span: Span) -> Chart:
    """A bar for each hour of a short span, for each day of a longer one, or for each week."""
    if span.is_by_hour:
        pattern = "H:i" if span.day else "j M H:i"
        return _chart("traffic-chart", _("Mail by hour"), _("Hour"), span, span, pattern)
    if span.is_by_week:
        return _chart("traffic-chart", _("Mail by week"), _("Week from"), span, span, "j M Y")
    return _chart("traffic-chart", _("Mail by day"), _("Day"), span, span, "j M")


def month_chart(span: Span) -> Chart:
    """The days up to the span's last."""
    month = span.last.last(DAYS_SHOWN)
    shown = Span(month[0].since, month[-1].until)
    return _chart("month-chart", _("The last 30 days"), _("Day"), span, shown, "j M")


def _chart(
    name: str, title: Text, label_title: Text, asked: Span, shown: Span, pattern: str
) -> Chart:
    parts = shown.bars()
    counts = site_traffic(parts)
    links = Links.of(shown.since, shown.until)
    page = reverse("stats:dashboard")
    bars = []
    for part, values in zip(parts, counts, strict=True):
        label = date_format(timezone.localtime(part.since), pattern)
        url = f"{page}?{part.query}"
        bars.append(Bar(label, url, _figures(values, links.between(part.since, part.until))))
    data_url = f"{reverse(f'stats:{name}')}?{asked.query}"
    return Chart(
        name, title, label_title, bars, data_url, SERIES, svg_url=dashboard_svg_url(name, asked)
    )


def dashboard_svg_url(chart: str, span: Span) -> str:
    """Where a chart of the dashboard is drawn as a file."""
    url = reverse("stats:dashboard-svg", args=[chart.removesuffix("-chart")])
    return f"{url}?{span.query}"


def _figures(values: tuple[int, ...], links: Links) -> list[Figure]:
    figures = []
    for key, value in zip(SERIES, values, strict=True):
        if key == REJECTED:
            figures.append(Figure(value, REJECTIONS, links.rejections()))
        else:
            figures.append(Figure(value, MESSAGES, links.mails(direction=key, kind=MAIL)))
    return figures


class RangeChart(PermissionRequiredMixin, BaseLineChartView):  # type: ignore[misc]  # untyped
    """JSON over a range: ``{labels, datasets: [{key, label, data}]}`` and nothing else."""

    permission_required: str | tuple[str, ...] = "tracking.view_message"
    raise_exception = True
    http_method_names = ("get", "head", "options")

    def prepare(self, span: Span) -> None:
        """Read what the other methods give."""
        raise NotImplementedError

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        form = RangeForm(self.request.GET)
        if not form.is_valid():
            raise Http404
        self.prepare(form.span() or Span.of_preset(Preset.TODAY))
        return {"labels": self.get_labels(), "datasets": self.get_datasets()}


class ChartView(RangeChart):
    """Stacked bars."""

    chart: Chart

    def make_chart(self, span: Span) -> Chart:
        raise NotImplementedError

    def prepare(self, span: Span) -> None:
        self.chart = self.make_chart(span)

    def get_labels(self) -> list[str]:
        return [bar.label for bar in self.chart.bars]

    def get_providers(self) -> list[str]:
        return [str(label) for label in self.chart.series.values()]

    def get_data(self) -> list[list[int]]:
        return [
            [bar.figures[number].value for bar in self.chart.bars]
            for number in range(len(self.chart.series))
        ]

    def get_datasets(self) -> list[dict[str, Any]]:
        parts = zip(self.chart.series, self.get_providers(), self.get_data(), strict=True)
        return [{"key": key, "label": label, "data": data} for key, label, data in parts]


class TrafficChart(ChartView):
    """The hours or days of a range."""

    def make_chart(self, span: Span) -> Chart:
        return traffic_chart(span)


class MonthChart(ChartView):
    """The 30 days up to the end of a range."""

    def make_chart(self, span: Span) -> Chart:
        return month_chart(span)
