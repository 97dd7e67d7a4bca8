"""Charts as pictures that the server draws, and as files that say what they count."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from stats.charts import Chart, month_chart, traffic_chart
from stats.drawing.bars import Series, lying_bars, standing_bars
from stats.drawing.palette import series_colour
from stats.drawing.shapes import Picture
from stats.drawing.sheet import sheet
from stats.drawing.svg import svg
from stats.lists import day_hours_chart, scores_chart
from stats.selectors import Extent, completeness
from stats.spans import Span
from stats.words import completeness_words, span_words

WIDTH = 760.0


def bars_picture(chart: Chart, width: float = WIDTH, height: float = 260) -> Picture:
    series = [
        Series(str(label), series_colour(key, place))
        for place, (key, label) in enumerate(chart.series.items())
    ]
    bars = [(bar.label, [figure.value for figure in bar.figures]) for bar in chart.bars]
    if chart.kind == "bars":
        return standing_bars(str(chart.title), series, bars, width, height)
    is_share = chart.kind == "shares"
    return lying_bars(str(chart.title), series, bars, width, height, is_share=is_share)


def picture_file(
    picture: Picture, name: str, scope: str, span: Span, known: Extent
) -> HttpResponse:
    """An SVG; ``scope`` says which mail is counted."""
    zone = _("Times are in %(site_time_zone)s.") % {
        "site_time_zone": timezone.get_current_timezone_name()
    }
    told = completeness_words(completeness(), known.waiting_hours, span)
    whole = sheet(picture, span_words(span), [f"{scope}. {zone}", " · ".join(told)])
    return download_file(svg(whole), "image/svg+xml", f"{name}.svg")


def download_file(content: str | bytes, content_type: str, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type=content_type)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "no-store"
    return response


DASHBOARD: Mapping[str, Callable[[Span], Chart]] = {
    "traffic": traffic_chart,
    "month": month_chart,
    "scores": scores_chart,
    "day-hours": day_hours_chart,
}
"""By the name of the file."""
