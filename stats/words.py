"""What heads of pages and papers say in words: which range, and how complete its figures are."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from mailgw.templatetags.ui import duration
from stats.selectors import Behind, Completeness
from stats.spans import Span

SOURCES_TOLD = 5


def span_words(span: Span) -> str:
    """``Friday, 20 November 2026``, or both ends of a range."""
    if span.day:
        return date_format(span.day.on, "l, j F Y")
    if span.is_whole_days:
        return f"{date_format(span.first.on, 'j F Y')} – {date_format(span.last.on, 'j F Y')}"
    ends = (_local(moment, "j F Y H:i") for moment in (span.since, span.until))
    return " – ".join(ends)


def completeness_words(known: Completeness, waiting_hours: int, span: Span) -> list[str]:
    """One statement each: how far the log was read, who is behind, what is being counted."""
    return list(_statements(known, waiting_hours, span))


def _statements(known: Completeness, waiting_hours: int, span: Span) -> Iterator[str]:
    if known.newest:
        newest = _local(known.newest, "j M H:i:s")
        yield _("The log is complete to %(moment)s") % {"moment": newest}
        yield from map(_behind, known.behind[:SOURCES_TOLD])
        if len(known.behind) > SOURCES_TOLD:
            yield _("more sources are behind")
    if waiting_hours:
        text = ngettext(
            "%(count)s hour is being counted", "%(count)s hours are being counted", waiting_hours
        )
        yield text % {"count": waiting_hours}
    if not span.is_over:
        until = _local(span.complete_until, "H:i" if span.day else "j M H:i")
        text = _("changes compare the hours up to %(until)s with as many of the period before")
        yield text % {"until": until}


def _behind(source: Behind) -> str:
    if source.segments:
        text = ngettext(
            "%(name)s: %(count)s segment waits",
            "%(name)s: %(count)s segments wait",
            source.segments,
        )
        return text % {"name": source.name, "count": source.segments}
    lag = duration(source.seconds)
    return _("%(name)s is %(lag)s behind") % {"name": source.name, "lag": lag}


def _local(moment: datetime, pattern: str) -> str:
    return date_format(timezone.localtime(moment), pattern)
