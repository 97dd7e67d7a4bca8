"""JSON of the dashboard's further charts."""

from __future__ import annotations

from stats.charts import Chart, ChartView
from stats.lists import day_hours_chart, scores_chart
from stats.spans import Span


class ScoresChart(ChartView):
    """Recipients by spam score."""

    def make_chart(self, span: Span) -> Chart:
        return scores_chart(span)


class DayHoursChart(ChartView):
    """Mails by hour of the day."""

    def make_chart(self, span: Span) -> Chart:
        return day_hours_chart(span)
