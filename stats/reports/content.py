"""A report as words and numbers, in the language and zone of the moment; any form can show it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.template.defaultfilters import filesizeformat
from django.utils import timezone, translation
from django.utils.formats import date_format, number_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from stats.alerts.known import known_until
from stats.models import Subject
from stats.reports import figures
from stats.reports.choices import Every
from stats.reports.figures import BOUNCED, Listed, MailRows, Pair, Scope
from stats.reports.models import ReportSubscription
from stats.reports.periods import Period, newest_period
from stats.reports.reasons import Why, reasons
from tracking.choices import Direction, Disposition, QuarantineKind, RejectionKind
from tracking.models import ClientNetwork, Customer

_TOPS = {
    Subject.SENDER: gettext_lazy("Top senders"),
    Subject.RECIPIENT: gettext_lazy("Top recipients"),
    Subject.DOMAIN: gettext_lazy("Top recipient domains"),
}


@dataclass(frozen=True, slots=True)
class Headline:
    """A number of the head; ``change`` compares it with the period before."""

    label: str
    value: str
    change: str


@dataclass(frozen=True, slots=True)
class Section:
    """A table: the first column is text, the others are numbers. Never without rows.

    ``below``: for each row, lines that explain it; empty when none has any.
    """

    title: str
    columns: list[str]
    rows: list[list[str]]
    note: str = ""
    below: list[list[str]] = field(default_factory=list)

    @property
    def lines(self) -> list[tuple[list[str], list[str]]]:
        """Each row with what stands below it."""
        return list(zip(self.rows, self.below or [[] for _ in self.rows], strict=True))

    @property
    def as_text(self) -> str:
        """For letters of one width: numbers below each other, under their heads."""
        whole = [self.columns, *self.rows]
        widths = [max(len(row[place]) for row in whole) for place in range(len(self.columns))]

        def line(row: list[str]) -> str:
            numbers = zip(row[1:], widths[1:], strict=True)
            return "  ".join([row[0].ljust(widths[0]), *(n.rjust(wide) for n, wide in numbers)])

        told = [line(self.columns)]
        for row, below in self.lines:
            told += [line(row), *(f"  {text}" for text in below)]
        return "\n".join([*told, *([self.note] if self.note else [])])


@dataclass(frozen=True, slots=True)
class Report:
    """``notes`` say how complete it is, and what it does not tell."""

    title: str
    subject: str
    period_words: str
    compared_words: str
    headlines: list[Headline]
    sections: list[Section]
    notes: list[str]
    is_empty: bool


def report_of(
    subscription: ReportSubscription,
    now: datetime,
    *,
    period: Period | None = None,
    language: str = "",
) -> Report:
    """What the reader gets of a period, by default of the newest that is over."""
    zone = ZoneInfo(subscription.time_zone)
    wanted = period or newest_period(Every(subscription.every), now, zone)
    with translation.override(language or subscription.language), timezone.override(zone):
        return _report(wanted, subscription.customer, now)


def _report(period: Period, customer: Customer | None, now: datetime) -> Report:
    scope = Scope(period, _networks_of(customer))
    mail = figures.mail_rows(scope)
    whom = _("the whole site") if customer is None else str(customer)
    words = period_words(period)
    total = mail.sums("messages")
    rejected = figures.rejections(scope)
    return Report(
        title=_("Mail report: %(whom)s") % {"whom": whom},
        subject=_("Mail report, %(period)s: %(whom)s") % {"period": words, "whom": whom},
        period_words=words,
        compared_words=_("compared with %(period)s") % {"period": period_words(period.before)},
        headlines=list(_headlines(mail, rejected, customer)),
        sections=[section for section in _sections(scope, mail, rejected) if section.rows],
        notes=list(_notes(period, customer, now)),
        is_empty=not total.now and not any(item.now for item in rejected),
    )


def _networks_of(customer: Customer | None) -> tuple[int, ...] | None:
    if customer is None:
        return None
    found = ClientNetwork.objects.filter(customer=customer).order_by("pk")
    return tuple(found.values_list("pk", flat=True))


def period_words(period: Period) -> str:
    """``Monday, 23 November 2026``, both ends of a week, or ``November 2026``."""
    if period.every is Every.DAY:
        return date_format(period.first, "l, j F Y")
    if period.every is Every.MONTH:
        return date_format(period.first, "F Y")
    return f"{date_format(period.first, 'j F Y')} – {date_format(period.last, 'j F Y')}"


def _headlines(
    mail: MailRows, rejected: list[figures.Counted], customer: Customer | None
) -> Iterator[Headline]:
    if customer is None:
        yield _headline(_("Mails in"), mail.sums("messages", direction=Direction.INBOUND))
        yield _headline(_("Mails out"), mail.sums("messages", direction=Direction.OUTBOUND))
    else:
        yield _headline(_("Mails sent"), mail.sums("messages"))
    yield _headline(_("Recipients"), mail.sums("recipients"))
    for label, endings in (
        (_("Delivered"), (Disposition.DELIVERED,)),
        (_("Deferred"), (Disposition.DEFERRED,)),
        (_("Bounced or expired"), BOUNCED),
        (_("Quarantined"), (Disposition.QUARANTINED,)),
    ):
        yield _headline(label, mail.sums("recipients", disposition=endings))
    refused = Pair(sum(item.now for item in rejected), sum(item.before for item in rejected))
    yield _headline(_("Refused at the door"), refused)


def _headline(label: str, pair: Pair) -> Headline:
    return Headline(label, number(pair.now), change(pair))


def _sections(scope: Scope, mail: MailRows, rejected: list[figures.Counted]) -> Iterator[Section]:
    is_site = scope.networks is None
    yield _compared(_("What became of the recipients"), list(_endings(mail)))
    yield _compared(_("Quarantined"), list(_quarantined(mail)))
    whys = reasons(scope)
    yield _reasons(_("Why mail bounced"), whys.bounced, is_site=is_site)
    yield _reasons(_("Why mail is deferred"), whys.deferred, is_site=is_site)
    refused = [(RejectionKind(item.what).label, Pair(item.now, item.before)) for item in rejected]
    yield _compared(_("Refused at the door"), refused)
    yield _networks(scope)
    wanted = dict.fromkeys(_TOPS, Direction.OUTBOUND)
    if is_site:
        wanted[Subject.RECIPIENT] = Direction.INBOUND
    tops = figures.tops(scope, wanted)
    for subject, title in _TOPS.items():
        yield _list(scope, str(title), subject, tops[subject])


def _endings(mail: MailRows) -> Iterator[tuple[str | Promise, Pair]]:
    for ending in Disposition:
        pair = mail.sums("recipients", disposition=ending)
        if pair.now or pair.before:
            yield ending.label, pair


def _quarantined(mail: MailRows) -> Iterator[tuple[str | Promise, Pair]]:
    for kind in QuarantineKind:
        wanted = {"disposition": Disposition.QUARANTINED, "quarantine_kind": kind}
        pair = mail.sums("recipients", **wanted)
        if pair.now or pair.before:
            yield kind.label, pair


def _reasons(title: str, whys: list[Why], *, is_site: bool) -> Section:
    """A customer also reads what it means; both read what the other side said."""
    section = _compared(title, [(why.reason.text, why.recipients) for why in whys])
    for why in whys:
        words = [] if is_site else [str(why.reason.paragraph)]
        example = [_("Example: %(reply)s") % {"reply": why.reply}] if why.reply else []
        section.below.append(words + example)
    return section


def _compared(title: str, items: Sequence[tuple[str | Promise, Pair]]) -> Section:
    rows = [[str(label), number(pair.now), change(pair)] for label, pair in items]
    return Section(
        title, [_("What"), _("Count"), pgettext("against the period before", "Change")], rows
    )


def _networks(scope: Scope) -> Section:
    rows = [
        [
            row.network if scope.networks is not None else f"{row.network} ({row.customer})",
            number(row.messages),
            change(Pair(row.messages, row.messages_before)),
            share(row.bounced, row.recipients),
        ]
        for row in figures.networks(scope)
    ]
    columns = [
        _("Network"),
        _("Mails"),
        pgettext("against the period before", "Change"),
        _("Bounced"),
    ]
    return Section(_("Networks that send most"), columns, rows)


def _list(scope: Scope, title: str, subject: Subject, tops: Sequence[Listed]) -> Section:
    rows = [
        [row.name or "<>", ("≥ " if row.is_least else "") + number(row.recipients),
         share(row.bounced, row.recipients), filesizeformat(row.bytes)]
        for row in tops
    ]  # fmt: skip
    head = _("Domain") if subject is Subject.DOMAIN else _("Address")
    columns = [head, _("Recipients"), _("Bounced"), _("Size")]
    zone = settings.SITE_TIME_ZONE
    note = "" if str(scope.period.zone) == zone else _("By days of %(zone)s.") % {"zone": zone}
    return Section(title, columns, rows, note)


def _notes(period: Period, customer: Customer | None, now: datetime) -> Iterator[str]:
    known, until = known_until(now), period.span.until
    if known.until < until:
        at = date_format(timezone.localtime(known.until), "j F Y H:i")
        values = {"at": at, "names": ", ".join(known.holding)}
        yield _("Not complete: the log of %(names)s has told only up to %(at)s.") % values
    if known.without:
        yield _("Not complete: these log sources are silent: %(names)s.") % {
            "names": ", ".join(known.without)
        }
    if known.is_stale:
        yield _("Some figures are being made anew and may still change.")
    if known.until >= until and not known.without and not known.is_stale:
        yield _("Complete: every log source has told of the whole time.")
    if customer is not None:
        yield _("It counts the mail that came from the networks of %(customer)s.") % {
            "customer": customer
        }
    yield _("Times are in %(site_time_zone)s.") % {"site_time_zone": str(period.zone)}


def number(value: int) -> str:
    return str(number_format(value, force_grouping=True))


def change(pair: Pair) -> str:
    """In percent, or as a number where there was nothing before."""
    difference = pair.now - pair.before
    if not difference:
        return "="
    if not pair.before:
        return f"+{number(difference)}"
    return f"{round(100 * difference / pair.before):+d} %"


def share(part: int, whole: int) -> str:
    return f"{number_format(round(100 * part / whole, 1), 1)} %" if whole else "–"
