"""Where mail goes: flows, providers, reasons and domains of a span. Reads of rollups."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from django.utils.functional import Promise

from stats.buckets import DELAYS, percentile
from stats.selectors.pieces import BEFORE, Table, sums, sums_of_span
from stats.spans import Span
from tracking.choices import Direction, Disposition
from tracking.reasons import REASONS

_BUCKETS = len(DELAYS) + 1
_OF_DIRECTION = "direction = %(direction)s"
_FLOWS = Table(
    "stats_flow", ("service_class", "relay_id", "provider", "disposition"), ("recipients",)
)
_PROVIDERS = Table("stats_provider", ("provider", "disposition"), ("recipients", "retried", "tls"))
_DELAYS = Table("stats_provider", ("provider",), (), (("delays", _BUCKETS),))
_REASONS = Table("stats_reason", ("provider", "disposition", "reason"), ("recipients",))
_FAILED = frozenset({Disposition.BOUNCED, Disposition.EXPIRED})


class FlowRow(NamedTuple):
    """Recipients by the way of their mail; ``provider`` "" are those beyond the busiest."""

    service_class: str
    relay_id: int | None
    provider: str
    disposition: int
    recipients: int


def flows_of(span: Span, direction: Direction) -> list[FlowRow]:
    rows = sums_of_span(_FLOWS, span, _OF_DIRECTION, {"direction": direction.value})
    return [FlowRow(*row) for row in rows]


@dataclass(slots=True)
class Endings:
    """How recipients ended. ``deferred``: those that wait, or waited before they ended."""

    recipients: int = 0
    delivered: int = 0
    deferred: int = 0
    failed: int = 0

    def add(self, disposition: int, recipients: int, retried: int = 0) -> None:
        self.recipients += recipients
        self.delivered += recipients if disposition == Disposition.DELIVERED else 0
        self.failed += recipients if disposition in _FAILED else 0
        self.deferred += recipients if disposition == Disposition.DEFERRED else retried

    def include(self, other: Endings) -> None:
        self.recipients += other.recipients
        self.delivered += other.delivered
        self.deferred += other.deferred
        self.failed += other.failed

    def exclude(self, other: Endings) -> None:
        """What is left, never less than none: a list of the day may be newer than its sums."""
        self.recipients = max(self.recipients - other.recipients, 0)
        self.delivered = max(self.delivered - other.delivered, 0)
        self.deferred = max(self.deferred - other.deferred, 0)
        self.failed = max(self.failed - other.failed, 0)

    @property
    def accepted_percent(self) -> float:
        return _percent(self.delivered, self.recipients)

    @property
    def deferred_percent(self) -> float:
        return _percent(self.deferred, self.recipients)

    @property
    def failed_percent(self) -> float:
        return _percent(self.failed, self.recipients)


@dataclass(slots=True)
class ProviderFigures:
    """A provider in one period; delays and TLS are of delivered recipients.

    Of the period before, nobody asks for the delays.
    """

    endings: Endings
    tls: int
    delays: list[int]

    @classmethod
    def none(cls) -> ProviderFigures:
        return cls(Endings(), 0, [0] * _BUCKETS)

    def include(self, other: ProviderFigures) -> None:
        self.endings.include(other.endings)
        self.tls += other.tls
        self.delays = [a + b for a, b in zip(self.delays, other.delays, strict=True)]

    @property
    def tls_percent(self) -> float:
        return _percent(self.tls, self.endings.delivered)

    @property
    def median_seconds(self) -> float | None:
        return percentile(self.delays, 50, DELAYS)

    @property
    def slow_seconds(self) -> float | None:
        """What 95 of 100 do not exceed."""
        return percentile(self.delays, 95, DELAYS)


@dataclass(frozen=True, slots=True)
class ProviderPair:
    """A provider in a span, and in the period before it."""

    provider: str
    now: ProviderFigures
    before: ProviderFigures

    def include(self, other: ProviderPair) -> None:
        self.now.include(other.now)
        self.before.include(other.before)


def providers_of(span: Span, direction: Direction) -> list[ProviderPair]:
    """The busiest first. Of the period before, as much as there is of a span that goes on."""
    found: dict[str, ProviderPair] = {}
    values = {"direction": direction.value, "delivered": Disposition.DELIVERED.value}
    for when, provider, disposition, recipients, retried, tls in sums(
        _PROVIDERS, span, _OF_DIRECTION, values
    ):
        pair = found.setdefault(
            provider, ProviderPair(provider, ProviderFigures.none(), ProviderFigures.none())
        )
        figures = pair.before if when == BEFORE else pair.now
        figures.endings.add(disposition, recipients, retried)
        if disposition == Disposition.DELIVERED:
            figures.tls += tls
    delivered = f"{_OF_DIRECTION} AND disposition = %(delivered)s"
    for provider, *delays in sums_of_span(_DELAYS, span, delivered, values):
        if provider in found:
            found[provider].now.delays = delays
    pairs = (pair for pair in found.values() if pair.now.endings.recipients)
    return sorted(pairs, key=lambda pair: (-pair.now.endings.recipients, pair.provider))


class ReasonRow(NamedTuple):
    """Recipients by the code of tracking.reasons, now and in the period before."""

    provider: str
    disposition: int
    reason: str
    recipients: int
    before: int


def reasons_of(span: Span, direction: Direction) -> list[ReasonRow]:
    """Of all that was not delivered."""
    values = {"direction": direction.value, "delivered": Disposition.DELIVERED.value}
    condition = f"{_OF_DIRECTION} AND disposition <> %(delivered)s"
    found: dict[tuple[str, int, str], list[int]] = {}
    for when, provider, disposition, reason, recipients in sums(_REASONS, span, condition, values):
        pair = found.setdefault((provider, disposition, reason), [0, 0])
        pair[when == BEFORE] += recipients
    return [ReasonRow(*key, *pair) for key, pair in found.items()]


def reason_text(code: str) -> str | Promise:
    """A line for the page; rollups may be older than the list of reasons."""
    return REASONS.get(code, REASONS["UNKNOWN"]).text


def _percent(part: int, whole: int) -> float:
    return 100 * part / whole if whole else 0.0
