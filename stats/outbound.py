"""Outbound mail in pictures: how it flows, who takes it, why it fails, and when it is sent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.urls import reverse
from django.utils.dates import WEEKDAYS
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from stats.days import HOUR
from stats.figures import MESSAGES, RECIPIENTS, Figure, Links, Tile, figure
from stats.models import Subject
from stats.outbound_bars import reasons_chart, sizes_chart, tls_chart
from stats.outbound_flow import CLASSES, ENDINGS, FlowGraph, flow_graph
from stats.pages import range_context
from stats.provider_links import ProviderLinks
from stats.selectors import MailRow, SpanRows, extent, mail_of_site, relays_by_name, site_week_hours
from stats.selectors.destinations import Endings, flows_of, providers_of, reasons_of
from stats.selectors.histograms import sizes_of
from stats.selectors.pieces import BEFORE
from stats.selectors.tops import days_of, tops_of
from stats.spans import Span
from stats.weather import Sky, sky_of, weather_of
from tracking.choices import Direction, Disposition, MessageKind
from tracking.selectors.origins import UNREGISTERED

DIRECTION = Direction.OUTBOUND
DOMAINS_SHOWN = 40
MAIL = MessageKind.MAIL.name.lower()
OUTBOUND = Direction.OUTBOUND.name.lower()
_WEEK = timedelta(days=7)
_SHOWN = (Disposition.DELIVERED, Disposition.DEFERRED, Disposition.BOUNCED, Disposition.EXPIRED)


@dataclass(frozen=True, slots=True)
class ClassEnding:
    """Recipients of a class of clients that ended alike, with the search that lists them."""

    label: str | Promise
    ending: str | Promise
    figure: Figure


@dataclass(frozen=True, slots=True)
class DomainLine:
    """A domain of recipients; ``url`` lists them, of the days that the range touches.

    ``is_least``: on some days it was below the end of the list.
    """

    domain: str
    label: str | Promise
    sky: Sky
    endings: Endings
    url: str
    is_least: bool = False


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
        **_pictures(span, mail, links),
        "has_mail": bool(mail),
        "tiles": _tiles(mail, links),
        "csv_url": f"{reverse('stats:outbound-csv')}?{span.query}",
        "pdf_url": f"{reverse('stats:outbound-poster')}?{span.query}",
    }


def _pictures(span: Span, mail: SpanRows[MailRow], links: Links) -> dict[str, Any]:
    providers, reasons = providers_of(span, DIRECTION), reasons_of(span, DIRECTION)
    sizes, graph = sizes_of(span, DIRECTION), graph_of(span)
    provider_links = ProviderLinks.of(links, providers)
    weather = weather_of(providers, reasons)
    return {
        "graph": graph,
        "ways": [(nodes, provider_links.way(nodes, count)) for nodes, count in graph.lines],
        "classes": class_endings(mail, links),
        "weather": weather,
        "weather_lines": provider_links.weather(weather),
        "reasons": reasons_chart(reasons, span),
        "sizes": sizes_chart(sizes, span),
        "tls": tls_chart(sizes, providers, span),
        "domains": domain_lines(span),
        "heat": heat(span),
        "hours": range(24),
        "is_mean": span.until - span.since > _WEEK,
        **{
            f"{name}_url": f"{reverse(f'stats:{name}-chart')}?{span.query}"
            for name in ("flow", "heat", "domains")
        },
    }


def graph_of(span: Span) -> FlowGraph:
    """The ways that mail took."""
    relays = {relay.pk: relay.name for relay in relays_by_name()}
    return flow_graph(flows_of(span, DIRECTION), relays)


def outbound_rows(span: Span) -> SpanRows[MailRow]:
    """Outbound mail of the whole site."""
    return mail_of_site(span, Direction.OUTBOUND)


def _tiles(mail: SpanRows[MailRow], links: Links) -> list[Tile]:
    given = {"kind": MAIL, "direction": OUTBOUND}
    mails = figure(mail.sums(MESSAGES), MESSAGES, links.mails(**given))
    recipients = figure(mail.sums(RECIPIENTS), RECIPIENTS, links.mail(**given))
    tiles = [
        Tile(_("Mails"), mails, icon="mail-up"),
        Tile(_("Recipients"), recipients, icon="users"),
    ]
    for ending in _SHOWN:
        word = ending.name.lower()
        sums = mail.equal(disposition=ending).sums(RECIPIENTS)
        found = figure(sums, RECIPIENTS, links.mail(**given, disposition=word))
        tiles.append(Tile(ending.label, found, word=word))
    return tiles


def class_endings(mail: SpanRows[MailRow], links: Links) -> list[ClassEnding]:
    """Class by class, from what is well to what is not; only what there is."""
    found = []
    for value, label in CLASSES.items():
        part = mail.equal(service_class="" if value == UNREGISTERED else value)
        for ending in ENDINGS:
            sums = part.equal(disposition=ending).sums(RECIPIENTS)
            if sums.value:
                word = ending.name.lower()
                url = links.mail(
                    kind=MAIL, direction=OUTBOUND, service_class=value, disposition=word
                )
                found.append(ClassEnding(label, ending.label, figure(sums, RECIPIENTS, url)))
    return found


def domain_lines(span: Span) -> list[DomainLine]:
    """The busiest domains, and the others as one."""
    days = days_of(span)
    links = Links.of(days.since, days.until)
    others = Endings()
    for row in outbound_rows(days).rows:
        if row.when != BEFORE:
            others.add(row.disposition, row.recipients)
    lines = []
    for top in tops_of(span, [Subject.DOMAIN], [DIRECTION], DOMAINS_SHOWN):
        endings = Endings(top.recipients, deferred=top.deferred, failed=top.bounced)
        url = links.mail(kind=MAIL, direction=OUTBOUND, recipient=f"@{top.value}")
        sky = sky_of(endings)
        lines.append(DomainLine(top.value, top.value, sky, endings, url, top.is_least))
        others.exclude(endings)
    if others.recipients > 0:
        lines.append(DomainLine("", _("Other domains"), sky_of(others), others, ""))
    return lines


def heat(span: Span) -> list[WeekdayRow]:
    """Monday first, in the site's zone; hours that are not over do not count."""
    links = Links.of(span.since, span.until)
    cells: dict[tuple[int, int], Cell] = {}
    for row in site_week_hours(span.since, span.complete_until, OUTBOUND):
        hour = row.newest
        url = links.between(hour, hour + HOUR).mails(kind=MAIL, direction=OUTBOUND)
        mean = round(row.mails / row.hours, 1)
        cells[row.weekday, row.hour] = Cell(mean, url if row.hours == 1 else "")
    return [
        WeekdayRow(label, [cells.get((day, hour)) for hour in range(24)])
        for day, label in WEEKDAYS.items()
    ]
