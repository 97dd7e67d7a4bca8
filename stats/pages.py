"""What the dashboard shows: selectors' answers put together for the template."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from stats import tiles
from stats.charts import month_chart, traffic_chart
from stats.days import Day
from stats.figures import Links
from stats.forms import RangeForm
from stats.lines import class_lines, direction_measures, relay_lines
from stats.lists import day_hours_chart, refusals, scores_chart, top_lists, virus_lines
from stats.selectors import Extent, completeness, extent, mail_of, rejections_of
from stats.spans import Preset, Span
from stats.tiles import Group
from stats.words import completeness_words, span_words
from tracking.choices import Direction, MessageKind


def dashboard_context(wanted: Span | None) -> dict[str, Any]:
    """A range. With none wanted it is today, or the newest day that has figures."""
    known = extent()
    context = range_context(wanted, known)
    return {**context, **(_figures(context["span"]) if known.newest else {})}


def range_context(wanted: Span | None, known: Extent) -> dict[str, Any]:
    """What the head of every page over a range says."""
    span = span_shown(wanted, known)
    newest = _day_at(known.newest) if known.newest else None
    is_fallback = wanted is None and span != Span.of_preset(Preset.TODAY)
    complete = completeness()
    return {
        "form": RangeForm.showing(span),
        "span": span,
        "presets": [(item, Span.of_preset(item) == span) for item in Preset],
        "newest": newest,
        "is_fallback": is_fallback,
        "range_title": span_words(span),
        "completeness": complete,
        "completeness_words": completeness_words(complete, known.waiting_hours, span),
    }


def span_shown(wanted: Span | None, known: Extent) -> Span:
    """The range that is wanted, else today, or the newest day with figures before it."""
    span = wanted or Span.of_preset(Preset.TODAY)
    newest = _day_at(known.newest) if wanted is None and known.newest else span
    return newest if newest.since < span.since else span


def _day_at(moment: datetime) -> Span:
    day = Day.at(moment)
    return Span(day.since, day.until)


def _figures(span: Span) -> dict[str, Any]:
    links = Links.of(span.since, span.until)
    rows, refused = mail_of(span), rejections_of(span)
    site = rows.equal(relay_id=None)
    mail = site.equal(kind=MessageKind.MAIL)
    return {
        "has_figures": bool(rows) or bool(refused),
        "groups": [
            Group("mail", _("Mail"), tiles.directions(mail, links)),
            Group("outcomes", _("What became of the recipients"), tiles.endings(mail, links)),
            Group("quarantined", _("Quarantined"), tiles.quarantined(mail, links)),
            Group("refused", _("Refused at the door"), tiles.refused(refused, links)),
            Group("notices", _("Written by the mail system"), tiles.notices(site, links)),
            Group("waiting", _("Waiting now"), tiles.waiting()),
        ],
        "held": Group("held", _("In the quarantine now"), tiles.held()),
        "directions": list(Direction),
        "measures": direction_measures(site, links),
        "relays": relay_lines(rows, refused, links),
        "classes": class_lines(mail, links),
        "charts": [traffic_chart(span), *([month_chart(span)] if span.is_by_hour else [])],
        "more_charts": [scores_chart(span), *([] if span.is_by_hour else [day_hours_chart(span)])],
        "viruses": virus_lines(span, links),
        "refusals": refusals(refused, links),
        "tops": top_lists(span),
    }
