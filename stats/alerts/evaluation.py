"""Hold the rules against what is known, raise and clear alerts, and write down whom to tell.

Each rule is one transaction, under the lock of its row: whoever else comes meanwhile leaves it
out. A second look at the same figures changes nothing. Notices are rows written in the
transaction of their transition (an outbox), so a transition is told once or, when the
transaction fails, did not happen.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from stats.alerts.choices import AlertState, Transition
from stats.alerts.judging import QUIET, Limits, Stage, Standing, advance
from stats.alerts.known import Known, known_until
from stats.alerts.measures.by_kind import measure_now
from stats.alerts.models import Alert, AlertRule
from stats.alerts.outbox import enqueue
from stats.alerts.reading import Measurement, Reading

log = logging.getLogger(__name__)
_STAGES = {AlertState.PENDING: Stage.PENDING, AlertState.OPEN: Stage.OPEN}
_MEASURED = (
    "subject_label", "newest_value", "peak", "usual", "count", "since", "until", "evidence",
    "without",
)  # fmt: skip


@dataclass(slots=True)
class Outcome:
    """Ids of the alerts that a run raised and cleared, and of the notices that it wrote."""

    raised: list[int] = field(default_factory=list)
    cleared: list[int] = field(default_factory=list)
    notices: list[int] = field(default_factory=list)


def evaluate(now: datetime | None = None) -> Outcome:
    """Look at every active rule once; a rule that another run has locked is left to it.

    One that fails keeps no other from being looked at; its error is raised in the end.
    """
    known = known_until(now or timezone.now())
    outcome, failure = Outcome(), None
    _close_orphans(known.now)
    active = AlertRule.objects.filter(is_active=True).order_by("pk")
    for pk in list(active.values_list("pk", flat=True)):
        try:
            _evaluate_rule(pk, known, outcome)
        except Exception as error:
            log.exception("rule %s was not looked at", pk)
            failure = error
    if failure is not None:
        raise failure
    return outcome


def _close_orphans(now: datetime) -> None:
    """A rule may go with its customer; nobody would ever clear its alerts."""
    orphans = Alert.objects.filter(rule=None).exclude(state=AlertState.CLEARED)
    orphans.filter(state=AlertState.PENDING).delete()
    orphans.update(state=AlertState.CLEARED, cleared_at=now)


def _evaluate_rule(pk: int, known: Known, outcome: Outcome) -> None:
    with transaction.atomic():
        rules = AlertRule.objects.select_for_update(of=("self",), skip_locked=True)
        rule = rules.filter(pk=pk, is_active=True).first()
        if rule is None:
            return
        measurement = measure_now(rule, known)
        if measurement is not None:
            _Look(rule, known.now, measurement, outcome).judge_all()
        rule.evaluated_at = known.now
        rule.save(update_fields=["evaluated_at"])


def limits_of(rule: AlertRule) -> Limits:
    return Limits(
        rule.raise_at,
        rule.clear_at,
        rule.minimum,
        timedelta(minutes=rule.hold_minutes),
        timedelta(minutes=rule.cooldown_minutes),
    )


@dataclass
class _Look:
    """One look of one rule."""

    rule: AlertRule
    now: datetime
    measurement: Measurement
    outcome: Outcome

    def judge_all(self) -> None:
        limits, readings = limits_of(self.rule), self.measurement.by_key()
        current = {alert.subject_key: alert for alert in _current(self.rule)}
        resting = self._resting(limits.cooldown)
        for key in sorted({*readings, *current}):
            reading, alert = readings.get(key), current.get(key)
            standing = _standing(alert)
            following = self._next(standing, limits, reading, is_resting=key in resting)
            self._act(alert, reading, standing, following)

    def _resting(self, cooldown: timedelta) -> set[str]:
        """Subjects whose alert cleared lately."""
        found = self.rule.alerts.filter(cleared_at__gt=self.now - cooldown)
        return set(found.values_list("subject_key", flat=True))

    def _next(
        self, standing: Standing, limits: Limits, reading: Reading | None, *, is_resting: bool
    ) -> Standing:
        value, count = (reading.value, reading.count) if reading else (0.0, -1)
        return advance(
            standing,
            limits,
            self.measurement.at,
            is_over=limits.is_over(value, count),
            is_clear=limits.is_clear(value, count),
            is_resting=is_resting,
        )

    def _act(
        self, alert: Alert | None, reading: Reading | None, before: Standing, after: Standing
    ) -> None:
        if alert is not None and after.stage is Stage.QUIET:
            self._end(alert, reading, before)
        elif reading is not None and after.stage is not Stage.QUIET:
            self._keep(alert or self._new(reading, after), reading, before, after)

    def _end(self, alert: Alert, reading: Reading | None, before: Standing) -> None:
        """Clear what was told of; what was only pending never was."""
        if before.stage is Stage.PENDING:
            alert.delete()
            return
        alert.state, alert.cleared_at = AlertState.CLEARED, self.now
        if reading is not None:
            alert.newest_value = reading.value
        alert.save(update_fields=["state", "cleared_at", "newest_value"])
        self.outcome.cleared.append(alert.pk)
        self.outcome.notices += enqueue(alert, self.rule, Transition.CLEARED, self.now)

    def _new(self, reading: Reading, after: Standing) -> Alert:
        return Alert(
            rule=self.rule,
            rule_name=self.rule.name,
            kind=self.rule.kind,
            severity=self.rule.severity,
            state=AlertState.PENDING,
            subject_kind=reading.subject.kind,
            subject_key=reading.subject.key,
            threshold=self.rule.raise_at,
            value=reading.value,
            peak=reading.value,
            over_since=after.since or self.measurement.at,
        )

    def _keep(self, alert: Alert, reading: Reading, before: Standing, after: Standing) -> None:
        is_raised = after.stage is Stage.OPEN and before.stage is not Stage.OPEN
        _measure(alert, reading, self.measurement)
        if is_raised:
            alert.state, alert.raised_at, alert.value = AlertState.OPEN, self.now, reading.value
        if alert.pk is None or is_raised:
            alert.save()
        else:
            alert.save(update_fields=_MEASURED)
        if is_raised:
            self.outcome.raised.append(alert.pk)
            self.outcome.notices += enqueue(alert, self.rule, Transition.RAISED, self.now)


def _current(rule: AlertRule) -> Iterable[Alert]:
    return rule.alerts.exclude(state=AlertState.CLEARED).select_for_update(of=("self",))


def _standing(alert: Alert | None) -> Standing:
    return QUIET if alert is None else Standing(_STAGES[AlertState(alert.state)], alert.over_since)


def _measure(alert: Alert, reading: Reading, measurement: Measurement) -> None:
    """What the newest look says; the evidence stays that of the greatest value."""
    alert.subject_label, alert.newest_value = reading.subject.label, reading.value
    alert.without = sorted({*alert.without, *measurement.without})
    if reading.value >= alert.peak:
        alert.peak, alert.usual, alert.count = reading.value, reading.usual, reading.count
        alert.since, alert.until, alert.evidence = reading.since, reading.until, reading.evidence
