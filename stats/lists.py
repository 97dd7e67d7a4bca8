"""Lists of the dashboard: top senders and recipients, viruses, scores, refusals by stage."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from stats.buckets import SCORES
from stats.charts import Bar, Chart, dashboard_svg_url
from stats.figures import MESSAGES, RECIPIENTS, REJECTIONS, Figure, Links, figure
from stats.models import Subject, VerdictSubject
from stats.selectors import RejectionRow, SpanRows, site_day_hours
from stats.selectors.histograms import scores_of, verdicts_of
from stats.selectors.tops import TopRow, days_of, tops_of
from stats.spans import Span
from stats.tiles import MAIL
from tracking.choices import Direction, RejectionKind, Stage

TOP, VIRUSES = 10, 20
_LISTED = {
    (Subject.SENDER, Direction.INBOUND): gettext_lazy("Top senders, inbound"),
    (Subject.RECIPIENT, Direction.INBOUND): gettext_lazy("Top recipients, inbound"),
    (Subject.SENDER, Direction.OUTBOUND): gettext_lazy("Top senders, outbound"),
    (Subject.RECIPIENT, Direction.OUTBOUND): gettext_lazy("Top recipients, outbound"),
    (Subject.DOMAIN, Direction.INBOUND): gettext_lazy("Top domains, inbound"),
    (Subject.DOMAIN, Direction.OUTBOUND): gettext_lazy("Top domains, outbound"),
}


@dataclass(frozen=True, slots=True)
class TopLine:
    """``mails`` is None for recipients and domains, of which each copy counts."""

    label: str
    mails: Figure | None
    recipients: Figure
    bytes: int


@dataclass(frozen=True, slots=True)
class TopList:
    """The first of a subject in a direction."""

    name: str
    title: str | Promise
    value_title: str | Promise
    has_mails: bool
    lines: list[TopLine]


def top_lists(span: Span) -> list[TopList]:
    """Of the days that the span touches."""
    days = days_of(span)
    links = Links.of(days.since, days.until)
    subjects = [Subject.SENDER, Subject.RECIPIENT, Subject.DOMAIN]
    directions = [Direction.INBOUND, Direction.OUTBOUND]
    rows: dict[tuple[int, int], list[TopRow]] = {}
    for row in tops_of(span, subjects, directions, TOP):
        rows.setdefault((row.subject, row.direction), []).append(row)
    return [
        TopList(
            f"{subject.name}-{direction.name}".lower(),
            title,
            subject.label,
            subject is Subject.SENDER,
            [_top_line(subject, direction, row, links) for row in rows.get(key, [])],
        )
        for key, title in _LISTED.items()
        for subject, direction in [key]
    ]


def _top_line(subject: Subject, direction: Direction, row: TopRow, links: Links) -> TopLine:
    name = "envelope_sender" if subject is Subject.SENDER else "recipient"
    value = (
        f"@{row.value}" if subject is Subject.DOMAIN else f'"{row.value}"' if row.value else "<>"
    )
    given = {"kind": MAIL, "direction": direction.name.lower(), name: value}
    recipients = Figure(row.recipients, RECIPIENTS, links.mail(**given), is_least=row.is_least)
    mails = None
    if subject is Subject.SENDER:
        mails = Figure(row.messages, MESSAGES, links.mails(**given), is_least=row.is_least)
    return TopLine(row.value or "<>", mails, recipients, row.bytes)


@dataclass(frozen=True, slots=True)
class VirusLine:
    """Recipients for whom a virus was found, by direction."""

    name: str
    figures: list[Figure]

    @property
    def total(self) -> int:
        return sum(figure.value for figure in self.figures)


def virus_lines(span: Span, links: Links) -> list[VirusLine]:
    """The most frequent first."""
    counts: dict[str, dict[int, int]] = {}
    for row in verdicts_of(span, VerdictSubject.VIRUS):
        counts.setdefault(row.name, {})[row.direction] = row.recipients
    lines = [
        VirusLine(
            name,
            [
                Figure(
                    found.get(item, 0),
                    RECIPIENTS,
                    links.mail(kind=MAIL, direction=item.name.lower(), virus=f'"{name}"'),
                )
                for item in Direction
            ],
        )
        for name, found in counts.items()
    ]
    return sorted(lines, key=lambda line: (-line.total, line.name))[:VIRUSES]


def scores_chart(span: Span) -> Chart:
    """Recipients of inbound mail by whole points of spam score."""
    links = Links.of(span.since, span.until)
    counts = {row.score: row.recipients for row in scores_of(span, Direction.INBOUND)}
    bars = []
    for score in range(min(counts, default=0), max(counts, default=-1) + 1):
        given = {} if score == SCORES[0] else {"score_min": str(score)}
        given |= {} if score == SCORES[-1] else {"score_below": str(score + 1)}
        url = links.mail(kind=MAIL, direction=Direction.INBOUND.name.lower(), **given)
        label = f"≥ {score}" if score == SCORES[-1] else str(score)
        bars.append(Bar(label, "", [Figure(counts.get(score, 0), RECIPIENTS, url)]))
    return Chart(
        "scores-chart",
        _("Spam scores of inbound mail"),
        _("Score from"),
        bars,
        f"{reverse('stats:scores-chart')}?{span.query}",
        {"inbound": _("Recipients")},
        svg_url=dashboard_svg_url("scores-chart", span),
    )


def day_hours_chart(span: Span) -> Chart:
    """Mails in and out by hour of the day, all days of the span together."""
    bars = [
        Bar(f"{hour:02}:00", "", [Figure(count, MESSAGES, "") for count in counts])
        for hour, counts in enumerate(site_day_hours(span))
    ]
    return Chart(
        "day-hours-chart",
        _("Mail by hour of the day"),
        _("Hour"),
        bars,
        f"{reverse('stats:day-hours-chart')}?{span.query}",
        {item.name.lower(): item.label for item in (Direction.INBOUND, Direction.OUTBOUND)},
        svg_url=dashboard_svg_url("day-hours-chart", span),
    )


@dataclass(frozen=True, slots=True)
class Refusals:
    """Refusals by kind and stage: a figure for each stage that there is."""

    stages: list[Stage]
    lines: list[tuple[RejectionKind, list[Figure]]]


def refusals(rows: SpanRows[RejectionRow], links: Links) -> Refusals:
    stages = [stage for stage in Stage if rows.equal(stage=stage)]
    lines = []
    for kind in RejectionKind:
        part = rows.equal(kind=kind)
        if part:
            word = kind.name.lower()
            figures = [
                figure(
                    part.equal(stage=stage).sums(REJECTIONS),
                    REJECTIONS,
                    links.rejections(kind=word, stage=stage.name.lower()),
                )
                for stage in stages
            ]
            lines.append((kind, figures))
    return Refusals(stages, lines)
