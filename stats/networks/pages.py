"""The page of the table of networks: rows with links to the mail that they count."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from stats.days import Day
from stats.figures import MESSAGES, RECIPIENTS, Figure, Links
from stats.networks.curves import Curve, curves
from stats.networks.forms import NetworksForm
from stats.networks.table import (
    PAGE_SIZE,
    Asked,
    By,
    Found,
    Row,
    Unregistered,
    all_rows,
    find_rows,
)
from stats.pages import range_context
from stats.selectors import Extent, extent
from stats.spans import Span
from stats.tiles import MAIL
from tracking.choices import Disposition, QuarantineKind, ServiceClass
from tracking.selectors.origins import UNREGISTERED

CLASSES = dict(ServiceClass.choices)
QUARANTINED = Disposition.QUARANTINED.name.lower()
# What the columns of endings find.
ENDINGS: dict[str, dict[str, Any]] = {
    "bounced": {
        "disposition": [d.name.lower() for d in (Disposition.BOUNCED, Disposition.EXPIRED)]
    },
    "deferred": {"disposition": Disposition.DEFERRED.name.lower()},
    "spam": {
        "disposition": QUARANTINED,
        "quarantine_kind": QuarantineKind.SPAM.name.lower(),
    },
    "virus": {
        "disposition": QUARANTINED,
        "quarantine_kind": QuarantineKind.VIRUS.name.lower(),
    },
}
ENDING_QUERIES = {name: urlencode(wanted, doseq=True) for name, wanted in ENDINGS.items()}
HEADS: tuple[tuple[str, str | Promise, bool], ...] = (
    ("messages", _("Mails"), True),
    ("recipients", _("Recipients"), True),
    ("bytes", _("Bytes"), True),
    ("bounced", _("Bounced"), True),
    ("deferred", _("Deferred"), True),
    ("spam", _("Spam"), True),
    ("virus", _("Viruses"), True),
    ("senders", _("Senders a day"), True),
    ("change", _("Against usual"), True),
)


@dataclass(frozen=True, slots=True)
class Head:
    """A column that the table can be sorted by; ``sorted`` is "", "ascending", "descending"."""

    label: str | Promise
    query: str
    sorted: str
    is_number: bool


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the table. ``change``: percent of the usual; None when nothing is usual."""

    url: str
    network: str | None
    number: str
    name: str
    service_class: str | Promise
    networks: int
    messages: Figure
    recipients: Figure
    bytes: int
    shares: list[Figure]
    senders: int
    change: int | None
    is_new: bool
    usual: float
    curve: Curve


def networks_context(form: NetworksForm) -> dict[str, Any]:
    """The whole page; needs a valid form."""
    known = extent()
    span = form.days(Day.at(known.newest) if known.newest else None)
    given = form.cleaned_data
    asked = Asked(span, given["by"], given["q"], given["service_class"], given["sort"])
    page = given["page"] or 1
    found = find_rows(asked, page)
    return {
        **page_context(span, known, form.kept()),
        "filter": form.showing_filters(),
        "asked": asked,
        "heads": list(_heads(form, span)),
        "lines": lines(asked, found.rows),
        "count": found.count,
        "nobody": _nobody(span, found.nobody),
        "csv_query": f"{span.query}&{form.kept()}",
        **_neighbours(form, span, found, page),
    }


def page_context(span: Span, known: Extent, kept: str = "") -> dict[str, Any]:
    """The head of a page over whole days; its links keep what else was asked for."""
    return {**range_context(span, known), "kept": f"{kept}&" if kept else ""}


def _heads(form: NetworksForm, span: Span) -> Iterator[Head]:
    sort = form.cleaned_data["sort"]
    first = (
        ("network", _("Network"), False)
        if form.cleaned_data["by"] is By.NETWORK
        else ("customer", _("Customer"), False)
    )
    for name, label, is_number in (first, *HEADS):
        down, up = f"-{name}", name
        usual = down if is_number else up
        other = up if sort == down else down if sort == up else usual
        state = {down: "descending", up: "ascending"}.get(sort, "")
        yield Head(label, f"{span.query}&{form.kept(sort=other)}", state, is_number)


def _neighbours(form: NetworksForm, span: Span, found: Found, page: int) -> dict[str, Any]:
    kept = f"{span.query}&{form.kept()}&page="
    last = -(-found.count // PAGE_SIZE)
    return {
        "number": page,
        "last": last,
        "before_query": f"{kept}{page - 1}" if page > 1 else "",
        "after_query": f"{kept}{page + 1}" if page < last else "",
    }


def lines(asked: Asked, rows: Sequence[Row]) -> list[Line]:
    """Rows with their links and curves."""
    links = Links.of(asked.span.since, asked.span.until)
    drawn = curves([row.id for row in rows], asked.by, asked.span) if rows else {}
    return [_line(row, asked, links, drawn[row.id]) for row in rows]


def _line(row: Row, asked: Asked, links: Links, curve: Curve) -> Line:
    given = {"client_network": row.network} if row.network else {"customer": row.number}
    copies_url = links.mail(kind=MAIL, **given)
    change = 100 * (row.compared - row.usual) / row.usual if row.usual else None
    if row.network:
        url = f"{reverse('stats:network', args=[row.id])}?{asked.span.query}"
    else:
        only = urlencode({"q": f'"{row.number}"'})
        url = f"{reverse('stats:networks')}?{asked.span.query}&{only}"
    return Line(
        url,
        row.network,
        row.number,
        row.name,
        CLASSES.get(row.service_class, row.service_class),
        row.networks,
        Figure(row.messages, MESSAGES, f"{copies_url}&once=yes"),
        Figure(row.recipients, RECIPIENTS, copies_url),
        row.bytes,
        shares(row, copies_url),
        senders_a_day(row, asked.span),
        None if change is None else round(change),
        bool(row.compared) and not row.usual,
        row.usual,
        curve,
    )


def senders_a_day(row: Row, span: Span) -> int:
    """Distinct senders of a day, on the average of the days that have begun."""
    days = (min(span.last.on, Day.today().on) - span.first.on).days + 1
    return round(row.senders / max(days, 1))


def shares(row: Any, copies_url: str) -> list[Figure]:
    """The columns of ENDINGS, as parts of the recipients that the URL finds."""
    return [
        Figure(getattr(row, name), RECIPIENTS, f"{copies_url}&{query}", whole=row.recipients)
        for name, query in ENDING_QUERIES.items()
    ]


@dataclass(frozen=True, slots=True)
class Nobody:
    """The mail of clients that no network of the registry has."""

    messages: Figure
    recipients: Figure
    url: str


def _nobody(span: Span, found: Unregistered) -> Nobody:
    links = Links.of(span.since, span.until)
    given = {"kind": MAIL, "client_network": UNREGISTERED}
    return Nobody(
        Figure(found.messages, MESSAGES, links.mail(**given, once="yes")),
        Figure(found.recipients, RECIPIENTS, links.mail(**given)),
        f"{reverse('stats:unregistered')}?{span.query}",
    )


CSV_HEADER = (
    "network", "customer", "customer_name", "service_class", "networks", "messages", "recipients",
    "bytes", "bounced", "deferred", "spam", "virus", "senders", "messages_compared",
    "messages_usual",
)  # fmt: skip


def csv_rows(form: NetworksForm) -> Iterator[tuple[Any, ...]]:
    """All rows of the table; needs a valid form."""
    known = extent()
    span = form.days(Day.at(known.newest) if known.newest else None)
    given = form.cleaned_data
    asked = Asked(span, given["by"], given["q"], given["service_class"], given["sort"])
    for row in all_rows(asked):
        yield (
            row.network or "", row.number, row.name, row.service_class, row.networks,
            row.messages, row.recipients, row.bytes, row.bounced, row.deferred, row.spam,
            row.virus, row.senders, row.compared, row.usual,
        )  # fmt: skip
