"""The page of one network: its endings, its hours or days, and who stood at its top."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from stats.charts import Bar, Chart
from stats.days import Day
from stats.figures import BYTES, MESSAGES, RECIPIENTS, Figure, Links, Tile
from stats.forms import RangeForm
from stats.models import Subject
from stats.networks.pages import ENDINGS, page_context, senders_a_day
from stats.networks.table import Asked, find_rows
from stats.rollups import select
from stats.rollups.days import TOP_OF_NETWORK
from stats.selectors import extent
from stats.selectors.pieces import behind_days
from stats.selectors.tops import tops_of_networks
from stats.spans import Span
from stats.tiles import MAIL
from tracking.choices import Disposition, MessageKind
from tracking.models import ClientNetwork

TOP = 10
WEEK = 7
_SUMS = "sum(messages)::bigint, sum(recipients)::bigint, sum(bytes)::bigint"
_BY_HOUR = f"""
SELECT hour, disposition, {_SUMS} FROM stats_traffichour
WHERE network_id = %(network)s AND hour >= %(since)s AND hour < %(until)s AND kind = %(mail)s
GROUP BY 1, 2
"""
# Days whose sums are not made of their hours yet, as today's, are read from these.
_BY_DAY = f"""
SELECT day, disposition, {_SUMS} FROM (
    SELECT day, disposition, messages, recipients, bytes FROM stats_trafficday
    WHERE network_id = %(network)s AND day >= %(first)s AND day <= %(last)s
      AND day <> ALL(%(days)s::date[]) AND kind = %(mail)s
    UNION ALL
    SELECT d.day, disposition, messages, recipients, bytes
    FROM unnest(%(days)s::date[], %(begins)s::timestamptz[], %(ends)s::timestamptz[])
         AS d (day, begins, ends)
    JOIN stats_traffichour ON network_id = %(network)s AND hour >= begins AND hour < ends
                           AND kind = %(mail)s
) days GROUP BY 1, 2
"""
# Distinct values on the day with most: those on the list, and the others.
_SIZES = f"""
SELECT subject, max(CASE rank WHEN 0 THEN {TOP_OF_NETWORK} + value_count ELSE rank END)
FROM stats_networktopday WHERE network_id = %(network)s AND day >= %(first)s AND day <= %(last)s
GROUP BY subject
"""


class Traffic(NamedTuple):
    """What became of mail in an hour, or on a day."""

    part: datetime | date
    disposition: int
    messages: int
    recipients: int
    bytes: int


@dataclass(frozen=True, slots=True)
class Top:
    """A value of a list. ``is_least``: on some day it was not on the list, so it has more."""

    value: str
    figure: Figure
    url: str
    is_least: bool


@dataclass(frozen=True, slots=True)
class TopList:
    """The first of a subject, and how many distinct values there were on the day with most."""

    title: str | Promise
    tops: list[Top]
    values: int


def span_of(form: RangeForm, newest: datetime | None) -> Span:
    """The whole days that were asked for, or seven that end with the newest."""
    wanted = form.span()
    if wanted is not None:
        return Span.of_days(wanted.first.on, wanted.last.on)
    last = Day.at(newest) if newest else Day.today()
    return Span(last.last(WEEK)[0].since, last.until)


def network_context(network: ClientNetwork, form: RangeForm) -> dict[str, Any]:
    """The whole page."""
    known = extent()
    span = span_of(form, known.newest)
    links = Links.of(span.since, span.until)
    given = {"client_network": str(network.network)}
    traffic = traffic_of(network.pk, span)
    (row,) = find_rows(Asked(span, network_id=network.pk)).rows
    return {
        **page_context(span, known),
        "network": network,
        "customer": network.customer,
        "row": row,
        "senders": senders_a_day(row, span),
        "change": round(100 * (row.compared - row.usual) / row.usual) if row.usual else None,
        "tiles": _tiles(traffic, row, links, given),
        "chart": traffic_chart(network, span, traffic),
        "lists": top_lists(network.pk, span, links, given),
        "around": around(network),
        "refused_url": links.rejections(**given),
    }


def around(network: ClientNetwork) -> list[ClientNetwork]:
    """Registered networks around this one, the nearest first."""
    wider = ClientNetwork.objects.filter(network__net_contains=str(network.network))
    found = list(wider.select_related("customer"))
    return sorted(found, key=lambda item: -item.network.prefixlen)


def traffic_of(network: int, span: Span) -> list[Traffic]:
    """By hour of a short span, by day of a long one."""
    bounds: dict[str, Any] = {"network": network, "mail": MessageKind.MAIL.value}
    if span.is_by_hour:
        return [
            Traffic(*row)
            for row in select(_BY_HOUR, bounds | {"since": span.since, "until": span.until})
        ]
    behind = [Day.of(day) for day in behind_days("listed", span.since, span.until)]
    bounds |= {
        "first": span.first.on,
        "last": span.last.on,
        "days": [day.on for day in behind],
        "begins": [max(day.since, span.since) for day in behind],
        "ends": [min(day.until, span.until) for day in behind],
    }
    return [Traffic(*row) for row in select(_BY_DAY, bounds)]


def _tiles(traffic: list[Traffic], row: Any, links: Links, given: dict[str, str]) -> list[Tile]:
    mails = links.mail(kind=MAIL, **given, once="yes")
    copies = links.mail(kind=MAIL, **given)
    totals = {name: sum(getattr(item, name) for item in traffic) for name in (MESSAGES, BYTES)}
    ended: Counter[int] = Counter()
    for item in traffic:
        ended[item.disposition] += item.recipients
    tiles = [
        Tile(_("Mails"), Figure(totals[MESSAGES], MESSAGES, mails), icon="mail-up", note=" "),
        Tile(_("Recipients"), Figure(ended.total(), RECIPIENTS, copies), icon="users", note=" "),
        Tile(_("Bytes"), Figure(totals[BYTES], BYTES, mails), icon="database", note=" "),
    ]
    tiles += ending_tiles(ended, links, given)
    for name, label, icon in (("spam", _("Spam"), "mail-exclamation"),
                              ("virus", _("Viruses"), "virus")):  # fmt: skip
        url = links.mail(kind=MAIL, **given, **ENDINGS[name])
        found = Figure(getattr(row, name), RECIPIENTS, url)
        tiles.append(Tile(label, found, icon=icon, note=" "))
    return tiles


def ending_tiles(ended: Counter[int], links: Links, given: dict[str, str]) -> list[Tile]:
    """Recipients by what became of them, where there are any."""
    tiles = []
    for ending in Disposition:
        word = ending.name.lower()
        if ended[ending] or ending in {Disposition.DELIVERED, Disposition.BOUNCED}:
            url = links.mail(kind=MAIL, **given, disposition=word)
            found = Figure(ended[ending], RECIPIENTS, url)
            tiles.append(Tile(ending.label, found, word=word, note=" "))
    return tiles


def traffic_chart(network: ClientNetwork, span: Span, traffic: list[Traffic]) -> Chart:
    """Recipients by their endings, those that occur."""
    given = {"client_network": str(network.network)}
    links = Links.of(span.since, span.until)
    parts = span.bars()
    begins: list[Any] = [part.since if span.is_by_hour else part.first.on for part in parts]
    counts = [Counter[int]() for _part in parts]
    for row in traffic:
        counts[bisect_right(begins, row.part) - 1][row.disposition] += row.recipients
    endings = [d for d in Disposition if any(count[d] for count in counts)]
    bars = [
        endings_bar(part, span, count, endings, links, given)
        for part, count in zip(parts, counts, strict=True)
    ]
    title, head = _chart_words(span)
    data_url, svg_url = (
        f"{reverse(f'stats:{name}', args=[network.pk])}?{span.query}"
        for name in ("network-chart", "network-svg")
    )
    series: dict[str, str | Promise] = {item.name.lower(): item.label for item in endings}
    return Chart("network-chart", title, head, bars, data_url, series, svg_url=svg_url)


def _chart_words(span: Span) -> tuple[str | Promise, str | Promise]:
    """The title, and what its bars stand for."""
    if span.is_by_hour:
        return _("Recipients by hour"), _("Hour")
    if span.is_by_week:
        return _("Recipients by week"), _("Week from")
    return _("Recipients by day"), _("Day")


def endings_bar(
    part: Span,
    span: Span,
    count: Counter[int],
    endings: Sequence[Disposition],
    links: Links,
    given: dict[str, str],
) -> Bar:
    """The recipients of a part of ``span`` by ending, each with its list."""
    here = links.between(part.since, part.until)
    figures = [
        Figure(
            count[ending],
            RECIPIENTS,
            here.mail(kind=MAIL, **given, disposition=ending.name.lower()),
        )
        for ending in endings
    ]
    return Bar(bar_label(part, span), f"?{part.query}", figures)


def bar_label(part: Span, span: Span) -> str:
    """An hour of a short span, a day or week of a long one."""
    if span.is_by_hour:
        pattern = "H:i" if span.day else "j M H:i"
    else:
        pattern = "j M Y" if span.is_by_week else "j M"
    return date_format(timezone.localtime(part.since), pattern)


# How the search finds a value of a list; in quotes, as it is written.
_FILTERS = {
    Subject.SENDER: "envelope_sender",
    Subject.RECIPIENT: "recipient",
    Subject.LOGIN: "sasl_username",
    Subject.CLIENT: "client",
    Subject.DOMAIN: "recipient",
}
_TITLES = {
    Subject.SENDER: _("Senders"),
    Subject.RECIPIENT: _("Recipients"),
    Subject.LOGIN: _("Logins"),
    Subject.CLIENT: _("Clients"),
    Subject.DOMAIN: _("Recipient domains"),
}


def top_lists(network: int, span: Span, links: Links, given: dict[str, str]) -> list[TopList]:
    """The lists of the days put together; recipients decide."""
    first, last = span.first.on, span.last.on
    sizes = dict(select(_SIZES, {"network": network, "first": first, "last": last}))
    tops: dict[int, list[Top]] = defaultdict(list)
    for row in tops_of_networks([network], first, last, list(Subject), TOP):
        subject = Subject(row.subject)
        top = _top(subject, row.value, row.recipients, links, given, is_least=row.is_least)
        tops[subject].append(top)
    return [TopList(_TITLES[item], tops[item], sizes.get(item, 0)) for item in Subject]


def _top(
    subject: Subject, value: str, count: int, links: Links, given: dict[str, str], *, is_least: bool
) -> Top:
    shown = {Subject.DOMAIN: f"@{value}", Subject.CLIENT: value}.get(subject, value or "<>")
    asked = shown if subject in {Subject.DOMAIN, Subject.CLIENT} or not value else f'"{value}"'
    url = links.mail(kind=MAIL, **given, **{_FILTERS[subject]: asked})
    page = reverse("stats:address", args=[value]) if subject is Subject.CLIENT else ""
    return Top(shown, Figure(count, RECIPIENTS, url), page, is_least)
