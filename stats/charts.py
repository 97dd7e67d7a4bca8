"""Charts: what they show, and the JSON that draws them.

The JSON names series by key and holds no colour; the page's JavaScript takes colours from the
tokens of the style sheet. Each chart's rows also make the table beside it.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chartjs.views.lines import BaseLineChartView
from django.contrib.auth.mixins import PermissionRequiredMixin
from django.http import Http404
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from stats.days import HOUR, Day
from stats.figures import MESSAGES, REJECTIONS, Figure, Links
from stats.forms import DayForm
from stats.selectors import REJECTED, traffic_by_hour
from tracking.choices import Direction, MessageKind

DAYS_SHOWN = 30
SERIES: dict[str, str | Promise] = {
    **{item.name.lower(): item.label for item in Direction},
    REJECTED: _("Refused"),
}
Counts = Counter[tuple[str, datetime]]


@dataclass(frozen=True, slots=True)
class Bar:
    """What stands over one label: a figure for each series."""

    label: str
    url: str
    figures: list[Figure]


@dataclass(frozen=True, slots=True)
class Chart:
    """Stacked bars. ``name`` is also the name of the URL of its JSON."""

    name: str
    title: str | Promise
    label_title: str | Promise
    bars: list[Bar]
    data_url: str
    series: dict[str, str | Promise]


def traffic_of_month(day: Day) -> Counts:
    """The hours of the last days up to this one."""
    return traffic_by_hour(day.last(DAYS_SHOWN)[0].since, day.until)


def hours_chart(day: Day, counts: Counts) -> Chart:
    bars = []
    links = Links.of(day.since, day.until)
    for hour in day.hours():
        figures = _figures(counts, [hour], links.between(hour, hour + HOUR))
        bars.append(Bar(f"{timezone.localtime(hour):%H:%M}", "", figures))
    return _chart("hours-chart", _("Mail by hour"), _("Hour"), day, bars)


def days_chart(day: Day, counts: Counts) -> Chart:
    bars = []
    page, links = reverse("stats:dashboard"), Links.of(day.since, day.until)
    for other in day.last(DAYS_SHOWN):
        figures = _figures(counts, other.hours(), links.between(other.since, other.until))
        bars.append(Bar(date_format(other.on, "j M"), f"{page}?day={other.iso}", figures))
    return _chart("days-chart", _("The last 30 days"), _("Day"), day, bars)


def _chart(
    name: str, title: str | Promise, label_title: str | Promise, day: Day, bars: list[Bar]
) -> Chart:
    data_url = f"{reverse(f'stats:{name}')}?day={day.iso}"
    return Chart(name, title, label_title, bars, data_url, SERIES)


def _figures(counts: Counts, hours: list[datetime], links: Links) -> list[Figure]:
    figures = []
    for key in SERIES:
        value = sum(counts[key, hour] for hour in hours)
        if key == REJECTED:
            figures.append(Figure(value, REJECTIONS, links.rejections()))
        else:
            kind = MessageKind.MAIL.name.lower()
            figures.append(Figure(value, MESSAGES, links.mail(direction=key, kind=kind)))
    return figures


class ChartView(PermissionRequiredMixin, BaseLineChartView):  # type: ignore[misc]  # untyped
    """JSON of a chart: ``{labels, datasets: [{key, label, data}]}`` and nothing else."""

    permission_required = "tracking.view_message"
    raise_exception = True
    http_method_names = ("get", "head", "options")
    chart: Chart

    def make_chart(self, day: Day) -> Chart:
        raise NotImplementedError

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        form = DayForm(self.request.GET)
        if not form.is_valid():
            raise Http404
        chosen = form.cleaned_data["day"]
        self.chart = self.make_chart(Day.of(chosen) if chosen else Day.today())
        return {"labels": self.get_labels(), "datasets": self.get_datasets()}

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


class HoursChart(ChartView):
    """The hours of a day."""

    def make_chart(self, day: Day) -> Chart:
        return hours_chart(day, traffic_by_hour(day.since, day.until))


class DaysChart(ChartView):
    """The 30 days up to a day."""

    def make_chart(self, day: Day) -> Chart:
        return days_chart(day, traffic_of_month(day))
