"""What the pages of stats show: selectors' answers put together for the templates."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from stats.charts import month_chart, traffic_chart
from stats.days import Day
from stats.figures import (
    BYTES,
    MESSAGES,
    RECIPIENTS,
    REJECTIONS,
    Figure,
    Links,
    Tile,
    figure,
    worth_telling,
)
from stats.forms import RangeForm
from stats.now import Queue, held_now, queues
from stats.selectors import (
    Extent,
    MailRow,
    RejectionRow,
    SpanRows,
    completeness,
    extent,
    mail_of,
    rejections_of,
    relays_by_name,
)
from stats.spans import Preset, Span
from stats.words import completeness_words, span_words
from tracking.choices import (
    Direction,
    Disposition,
    MessageKind,
    QuarantineKind,
    RejectionKind,
    ServiceClass,
)
from tracking.models import Relay
from tracking.selectors.origins import UNREGISTERED

MAIL = MessageKind.MAIL.name.lower()
# Always shown, even with nothing to count; the others only when there is something.
USUAL_ENDINGS = (
    Disposition.DELIVERED,
    Disposition.DEFERRED,
    Disposition.BOUNCED,
    Disposition.EXPIRED,
    Disposition.QUEUED,
    Disposition.HELD,
    Disposition.LOST,
    Disposition.BLOCKED,
)
RARE_ENDINGS = (
    Disposition.REJECTED,
    Disposition.GREYLISTED,
    Disposition.DISCARDED,
    Disposition.DELETED,
)
USUAL_REFUSALS = (RejectionKind.GREYLIST, RejectionKind.SPF, RejectionKind.DNSBL)
USUAL_QUARANTINE = (
    QuarantineKind.SPAM,
    QuarantineKind.VIRUS,
    QuarantineKind.ATTACHMENT,
    QuarantineKind.BANNED,
)


QUARANTINE_ICONS = {
    QuarantineKind.SPAM: "mail-exclamation",
    QuarantineKind.VIRUS: "virus",
    QuarantineKind.ATTACHMENT: "paperclip",
    QuarantineKind.BANNED: "file-off",
    QuarantineKind.OTHER: "archive",
}


@dataclass(frozen=True, slots=True)
class Group:
    """Tiles of one subject."""

    name: str
    title: str | Promise
    tiles: list[Tile]


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the tables by relay and by class."""

    label: str | Promise
    note: str | Promise
    messages: Figure
    recipients: Figure
    bytes: int
    deferred: Figure
    bounced: Figure
    rejected: Figure | None = None
    queue: Queue | None = None


def dashboard_context(wanted: Span | None) -> dict[str, Any]:
    """A range. With none wanted it is today, or the newest day that has figures."""
    known = extent()
    context = range_context(wanted, known)
    return {**context, **(_figures(context["span"]) if known.newest else {})}


def range_context(wanted: Span | None, known: Extent) -> dict[str, Any]:
    """What the head of every page over a range says."""
    span = wanted or Span.of_preset(Preset.TODAY)
    newest = _day_at(known.newest) if known.newest else None
    is_fallback = wanted is None and newest is not None and newest.since < span.since
    if is_fallback and newest is not None:
        span = newest
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
            Group("mail", _("Mail"), _directions(mail, links)),
            Group("outcomes", _("What became of the recipients"), _endings(mail, links)),
            Group("quarantined", _("Quarantined"), _quarantined(mail, links)),
            Group("refused", _("Refused at the door"), _refused(refused, links)),
            Group("notices", _("Written by the mail system"), _notices(site, links)),
        ],
        "held": Group("held", _("In the quarantine now"), _held_tiles()),
        "relays": _relay_lines(rows, refused, links),
        "classes": _class_lines(mail, links),
        "charts": [traffic_chart(span), *([month_chart(span)] if span.is_by_hour else [])],
    }


def _held_tiles() -> list[Tile]:
    page = reverse("quarantine:list")
    tiles = []
    for kind, mails, size in held_now():
        item = QuarantineKind(kind)
        found = Figure(mails, MESSAGES, f"{page}?kind={item.name.lower()}&state=held")
        note = filesizeformat(size)
        tiles.append(Tile(item.label, found, icon=QUARANTINE_ICONS[item], note=note))
    return tiles


def _directions(mail: SpanRows[MailRow], links: Links) -> list[Tile]:
    icons = {
        Direction.INBOUND: "mail-down",
        Direction.OUTBOUND: "mail-up",
        Direction.INTERNAL: "mail-share",
    }
    labels = {Direction.INBOUND: _("Bytes in"), Direction.OUTBOUND: _("Bytes out")}
    counts, volumes = [], []
    for direction, icon in icons.items():
        part = mail.equal(direction=direction)
        url = links.mail(kind=MAIL, direction=direction.name.lower())
        counts.append(Tile(direction.label, figure(part.sums(MESSAGES), MESSAGES, url), icon=icon))
        if direction in labels:
            total = figure(part.sums(BYTES), BYTES, url)
            volumes.append(Tile(labels[direction], total, icon="database"))
    return counts + volumes


def _endings(mail: SpanRows[MailRow], links: Links) -> list[Tile]:
    def tiles(endings: Iterable[Disposition]) -> Iterable[Tile]:
        for ending in endings:
            word = ending.name.lower()
            part = mail.equal(disposition=ending)
            url = links.mail(kind=MAIL, disposition=word)
            yield Tile(ending.label, figure(part.sums(RECIPIENTS), RECIPIENTS, url), word=word)

    return [*tiles(USUAL_ENDINGS), *worth_telling(tiles(RARE_ENDINGS))]


def _quarantined(mail: SpanRows[MailRow], links: Links) -> list[Tile]:
    held = mail.equal(disposition=Disposition.QUARANTINED)
    tiles = []
    for kind, icon in QUARANTINE_ICONS.items():
        part = held.equal(quarantine_kind=kind)
        word, ending = kind.name.lower(), Disposition.QUARANTINED.name.lower()
        url = links.mail(kind=MAIL, disposition=ending, quarantine_kind=word)
        tile = Tile(kind.label, figure(part.sums(RECIPIENTS), RECIPIENTS, url), icon=icon)
        if kind in USUAL_QUARANTINE or tile.figure.is_worth_telling:
            tiles.append(tile)
    return tiles


def _refused(refused: SpanRows[RejectionRow], links: Links) -> list[Tile]:
    def tile(kind: RejectionKind) -> Tile:
        part = refused.equal(kind=kind)
        url = links.rejections(kind=kind.name.lower())
        sums = part.sums(REJECTIONS)
        return Tile(kind.label, figure(sums, REJECTIONS, url), icon="hand-stop")

    others = [kind for kind in RejectionKind if kind not in USUAL_REFUSALS]
    return [*map(tile, USUAL_REFUSALS), *worth_telling(map(tile, others))]


def _notices(site: SpanRows[MailRow], links: Links) -> list[Tile]:
    """Mail that the mail system wrote itself, each kind apart; probes are never counted."""
    tiles = []
    for kind in MessageKind:
        if kind not in {MessageKind.MAIL, MessageKind.PROBE}:
            part = site.equal(kind=kind)
            url = links.mail(kind=kind.name.lower())
            sums = part.sums(MESSAGES)
            tiles.append(Tile(kind.label, figure(sums, MESSAGES, url), icon="mail-cog"))
    return worth_telling(tiles)


def _relay_lines(
    rows: SpanRows[MailRow], refused: SpanRows[RejectionRow], links: Links
) -> list[Line]:
    """Mail that passed each relay; one that passed two is in both lines."""
    lines = []
    mail_by_relay = rows.equal(kind=MessageKind.MAIL).by_relay()
    refused_by_relay, waiting = refused.by_relay(), queues()
    for relay in relays_by_name():
        passed = mail_by_relay.get(relay.pk, SpanRows([]))
        at_door = refused_by_relay.get(relay.pk, SpanRows([]))
        queue = waiting.get(relay.pk)
        if passed or at_door or queue:
            line = _relay_line(relay, passed, at_door, links)
            lines.append(replace(line, queue=queue))
    return lines


def _relay_line(
    relay: Relay, passed: SpanRows[MailRow], refused: SpanRows[RejectionRow], links: Links
) -> Line:
    url = links.rejections(relay=relay.name)
    rejected = figure(refused.sums(REJECTIONS), REJECTIONS, url)
    return _line(relay.name, relay.get_role_display(), passed, links, rejected, relay=relay.name)


def _class_lines(mail: SpanRows[MailRow], links: Links) -> list[Line]:
    lines = []
    names = [*ServiceClass.choices, (UNREGISTERED, _("Unregistered"))]
    for value, label in names:
        stored = "" if value == UNREGISTERED else value
        part = mail.equal(service_class=stored)
        lines.append(_line(label, "", part, links, None, service_class=value))
    return lines


def _line(
    label: str | Promise,
    note: str | Promise,
    part: SpanRows[MailRow],
    links: Links,
    rejected: Figure | None,
    **given: str,
) -> Line:
    recipients = part.sums(RECIPIENTS)
    url = links.mail(kind=MAIL, **given)

    def share(ending: Disposition) -> Figure:
        sums = part.equal(disposition=ending).sums(RECIPIENTS)
        found = links.mail(kind=MAIL, disposition=ending.name.lower(), **given)
        return figure(sums, RECIPIENTS, found, whole=recipients.value)

    return Line(
        label,
        note,
        figure(part.sums(MESSAGES), MESSAGES, url),
        figure(recipients, RECIPIENTS, url),
        part.sums(BYTES).value,
        share(Disposition.DEFERRED),
        share(Disposition.BOUNCED),
        rejected,
    )
