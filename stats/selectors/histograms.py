"""Sizes, scores and verdicts of a span. Reads of rollups."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from stats.buckets import SIZES
from stats.models import VerdictSubject
from stats.selectors.pieces import Table, sums_of_span
from stats.spans import Span
from tracking.choices import Direction
from tracking.models import Name

_SIZES = Table("stats_size", (), ("messages", "bytes", "client_tls"), (("sizes", len(SIZES) + 1),))
_SCORES = Table("stats_score", ("direction", "score"), ("messages", "recipients"))
_VERDICTS = Table("stats_verdict", ("direction", "subject", "name_id"), ("messages", "recipients"))
_OF_DIRECTION = "direction = %(direction)s"


@dataclass(frozen=True, slots=True)
class Sizes:
    """Mails by the buckets of stats.buckets.SIZES; ``client_tls`` of them came encrypted."""

    messages: int
    bytes: int
    client_tls: int
    counts: list[int]


def sizes_of(span: Span, direction: Direction) -> Sizes:
    for messages, size, tls, *counts in sums_of_span(
        _SIZES, span, _OF_DIRECTION, {"direction": direction.value}
    ):
        return Sizes(messages, size, tls, counts)
    return Sizes(0, 0, 0, [0] * (len(SIZES) + 1))


class ScoreRow(NamedTuple):
    """Recipients with a spam score from ``score`` up to, not including, the next."""

    score: int
    recipients: int


def scores_of(span: Span, direction: Direction) -> list[ScoreRow]:
    """In the order of scores; those that nobody had are not there."""
    rows = sums_of_span(_SCORES, span, _OF_DIRECTION, {"direction": direction.value})
    return sorted(ScoreRow(score, recipients) for _, score, _, recipients in rows)


class NamedVerdict(NamedTuple):
    """A virus or a filter rule, and the recipients for whom it was found."""

    direction: int
    name: str
    recipients: int


def verdicts_of(span: Span, subject: VerdictSubject) -> list[NamedVerdict]:
    """The most frequent first."""
    rows = sums_of_span(_VERDICTS, span, "subject = %(subject)s", {"subject": subject.value})
    names = dict(Name.objects.filter(pk__in={row[2] for row in rows}).values_list("pk", "name"))
    found = [
        NamedVerdict(direction, names.get(name_id, ""), recipients)
        for direction, _, name_id, _, recipients in rows
    ]
    return sorted(found, key=lambda row: (-row.recipients, row.name, row.direction))
