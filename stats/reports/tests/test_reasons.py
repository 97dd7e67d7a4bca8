"""Why mail bounced or waits: of whom, in which order, in which words, with which reply."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from stats.alerts.tests.support import make_network
from stats.models import ReportSubscription
from stats.reports.content import Report, Section, report_of
from stats.reports.mails import html_of, text_of
from stats.reports.tests.conftest import MONDAY, MORNING, NO_USER, SUNDAY, failed
from stats.rollups import roll_up
from tracking.choices import Disposition
from tracking.models import ClientNetwork, Customer, Relay
from tracking.tests import mail_log
from tracking.tests.support import ingest

pytestmark = pytest.mark.django_db
FULL = "host mx.far.example[203.0.113.9] said: 552 5.2.2 <x@far.example>: Mailbox full"
TIMEOUT = "connect to mx.slow.example[203.0.113.10]:25: Connection timed out"
NOVEMBER_21 = datetime(2026, 11, 21, 0, 5, tzinfo=UTC)


def subscription(**values: Any) -> ReportSubscription:
    defaults = {"address": "boss@satu.example", "every": "day", "language": "en"}
    return ReportSubscription.objects.create(**(defaults | values))


def section(report: Report, title: str) -> Section:
    return next(part for part in report.sections if part.title == title)


@pytest.fixture
def networks(db: None) -> tuple[ClientNetwork, ClientNetwork]:
    return make_network(), make_network("198.18.1.0/24", "C2")


def test_a_customer_reads_his_own_reasons_the_most_frequent_first(
    networks: tuple[ClientNetwork, ClientNetwork],
) -> None:
    own, other = networks
    failed(own, FULL, 4)
    failed(own, NO_USER, 3)
    failed(own, NO_USER.replace("User unknown", "No such user here"), 3)
    failed(own, NO_USER, 12, hour=SUNDAY)
    failed(own, TIMEOUT, 2, Disposition.DEFERRED)
    failed(other, FULL.replace("full", "over quota"), 90)
    report = report_of(subscription(customer=own.customer), MORNING)
    assert section(report, "Why mail bounced").rows == [
        ["There is no such address at the other side.", "6", "-50 %"],
        ["The recipient's mailbox is full.", "4", "+4"],
    ]
    waiting = section(report, "Why mail is deferred")
    assert [row[1:] for row in waiting.rows] == [["2", "+2"]]
    assert "over quota" not in text_of(report, subscription(customer=own.customer, every="week"))


def test_it_says_in_plain_words_what_it_means(
    networks: tuple[ClientNetwork, ClientNetwork],
) -> None:
    failed(networks[0], NO_USER, 3)
    reader = subscription(customer=networks[0].customer)
    words, example = section(report_of(reader, MORNING), "Why mail bounced").below[0]
    assert words.startswith("The recipient's mail system says that it has no such address.")
    assert example == "Example: host … said: 550 5.1.1 … User unknown"
    indonesian = report_of(reader, MORNING, language="id")
    words, example = section(indonesian, "Mengapa surel terpental").below[0]
    assert words.startswith("Sistem surel penerima")
    assert example.startswith("Contoh: host … said")


def test_the_site_reads_of_all_outbound_mail(
    networks: tuple[ClientNetwork, ClientNetwork],
) -> None:
    failed(networks[0], FULL, 4)
    failed(networks[1], FULL, 5)
    failed(None, FULL, 1)
    found = section(report_of(subscription(), MORNING), "Why mail bounced")
    assert found.rows[0][1] == "10"
    assert [len(lines) for lines in found.below] == [1]


def test_expired_mail_is_told_with_what_held_it_up(
    networks: tuple[ClientNetwork, ClientNetwork],
) -> None:
    failed(networks[0], TIMEOUT, 2, Disposition.EXPIRED)
    found = section(report_of(subscription(), MORNING), "Why mail bounced")
    assert "Connection timed out" in found.below[0][-1]


def test_a_reason_of_the_day_before_alone_is_not_told(
    networks: tuple[ClientNetwork, ClientNetwork],
) -> None:
    failed(networks[0], FULL, 4, hour=SUNDAY)
    titles = [part.title for part in report_of(subscription(), MORNING).sections]
    assert "Why mail bounced" not in titles


def test_hostile_replies_stay_one_short_line_of_text(
    networks: tuple[ClientNetwork, ClientNetwork],
) -> None:
    hostile = "host mx said: 550 <b>no</b>\u202e\x07 <script>alert(1)</script> " + "long " * 200
    failed(networks[0], hostile, 4)
    reader = subscription(customer=networks[0].customer)
    report = report_of(reader, MORNING)
    line = section(report, "Why mail bounced").below[0][-1]
    assert line.isprintable()
    assert len(line) < 320
    assert "<script" not in html_of(report, reader)


@pytest.fixture
def customer(db: None) -> Customer:
    """The sender of mail_log, and the roles of its relays."""
    Relay.objects.create(name="out1", role="ext")
    Relay.objects.create(name="mx1", role="mx")
    return make_network().customer


def test_the_example_is_the_whole_reply_while_the_mail_is_kept(customer: Customer) -> None:
    """Of a log: the bounce and the waiting mail of WHOLE."""
    ingest(mail_log.WHOLE)
    roll_up()
    report = report_of(subscription(customer=customer), NOVEMBER_21)
    (_words, bounced) = section(report, "Why mail bounced").below[0]
    assert bounced == (
        "Example: host mx.far.example[203.0.113.9] said: 550 5.1.1 <nobody@far.example>: "
        "Recipient address rejected: User unknown (in reply to RCPT TO command)"
    )
    (_words, waiting) = section(report, "Why mail is deferred").below[0]
    assert waiting.endswith("connect to mx.slow.example[203.0.113.10]:25: Connection timed out")


def test_reasons_come_to_the_endings_of_the_same_hours_in_any_zone(customer: Customer) -> None:
    ingest(mail_log.WHOLE)
    roll_up()
    at = NOVEMBER_21 + timedelta(days=1)
    for zone in ("Asia/Jakarta", "America/Los_Angeles", "Pacific/Auckland"):
        reader = subscription(customer=customer, time_zone=zone, address=f"x@{zone}.example")
        report = report_of(reader, NOVEMBER_21 if zone == "Asia/Jakarta" else at)
        told = {item.label: item.value for item in report.headlines}
        counts = [row[1] for part in report.sections if "bounced" in part.title.lower()
                  for row in part.rows]  # fmt: skip
        assert sum(map(int, counts)) == int(told["Bounced or expired"])


def test_it_asks_no_more_for_more_replies(networks: tuple[ClientNetwork, ClientNetwork]) -> None:
    reader = subscription()

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            report_of(reader, MORNING)
        return len(captured)

    failed(networks[0], FULL, 4)
    few = queries()
    for number in range(20):
        failed(networks[0], f"host mx{'x' * number} said: {TIMEOUT}", 1, hour=MONDAY)
    assert queries() == few
