"""What each kind of rule measures, and when it would rather say nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from stats.alerts.choices import Per, RuleKind
from stats.alerts.known import known_until
from stats.alerts.measures.by_kind import measure_now
from stats.alerts.models import AlertRule
from stats.alerts.reading import Reading
from stats.alerts.tests.support import (
    HOUR,
    MINUTE,
    NOW,
    known_hour,
    make_network,
    make_rule,
    make_source,
    provider_traffic,
    traffic,
    virus_traffic,
)
from tracking.choices import Disposition
from tracking.models import Customer
from tracking.tests.test_watch import begin

pytestmark = pytest.mark.django_db
WEEK = timedelta(weeks=1)


def readings(rule: AlertRule, now: object = NOW) -> list[Reading]:
    measurement = measure_now(rule, known_until(now))  # type: ignore[arg-type]
    assert measurement is not None
    return list(measurement.readings)


def surge(**values: object) -> AlertRule:
    return make_rule(RuleKind.NETWORK_SURGE, **({"raise_at": 5, "clear_at": 3} | values))


def test_a_surge_is_measured_against_the_same_hour_of_four_weeks() -> None:
    network = make_network()
    for week, mails in enumerate((10, 20, 30, 40), 1):
        traffic(NOW - week * WEEK, mails, network=network)
        traffic(NOW - week * WEEK + 5 * HOUR, 9999, network=network)  # another hour
    traffic(NOW, 150, network=network)
    (found,) = readings(surge())
    assert (found.value, found.usual, found.count) == (6.0, 25.0, 150)
    assert found.subject.label == "198.18.0.0/24 (C1 PT C1)"
    assert "client_network=198.18.0.0%2F24" in found.evidence
    assert "since=2026-11-24T03%3A00%3A00%2B00%3A00" in found.evidence


def test_an_hour_that_has_just_begun_does_not_hide_the_one_before() -> None:
    network = make_network()
    for week in (1, 2):
        traffic(NOW - week * WEEK - HOUR, 10, network=network)
    traffic(NOW - HOUR, 100, network=network)
    (found,) = readings(surge())
    assert (found.value, found.until) == (10.0, NOW.replace(minute=0))


def test_weeks_that_nobody_knows_are_not_counted_as_quiet() -> None:
    network = make_network()
    traffic(NOW, 500, network=network)
    traffic(NOW - WEEK, 100, network=network)
    assert readings(surge()) == []  # one week says nothing
    known_hour((NOW - 2 * WEEK).replace(minute=0))  # the site was on, this network quiet
    (found,) = readings(surge())
    assert (found.value, found.usual) == (10.0, 50.0)


def test_usual_is_by_the_sites_clocks(settings: Settings) -> None:
    """In Berlin clocks went back on October 25: the same hour was one UTC hour earlier before."""
    settings.SITE_TIME_ZONE = "Europe/Berlin"
    now = NOW.replace(month=11, day=3)
    network = make_network()
    for week in (1, 2, 3, 4):
        moved = HOUR if week > 1 else 0 * HOUR
        traffic(now - week * WEEK - moved, 10, network=network)
    traffic(now, 100, network=network)
    (found,) = readings(surge(), now)
    assert found.usual == 10.0


def test_a_surge_of_one_customer_is_his_alone() -> None:
    first, second = make_network(), make_network("198.18.1.0/24", "C2")
    for week in (1, 2):
        known_hour((NOW - week * WEEK).replace(minute=0))
    for network in (first, second):
        traffic(NOW, 50, network=network)
    assert len(readings(surge())) == 2
    (found,) = readings(surge(customer=Customer.objects.get(number="C2")))
    assert found.subject.key == str(second.pk)


@pytest.mark.parametrize(
    ("per", "labels"),
    [
        (Per.SITE, {"": 30.0}),
        (Per.CUSTOMER, {"C1 PT C1": 40.0, "C2 PT C2": 20.0}),
        (Per.NETWORK, {"198.18.0.0/24 (C1 PT C1)": 40.0, "198.18.1.0/24 (C2 PT C2)": 20.0}),
    ],
)
def test_bounces_are_shares_of_the_hours_looked_at(per: Per, labels: dict[str, float]) -> None:
    first, second = make_network(), make_network("198.18.1.0/24", "C2")
    traffic(NOW, 30, network=first)
    traffic(NOW, 12, Disposition.BOUNCED, first)
    traffic(NOW - HOUR, 8, Disposition.EXPIRED, first)
    traffic(NOW - HOUR, 40, network=second)
    traffic(NOW, 10, Disposition.BOUNCED, second)
    traffic(NOW - 2 * HOUR, 999, Disposition.BOUNCED, second)  # before them
    found = readings(make_rule(RuleKind.BOUNCE_SHARE, per=per))
    assert {item.subject.label: item.value for item in found} == labels
    assert all("disposition=bounced&disposition=expired" in item.evidence for item in found)


def test_few_recipients_say_nothing_of_bounces() -> None:
    traffic(NOW, 9, Disposition.BOUNCED, make_network())
    assert readings(make_rule(RuleKind.BOUNCE_SHARE, minimum=10)) == []


def test_the_queue_is_as_old_as_its_relays_log_tells() -> None:
    """The mail came three minutes ago; what its relay's log does not tell is not waited."""
    message = begin()
    rule = make_rule(RuleKind.QUEUE_AGE, raise_at=2, clear_at=1, minimum=1)
    (found,) = readings(rule, timezone.now() + HOUR)
    assert found.value < 1
    make_source("test", timezone.now() + HOUR, host="out1")
    (found,) = readings(rule, timezone.now() + HOUR)
    assert 62 < found.value < 65
    assert found.evidence == f"/messages/{message}/"
    assert readings(make_rule(RuleKind.QUEUE_AGE, minimum=2), timezone.now()) == []


def test_only_sources_that_go_on_are_silent() -> None:
    make_source("relay", NOW - 12 * MINUTE)
    make_source("archive", NOW - 99 * HOUR, is_live=False)
    (found,) = readings(make_rule(RuleKind.SOURCE_SILENT))
    assert (found.subject.label, found.value, found.evidence) == ("relay", 12.0, "/status/")


def test_a_provider_is_compared_with_the_day_before(viewer_client: Client) -> None:
    for hours in (3, 9, 25):
        provider_traffic(NOW - hours * HOUR, 30, Disposition.DELIVERED)
    provider_traffic(NOW - 9 * HOUR, 10, Disposition.DEFERRED)
    provider_traffic(NOW - 40 * HOUR, 900, Disposition.BOUNCED)  # older than that
    provider_traffic(NOW, 40, Disposition.DEFERRED)
    provider_traffic(NOW - HOUR, 20, Disposition.BOUNCED)
    provider_traffic(NOW - HOUR, 40, Disposition.DELIVERED)
    provider_traffic(NOW, 50, Disposition.BOUNCED, "new.example")  # no day before
    (found,) = readings(make_rule(RuleKind.PROVIDER_REFUSING, minimum=50))
    assert (found.subject.label, found.value, found.usual) == ("Gmail", 50.0, 10.0)
    assert found.count == 100
    assert found.evidence.endswith("#weather-title")
    page = viewer_client.get(found.evidence.partition("#")[0])
    assert (page.status_code, page.context["span"].since) == (200, found.since)


def test_a_virus_counts_its_own_recipients() -> None:
    virus_traffic(NOW, 15)
    virus_traffic(NOW - HOUR, 10)
    virus_traffic(NOW - 2 * HOUR, 500)
    virus_traffic(NOW, 3, "Other.Virus")
    found = readings(make_rule(RuleKind.VIRUS_OUTBREAK))
    values = {item.subject.label: item.value for item in found}
    assert values == {"Eicar-Signature": 25.0, "Other.Virus": 3.0}
    assert all(f"virus={item.subject.label}" in item.evidence for item in found)
