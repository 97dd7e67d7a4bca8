"""From figures to alerts and the outbox: once, and as one."""

from __future__ import annotations

import threading

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from stats.alerts.choices import AlertState, Channel, Transition
from stats.alerts.evaluation import evaluate
from stats.alerts.known import Known
from stats.alerts.measures.by_kind import measure_now
from stats.alerts.models import Alert, AlertNotice, AlertRule
from stats.alerts.reading import Measurement
from stats.alerts.rules import delete_rule, save_rule
from stats.alerts.tests.support import HOUR, MINUTE, NOW, make_network, make_rule, traffic
from stats.models import TrafficHour
from tracking.choices import Disposition
from tracking.models import Customer

READERS = [{"address": "noc@isp.example", "language": "en"}]


def bounce(mails: int = 50) -> None:
    traffic(NOW, mails, Disposition.BOUNCED, make_network())


def deliver(mails: int) -> None:
    """So many that bounces are few again."""
    traffic(NOW, mails, network=make_network())


@pytest.mark.django_db
def test_an_alert_is_raised_once_and_cleared_once() -> None:
    rule = make_rule(readers=READERS, webhook_url="https://hooks.example/x", severity="critical")
    bounce()
    first, second = evaluate(NOW), evaluate(NOW)
    assert (len(first.raised), second.raised) == (1, [])
    alert = Alert.objects.get()
    assert (alert.state, alert.value, alert.threshold) == (AlertState.OPEN, 100.0, 20.0)
    assert (alert.rule, alert.severity, alert.raised_at) == (rule, "critical", NOW)
    deliver(350)  # 12.5 %: between the thresholds
    assert evaluate(NOW + MINUTE).cleared == []
    deliver(250)
    assert evaluate(NOW + 2 * MINUTE).cleared == [alert.pk]
    assert evaluate(NOW + 3 * MINUTE).cleared == []
    alert.refresh_from_db()
    assert (alert.state, alert.cleared_at, alert.peak) == ("cleared", NOW + 2 * MINUTE, 100.0)
    assert round(alert.newest_value, 1) == 7.7
    told = AlertNotice.objects.order_by("pk").values_list("transition", "channel", "target")
    assert list(told) == [
        (Transition.RAISED, Channel.MAIL, "noc@isp.example"),
        (Transition.RAISED, Channel.WEBHOOK, "https://hooks.example/x"),
        (Transition.CLEARED, Channel.MAIL, "noc@isp.example"),
        (Transition.CLEARED, Channel.WEBHOOK, "https://hooks.example/x"),
    ]


@pytest.mark.django_db
def test_patience_is_kept_and_what_passes_is_never_told() -> None:
    make_rule(readers=READERS, hold_minutes=5)
    bounce()
    assert evaluate(NOW).raised == []
    assert Alert.objects.get().state == AlertState.PENDING
    deliver(1000)
    evaluate(NOW + 2 * MINUTE)
    assert not Alert.objects.exists()
    bounce(5000)
    evaluate(NOW + 3 * MINUTE)
    assert evaluate(NOW + 7 * MINUTE).raised == []
    assert len(evaluate(NOW + 8 * MINUTE).raised) == 1
    assert Alert.objects.get().over_since == NOW + 3 * MINUTE
    assert AlertNotice.objects.count() == 1


@pytest.mark.django_db
def test_a_subject_rests_after_it_cleared() -> None:
    make_rule(cooldown_minutes=30)
    bounce()
    evaluate(NOW)
    TrafficHour.objects.all().delete()
    evaluate(NOW + MINUTE)
    bounce()
    assert evaluate(NOW + 2 * MINUTE).raised == []
    assert evaluate(NOW + 20 * MINUTE).raised == []
    assert len(evaluate(NOW + 31 * MINUTE).raised) == 1


@pytest.mark.django_db
def test_the_evidence_is_of_the_greatest_value() -> None:
    make_rule()
    bounce(50)
    deliver(150)
    evaluate(NOW)
    before = Alert.objects.get()
    traffic(NOW + HOUR, 150, Disposition.BOUNCED, make_network())
    evaluate(NOW + HOUR)
    after = Alert.objects.get()
    assert (before.value, before.peak, after.value) == (25.0, 25.0, 25.0)
    assert (round(after.peak, 1), after.newest_value) == (57.1, after.peak)
    assert after.until == before.until + HOUR
    TrafficHour.objects.filter(hour__gte=NOW).delete()
    evaluate(NOW + HOUR + MINUTE)
    assert Alert.objects.get().evidence == after.evidence


@pytest.mark.django_db
def test_a_rule_that_is_switched_off_closes_its_alerts_silently() -> None:
    rule = make_rule(readers=READERS)
    bounce()
    evaluate(NOW)
    rule.is_active = False
    save_rule(rule)
    assert Alert.objects.get().state == AlertState.CLEARED
    assert evaluate(NOW + MINUTE).raised == []
    assert AlertNotice.objects.count() == 1


@pytest.mark.django_db
def test_the_history_outlives_its_rule() -> None:
    rule = make_rule(name="bounces")
    bounce()
    evaluate(NOW)
    delete_rule(rule)
    alert = Alert.objects.get()
    assert (alert.rule, alert.rule_name, alert.state) == (None, "bounces", AlertState.CLEARED)


@pytest.mark.django_db
def test_alerts_end_with_the_customer_of_their_rule() -> None:
    make_rule(per="customer", customer=make_network().customer)
    bounce()
    assert len(evaluate(NOW).raised) == 1
    Customer.objects.all().delete()
    evaluate(NOW + MINUTE)
    assert not AlertRule.objects.exists()
    assert Alert.objects.get().cleared_at == NOW + MINUTE


@pytest.mark.django_db(transaction=True)
def test_two_runs_at_once_raise_one_alert() -> None:
    make_rule(readers=READERS)
    bounce()
    raised: list[int] = []

    def run() -> None:
        try:
            raised.extend(evaluate(NOW).raised)
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert (len(raised), AlertNotice.objects.count()) == (1, 1)


def interrupted_run() -> None:
    evaluate(NOW)
    raise InterruptedError


@pytest.mark.django_db(transaction=True)
def test_a_run_that_fails_leaves_neither_alert_nor_notice() -> None:
    """As if it was killed between the two: a transition and its notices are one transaction."""
    make_rule(readers=READERS)
    bounce()
    with pytest.raises(InterruptedError), transaction.atomic():
        interrupted_run()
    assert not Alert.objects.exists()
    assert not AlertNotice.objects.exists()
    assert len(evaluate(NOW).raised) == 1


@pytest.mark.django_db
def test_it_asks_no_more_for_more_networks() -> None:
    rule = make_rule(per="network")

    def queries(first: int, count: int) -> int:
        for number in range(first, first + count):
            traffic(NOW, 20, network=make_network(f"198.18.{number}.0/24", f"N{number}"))
        with CaptureQueriesContext(connection) as captured:
            evaluate(NOW)
        return len(captured)

    assert queries(0, 10) == queries(10, 20)
    assert AlertRule.objects.get(pk=rule.pk).evaluated_at == NOW


@pytest.mark.django_db
def test_a_rule_that_fails_keeps_no_other_from_being_looked_at(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bad, good = make_rule(name="bad"), make_rule(name="good", readers=READERS)
    bounce()

    def measure(rule: AlertRule, known: Known) -> Measurement | None:
        if rule == bad:
            raise InterruptedError
        return measure_now(rule, known)

    monkeypatch.setattr("stats.alerts.evaluation.measure_now", measure)
    with pytest.raises(InterruptedError):
        evaluate(NOW)
    assert Alert.objects.get().rule == good
    assert AlertNotice.objects.count() == 1
    assert AlertRule.objects.get(name="bad").evaluated_at is None
