"""What a report says, of whom, and in which words."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO
from typing import Any

import pypdf
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from stats.alerts.tests.support import make_network, make_source, traffic
from stats.models import ReportSubscription
from stats.reports.content import Report, report_of, share
from stats.reports.mails import html_of, text_of
from stats.reports.paper import paper
from stats.reports.tests.conftest import MONDAY, MORNING
from tracking.choices import Disposition
from tracking.models import Address, ClientNetwork, Customer

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("two_customers")]


def subscription(**values: Any) -> ReportSubscription:
    defaults = {"address": "boss@isp.example", "every": "day", "language": "en"}
    return ReportSubscription.objects.create(**(defaults | values))


def rows(report: Report, title: str) -> list[list[str]]:
    return next((part.rows for part in report.sections if part.title == title), [])


def headlines(report: Report) -> dict[str, tuple[str, str]]:
    return {item.label: (item.value, item.change) for item in report.headlines}


def test_a_report_of_the_site_tells_of_all_mail() -> None:
    report = report_of(subscription(), MORNING)
    assert report.subject == "Mail report, Monday, 23 November 2026: the whole site"
    assert report.compared_words == "compared with Sunday, 22 November 2026"
    told = headlines(report)
    assert told["Mails out"] == ("500", "+900 %")
    assert told["Bounced or expired"] == ("10", "+10")
    assert told["Refused at the door"] == ("37", "+37")
    assert rows(report, "Why mail bounced")[0][1:] == ["10", "+10"]
    assert rows(report, "Networks that send most") == [
        ["198.18.1.0/24 (C2 PT C2)", "400", "+400", "0.0 %"],
        ["198.18.0.0/24 (C1 PT C1)", "100", "+100 %", "10.0 %"],
    ]
    senders = [row[0] for row in rows(report, "Top senders")]
    assert senders == ["ani@satu.example", "wati@dua.example"]
    assert report.notes[0] == "Complete: every log source has told of the whole time."


def test_its_text_has_tables_under_their_heads() -> None:
    reader = subscription()
    lines = text_of(report_of(reader, MORNING), reader).splitlines()
    at = lines.index("Networks that send most")
    assert lines[at + 1 : at + 4] == [
        "Network                   Mails  Change  Bounced",
        "198.18.1.0/24 (C2 PT C2)    400    +400    0.0 %",
        "198.18.0.0/24 (C1 PT C1)    100  +100 %   10.0 %",
    ]


def test_a_customers_report_tells_of_his_mail_alone() -> None:
    customer = Customer.objects.get(number="C1")
    mine = subscription(customer=customer)
    report = report_of(mine, MORNING)
    assert headlines(report)["Mails sent"] == ("100", "+100 %")
    assert headlines(report)["Refused at the door"] == ("7", "+7")
    assert [row[0] for row in rows(report, "Networks that send most")] == ["198.18.0.0/24"]
    everything = text_of(report, mine) + html_of(report, mine)
    assert "ani@satu.example" in everything
    for stranger in ("dua.example", "C2", "198.18.1.0", "400", "500", "37", "Gmail"):
        assert stranger not in everything


def test_a_customer_without_networks_has_no_mail() -> None:
    customer = Customer.objects.create(number="C9", name="PT Baru")
    report = report_of(subscription(customer=customer), MORNING)
    assert (report.is_empty, report.sections) == (True, [])


def test_days_are_the_readers() -> None:
    """Mail of Monday 03:00 UTC is of Sunday evening in Los Angeles."""
    report = report_of(subscription(time_zone="America/Los_Angeles"), MORNING)
    assert report.period_words == "Sunday, 22 November 2026"
    assert headlines(report)["Mails out"][0] == "500"
    assert "Times are in America/Los_Angeles." in report.notes


def test_it_speaks_the_readers_language() -> None:
    reader = subscription(language="id")
    report = report_of(reader, MORNING)
    assert report.title == "Laporan surel: seluruh situs"
    assert report.period_words == "Senin, 23 November 2026"
    assert "Tidak ada" not in text_of(report, reader)
    assert report_of(reader, MORNING, language="en").title == "Mail report: the whole site"


def test_it_says_what_it_lacks() -> None:
    reader = subscription()
    make_source("smtp-tr", MORNING - timedelta(hours=9))
    make_source("smtp-pre", MORNING - timedelta(minutes=5))
    notes = report_of(reader, MORNING).notes
    assert notes[0] == "Not complete: these log sources are silent: smtp-tr."
    make_source("smtp-tr", MONDAY.replace(hour=16, minute=30))
    notes = report_of(reader, MONDAY.replace(hour=17, minute=30)).notes
    assert notes[0].startswith("Not complete: the log of smtp-tr has told only up to 23 November")


def test_hostile_addresses_stay_text() -> None:
    hostile = '<b>"</b>&amp;<script>alert(1)</script>\n=cmd@satu.example'
    Address.objects.filter(address="ani@satu.example").update(address=hostile)
    Customer.objects.filter(number="C1").update(name="PT <i>Satu</i> & \u00c5 \u4f60")
    reader = subscription()
    report = report_of(reader, MORNING)
    html = html_of(report, reader)
    assert "<script" not in html
    assert "&lt;script&gt;alert(1)" in html
    assert "PT &lt;i&gt;Satu&lt;/i&gt; &amp; \u00c5 \u4f60" in html
    assert paper(report).startswith(b"%PDF-")


def test_a_pdf_prints_names_in_any_script() -> None:
    Customer.objects.filter(number="C1").update(name="PT 友好科技")
    Address.objects.filter(address="ani@satu.example").update(address="аня@пример.example")
    mine = subscription(customer=Customer.objects.get(number="C1"), language="id")
    report = report_of(mine, MORNING)
    reader = pypdf.PdfReader(BytesIO(paper(report)))
    text = "".join(page.extract_text() for page in reader.pages)
    assert "PT 友好科技" in text
    assert "аня@пример.example" in text
    assert "Mengapa surel terpental" in text
    assert reader.metadata is not None
    assert reader.metadata.title == report.subject


def test_a_pdf_has_as_many_pages_as_it_takes() -> None:
    report = report_of(subscription(), MORNING)
    section = report.sections[0]
    section.rows.extend([[f"row {number}", "1", "="] for number in range(200)])
    assert paper(report).count(b"/Type /Page\n") > 4


def test_it_asks_no_more_for_more_networks(settings: Settings) -> None:
    reader = subscription()

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            report_of(reader, MORNING)
        return len(captured)

    few = queries()
    for number in range(2, 22):
        network = make_network(f"198.18.{number}.0/24", f"D{number}")
        traffic(MONDAY, 5, Disposition.DEFERRED, network)
    assert queries() == few
    assert ClientNetwork.objects.count() == 22


def test_shares_are_rounded() -> None:
    assert (share(2, 3), share(1, 15), share(0, 0)) == ("66.7 %", "6.7 %", "–")
