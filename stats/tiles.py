"""The tiles of the dashboard: a figure each, with its link and its change."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from stats.figures import (
    BYTES,
    MESSAGES,
    MILLISECONDS,
    RECIPIENTS,
    REJECTIONS,
    Figure,
    Links,
    Tile,
    figure,
    worth_telling,
)
from stats.now import WAITED_DAYS, WAITING, held_now, oldest_waiting, waiting_now
from stats.selectors import MailRow, RejectionRow, SpanRows
from tracking.choices import (
    Direction,
    Disposition,
    MessageKind,
    QuarantineKind,
    RejectionKind,
)

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


def directions(mail: SpanRows[MailRow], links: Links) -> list[Tile]:
    """Mails and bytes of each direction, and how long a delivery takes."""
    icons = {
        Direction.INBOUND: "mail-down",
        Direction.OUTBOUND: "mail-up",
        Direction.INTERNAL: "mail-share",
    }
    bytes_labels = {Direction.INBOUND: _("Bytes in"), Direction.OUTBOUND: _("Bytes out")}
    delay_labels = {Direction.INBOUND: _("Delay in"), Direction.OUTBOUND: _("Delay out")}
    counts, volumes, delays = [], [], []
    for direction, icon in icons.items():
        part = mail.equal(direction=direction)
        given = {"kind": MAIL, "direction": direction.name.lower()}
        url = links.mails(**given)
        counts.append(Tile(direction.label, figure(part.sums(MESSAGES), MESSAGES, url), icon=icon))
        if direction in bytes_labels:
            total = figure(part.sums(BYTES), BYTES, url)
            volumes.append(Tile(bytes_labels[direction], total, icon="database"))
            delivered = part.equal(disposition=Disposition.DELIVERED).mean("delay_ms", "timed")
            ended = links.mail(**given, disposition=Disposition.DELIVERED.name.lower())
            mean = figure(delivered, MILLISECONDS, ended)
            delays.append(Tile(delay_labels[direction], mean, icon="clock"))
    return counts + volumes + delays


def endings(mail: SpanRows[MailRow], links: Links) -> list[Tile]:
    whole = mail.sums(RECIPIENTS).value

    def tiles(words: Iterable[Disposition]) -> Iterable[Tile]:
        for ending in words:
            word = ending.name.lower()
            part = mail.equal(disposition=ending)
            url = links.mail(kind=MAIL, disposition=word)
            found = figure(part.sums(RECIPIENTS), RECIPIENTS, url, whole=whole)
            yield Tile(ending.label, found, word=word)

    return [*tiles(USUAL_ENDINGS), *worth_telling(tiles(RARE_ENDINGS))]


def quarantined(mail: SpanRows[MailRow], links: Links) -> list[Tile]:
    whole = mail.sums(RECIPIENTS).value
    held = mail.equal(disposition=Disposition.QUARANTINED)
    tiles = []
    for kind, icon in QUARANTINE_ICONS.items():
        part = held.equal(quarantine_kind=kind)
        word, ending = kind.name.lower(), Disposition.QUARANTINED.name.lower()
        url = links.mail(kind=MAIL, disposition=ending, quarantine_kind=word)
        found = figure(part.sums(RECIPIENTS), RECIPIENTS, url, whole=whole)
        tile = Tile(kind.label, found, icon=icon)
        if kind in USUAL_QUARANTINE or found.is_worth_telling:
            tiles.append(tile)
    return tiles


def refused(rows: SpanRows[RejectionRow], links: Links) -> list[Tile]:
    def tile(kind: RejectionKind) -> Tile:
        url = links.rejections(kind=kind.name.lower())
        sums = rows.equal(kind=kind).sums(REJECTIONS)
        return Tile(kind.label, figure(sums, REJECTIONS, url), icon="hand-stop")

    others = [kind for kind in RejectionKind if kind not in USUAL_REFUSALS]
    return [*map(tile, USUAL_REFUSALS), *worth_telling(map(tile, others))]


def notices(site: SpanRows[MailRow], links: Links) -> list[Tile]:
    """Mail that the mail system wrote itself, each kind apart; probes are never counted."""
    tiles = []
    for kind in MessageKind:
        if kind not in {MessageKind.MAIL, MessageKind.PROBE}:
            url = links.mails(kind=kind.name.lower())
            sums = site.equal(kind=kind).sums(MESSAGES)
            tiles.append(Tile(kind.label, figure(sums, MESSAGES, url), icon="mail-cog"))
    return worth_telling(tiles)


def waiting() -> list[Tile]:
    """What has no ending yet, and what waits longest."""
    span, recipients = waiting_now()
    links = Links.of(span.since, span.until)
    url = links.mail(disposition=[item.name.lower() for item in WAITING])
    found = Figure(recipients, RECIPIENTS, url)
    note = _("of the last %(days)s days") % {"days": WAITED_DAYS}
    tiles = [Tile(_("Recipients waiting"), found, icon="clock-pause", note=note)]
    oldest = oldest_waiting()
    if oldest is not None:
        age = int((timezone.now() - oldest.oldest_at).total_seconds() * 1000)
        page = reverse("tracking:message-detail", args=[oldest.oldest_message])
        since = date_format(timezone.localtime(oldest.oldest_at), "j M H:i")
        note = _("since %(moment)s") % {"moment": since}
        found = Figure(max(age, 0), MILLISECONDS, page)
        tiles.append(Tile(_("Oldest waiting"), found, icon="hourglass", note=note))
    return tiles


def held() -> list[Tile]:
    page = reverse("quarantine:list")
    tiles = []
    for kind, mails, size in held_now():
        item = QuarantineKind(kind)
        found = Figure(mails, MESSAGES, f"{page}?kind={item.name.lower()}&state=held")
        note = filesizeformat(size)
        tiles.append(Tile(item.label, found, icon=QUARANTINE_ICONS[item], note=note))
    return tiles
