"""Each kind of rule, and what measures it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime

from stats.alerts.choices import RuleKind
from stats.alerts.known import Known
from stats.alerts.measures import bounces, networks, providers, queues, sources, viruses
from stats.alerts.models import AlertRule
from stats.alerts.reading import Measurement, Reading

Stepwise = Callable[[AlertRule, Sequence[datetime]], Iterator[tuple[datetime, Reading]]]
Spans = Callable[[AlertRule, datetime, datetime], Iterator[tuple[str, datetime, datetime]]]

# Kinds over rollups: a step is the beginning of an hour.
HOURLY: dict[RuleKind, Stepwise] = {
    RuleKind.NETWORK_SURGE: networks.measure,
    RuleKind.BOUNCE_SHARE: bounces.measure,
    RuleKind.PROVIDER_REFUSING: providers.measure,
    RuleKind.VIRUS_OUTBREAK: viruses.measure,
}
# Kinds whose past is times in which a subject was over the threshold.
SPANS: dict[RuleKind, Spans] = {
    RuleKind.QUEUE_AGE: queues.waits,
    RuleKind.SOURCE_SILENT: sources.silences,
}


def measure_now(rule: AlertRule, known: Known) -> Measurement | None:
    """What the rule sees now; None while the figures that it needs are being made anew."""
    kind = RuleKind(rule.kind)
    if kind is RuleKind.SOURCE_SILENT:
        return Measurement(known.now, list(sources.measure_now(known.now)))
    if kind is RuleKind.QUEUE_AGE:
        return Measurement(known.now, list(queues.measure_now(rule)))
    if known.is_stale:
        return None
    readings = list(_readings(HOURLY[kind](rule, [known.hour])))
    return Measurement(known.until, readings, known.without)


def _readings(pairs: Iterable[tuple[datetime, Reading]]) -> Iterator[Reading]:
    return (reading for _step, reading in pairs)
