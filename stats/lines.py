"""The dashboard's tables by direction, relay and service class."""

from __future__ import annotations

from dataclasses import dataclass, replace

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
    figure,
)
from stats.now import Queue, queues
from stats.selectors import MailRow, RejectionRow, SpanRows, relays_by_name
from stats.tiles import MAIL, RARE_ENDINGS, USUAL_ENDINGS, USUAL_QUARANTINE
from tracking.choices import Direction, Disposition, MessageKind, QuarantineKind, ServiceClass
from tracking.models import Relay
from tracking.selectors.origins import UNREGISTERED


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


@dataclass(frozen=True, slots=True)
class Measure:
    """A line of the table by direction: a figure for each of ``Direction``."""

    label: str | Promise
    figures: list[Figure]
    word: str = ""


@dataclass(frozen=True, slots=True)
class _Directions:
    """Mail of each direction, and what its links have in common."""

    parts: dict[Direction, SpanRows[MailRow]]
    links: Links

    def given(self, item: Direction, **more: str) -> dict[str, str]:
        return {"kind": MAIL, "direction": item.name.lower(), **more}

    def mails(self, unit: str) -> list[Figure]:
        return [
            figure(part.sums(unit), unit, self.links.mails(**self.given(item)))
            for item, part in self.parts.items()
        ]

    def recipients(self) -> list[Figure]:
        return [
            figure(part.sums(RECIPIENTS), RECIPIENTS, self.links.mail(**self.given(item)))
            for item, part in self.parts.items()
        ]

    def delays(self) -> list[Figure]:
        word = Disposition.DELIVERED.name.lower()
        return [
            figure(
                part.equal(disposition=Disposition.DELIVERED).mean("delay_ms", "timed"),
                MILLISECONDS,
                self.links.mail(**self.given(item, disposition=word)),
            )
            for item, part in self.parts.items()
        ]

    def ended(self, ending: Disposition, kind: QuarantineKind | None = None) -> list[Figure]:
        words = {"disposition": ending.name.lower()}
        wanted = {"disposition": ending.value}
        if kind is not None:
            words["quarantine_kind"] = kind.name.lower()
            wanted["quarantine_kind"] = kind.value
        return [
            figure(
                part.equal(**wanted).sums(RECIPIENTS),
                RECIPIENTS,
                self.links.mail(**self.given(item, **words)),
                whole=part.sums(RECIPIENTS).value,
            )
            for item, part in self.parts.items()
        ]


def direction_measures(site: SpanRows[MailRow], links: Links) -> list[Measure]:
    """In, out and internal beside each other; of endings those that there are."""
    mail = site.equal(kind=MessageKind.MAIL)
    table = _Directions({item: mail.equal(direction=item) for item in Direction}, links)
    always = [
        Measure(_("Mails"), table.mails(MESSAGES)),
        Measure(_("Recipients"), table.recipients()),
        Measure(_("Bytes"), table.mails(BYTES)),
        Measure(_("Average delay"), table.delays()),
    ]
    told = [
        *(
            Measure(ending.label, table.ended(ending), ending.name.lower())
            for ending in (*USUAL_ENDINGS, *RARE_ENDINGS)
        ),
        *(
            Measure(kind.label, table.ended(Disposition.QUARANTINED, kind), "quarantined")
            for kind in USUAL_QUARANTINE
        ),
        Measure(MessageKind.BOUNCE.label, _bounces(site, links)),
    ]
    return [*always, *(item for item in told if any(one.value for one in item.figures))]


def _bounces(site: SpanRows[MailRow], links: Links) -> list[Figure]:
    rows, word = site.equal(kind=MessageKind.BOUNCE), MessageKind.BOUNCE.name.lower()
    return [
        figure(
            rows.equal(direction=item).sums(MESSAGES),
            MESSAGES,
            links.mails(kind=word, direction=item.name.lower()),
        )
        for item in Direction
    ]


def relay_lines(
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


def class_lines(mail: SpanRows[MailRow], links: Links) -> list[Line]:
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
        figure(part.sums(MESSAGES), MESSAGES, links.mails(kind=MAIL, **given)),
        figure(recipients, RECIPIENTS, url),
        part.sums(BYTES).value,
        share(Disposition.DEFERRED),
        share(Disposition.BOUNCED),
        rejected,
    )
