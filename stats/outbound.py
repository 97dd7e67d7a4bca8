"""Outbound mail in pictures: what became of each class's recipients, and when mail is sent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.dates import WEEKDAYS
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from stats.days import HOUR
from stats.figures import MESSAGES, RECIPIENTS, Figure, Links, Tile, figure
from stats.forms import RangeForm
from stats.pages import range_context
from stats.selectors import MailRow, SpanRows, extent, mail_of, site_hours
from stats.spans import Span
from tracking.choices import Direction, Disposition, MessageKind, ServiceClass
from tracking.selectors.origins import UNREGISTERED

MAIL = MessageKind.MAIL.name.lower()
OUTBOUND = Direction.OUTBOUND.name.lower()
_WEEK = timedelta(days=7)
_SHOWN = (Disposition.DELIVERED, Disposition.DEFERRED, Disposition.BOUNCED, Disposition.EXPIRED)


@dataclass(frozen=True, slots=True)
class Flow:
    """Recipients of a class that ended alike. ``key`` is of the series, ``word`` of the ending."""

    key: str
    label: str | Promise
    word: str
    ending: str | Promise
    figure: Figure


@dataclass(frozen=True, slots=True)
class Cell:
    """Mails an hour, on the average of such hours; ``url`` when it is a single hour."""

    mean: float
    url: str


@dataclass(frozen=True, slots=True)
class WeekdayRow:
    """The hours of a weekday; None for an hour that the range does not have."""

    label: str | Promise
    cells: list[Cell | None]


def outbound_context(wanted: Span | None) -> dict[str, Any]:
    """The page. With no range wanted it is today, or the newest day that has figures."""
    known = extent()
    context = range_context(wanted, known)
    span: Span = context["span"]
    links = Links.of(span.since, span.until)
    mail = outbound_rows(span)
    return {
        **context,
        "tiles": _tiles(mail, links),
        "flows": flows(mail, links),
        "heat": heat(span),
        "hours": range(24),
        "is_mean": span.until - span.since > _WEEK,
        "flow_url": f"{reverse('stats:flow-chart')}?{span.query}",
        "heat_url": f"{reverse('stats:heat-chart')}?{span.query}",
        "csv_url": f"{reverse('stats:outbound-csv')}?{span.query}",
        "pdf_url": f"{reverse('stats:outbound-poster')}?{span.query}",
    }


def outbound_rows(span: Span) -> SpanRows[MailRow]:
    """Outbound mail of the whole site."""
    rows = mail_of(span)
    return rows.equal(relay_id=None, kind=MessageKind.MAIL, direction=Direction.OUTBOUND)


def _tiles(mail: SpanRows[MailRow], links: Links) -> list[Tile]:
    given = {"kind": MAIL, "direction": OUTBOUND}
    url = links.mail(**given)
    tiles = [
        Tile(_("Mails"), figure(mail.sums(MESSAGES), MESSAGES, url), icon="mail-up"),
        Tile(_("Recipients"), figure(mail.sums(RECIPIENTS), RECIPIENTS, url), icon="users"),
    ]
    for ending in _SHOWN:
        word = ending.name.lower()
        sums = mail.equal(disposition=ending).sums(RECIPIENTS)
        found = figure(sums, RECIPIENTS, links.mail(**given, disposition=word))
        tiles.append(Tile(ending.label, found, word=word))
    return tiles


def flows(mail: SpanRows[MailRow], links: Links) -> list[Flow]:
    """Class by class, the endings in the order of their numbers; only what there is."""
    classes = [*ServiceClass.choices, (UNREGISTERED, _("Unregistered"))]
    found = []
    for value, label in classes:
        part = mail.equal(service_class="" if value == UNREGISTERED else value)
        for ending in Disposition:
            sums = part.equal(disposition=ending).sums(RECIPIENTS)
            if sums.value:
                word = ending.name.lower()
                url = links.mail(
                    kind=MAIL, direction=OUTBOUND, service_class=value, disposition=word
                )
                number = figure(sums, RECIPIENTS, url)
                found.append(Flow(value, label, word, ending.label, number))
    return found


def heat(span: Span) -> list[WeekdayRow]:
    """Monday first, in the site's zone; hours that are not over do not count."""
    hours = (span.complete_until - span.since) // HOUR
    mails = site_hours(span, OUTBOUND)
    sums: Counter[tuple[int, int]] = Counter()
    counts: Counter[tuple[int, int]] = Counter()
    newest: dict[tuple[int, int], datetime] = {}
    for number in range(hours):
        hour = span.since + number * HOUR
        local = timezone.localtime(hour)
        place = (local.weekday(), local.hour)
        sums[place] += mails.get(hour, 0)
        counts[place] += 1
        newest[place] = hour
    links = Links.of(span.since, span.until)

    def cell(place: tuple[int, int]) -> Cell | None:
        if place not in counts:
            return None
        hour, is_single = newest[place], counts[place] == 1
        url = links.between(hour, hour + HOUR).mail(kind=MAIL, direction=OUTBOUND)
        return Cell(round(sums[place] / counts[place], 1), url if is_single else "")

    return [
        WeekdayRow(label, [cell((day, hour)) for hour in range(24)])
        for day, label in WEEKDAYS.items()
    ]


def csv_rows(form: RangeForm) -> list[tuple[Any, ...]]:
    """All numbers of the page: (picture, what, beside what, number); the range stands first.

    A list: what is streamed is made after the request, when its time zone is no longer in force.
    """
    span: Span = form.span() or range_context(None, extent())["span"]
    local = [timezone.localtime(moment).isoformat() for moment in (span.since, span.until)]
    found = flows(outbound_rows(span), Links.of(span.since, span.until))
    return [
        ("range", *local, ""),
        *(("recipients", flow.key, flow.word, flow.figure.value) for flow in found),
        *_heat_cells(span),
    ]


def _heat_cells(span: Span) -> Iterator[tuple[Any, ...]]:
    for day, row in enumerate(heat(span), 1):
        for hour, cell in enumerate(row.cells):
            if cell is not None:
                yield ("mails_an_hour", f"weekday {day}", f"{hour:02}:00", cell.mean)
