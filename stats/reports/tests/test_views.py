"""Pages of reports."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from stats.models import ReportSending, ReportSubscription
from stats.reports.styles import STYLE_HASH

pytestmark = pytest.mark.django_db
WISH = {
    "address": "boss@isp.example", "customer": "", "every": "week", "language": "id",
    "time_zone": "Asia/Makassar", "is_active": "on",
}  # fmt: skip


def body(response: Any) -> str:
    text: str = response.content.decode()
    return text


def test_reports_are_kept_by_administrators(admin_client: Client) -> None:
    wish = ReportSubscription.objects.create(address="a@isp.example", every="day", language="en")
    gets = ["/reports/", "/reports/new/"]
    gets += [f"/reports/{wish.pk}/{name}" for name in ("", "preview/", "preview.html")]
    gets.append(f"/reports/{wish.pk}/preview.pdf")
    posts = [f"/reports/{wish.pk}/{name}/" for name in ("send", "delete")]
    operator = User.objects.create_user("operator")
    operator.groups.add(Group.objects.get(name="operator"))
    other = Client()
    other.force_login(operator)
    for path in gets:
        assert other.get(path).status_code == 403
        assert admin_client.get(path).status_code == 200
    for path in posts:
        assert other.post(path).status_code == 403
        assert admin_client.get(path).status_code == 405
    for number in ("999", "9" * 25):
        assert admin_client.get(f"/reports/{number}/").status_code == 404
        assert admin_client.post(f"/reports/{number}/send/").status_code == 404


@pytest.mark.usefixtures("two_customers")
def test_a_report_is_made_changed_and_deleted(admin_client: Client) -> None:
    response = admin_client.post("/reports/new/", {**WISH, "customer": "C1"})
    wish = ReportSubscription.objects.get()
    assert (response.status_code, response["Location"]) == (303, f"/reports/{wish.pk}/")
    assert (wish.customer.number, wish.time_zone) == ("C1", "Asia/Makassar")  # type: ignore[union-attr]
    assert 'value="C1"' in body(admin_client.get(f"/reports/{wish.pk}/"))
    assert "C1 PT C1" in body(admin_client.get("/reports/"))
    admin_client.post(f"/reports/{wish.pk}/", {**WISH, "is_active": ""})
    assert not ReportSubscription.objects.get().is_active
    assert admin_client.post(f"/reports/{wish.pk}/delete/").status_code == 303
    assert "Nobody gets a report" in body(admin_client.get("/reports/"))


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("address", "nobody", "nobody is no mail address."),
        ("address", "a@b.example\r\nBcc: c@d.example", "is no mail address."),
        ("customer", "C404", "No customer has this number."),
        ("every", "hour", "not one of the available choices"),
        ("language", "de", "not one of the available choices"),
        ("time_zone", "Mars/Olympus", "not one of the available choices"),
    ],
)
def test_bad_input_is_named(admin_client: Client, field: str, value: str, words: str) -> None:
    response = admin_client.post("/reports/new/", {**WISH, field: value})
    assert response.status_code == 422
    assert words in body(response)
    assert not ReportSubscription.objects.exists()


def test_nobody_gets_the_same_twice(admin_client: Client) -> None:
    assert admin_client.post("/reports/new/", WISH).status_code == 303
    response = admin_client.post("/reports/new/", WISH)
    assert response.status_code == 422
    assert "This address gets this report already." in body(response)


@pytest.mark.usefixtures("two_customers")
def test_a_preview_is_what_would_be_sent(admin_client: Client) -> None:
    wish = ReportSubscription.objects.create(address="a@isp.example", every="day", language="en")
    page = admin_client.get(f"/reports/{wish.pk}/preview/?language=id")
    assert f'src="/reports/{wish.pk}/preview.html?language=id"' in body(page)
    framed = admin_client.get(f"/reports/{wish.pk}/preview.html?language=id")
    assert "<h1>Laporan surel: seluruh situs</h1>" in body(framed)
    assert STYLE_HASH in framed["Content-Security-Policy"]
    assert "default-src 'none'" in framed["Content-Security-Policy"]
    assert framed["X-Frame-Options"] == "SAMEORIGIN"
    english = admin_client.get(f"/reports/{wish.pk}/preview.html?language=klingon")
    assert "<h1>Mail report: the whole site</h1>" in body(english)
    pdf = admin_client.get(f"/reports/{wish.pk}/preview.pdf")
    assert (pdf["Content-Type"], pdf.content[:5]) == ("application/pdf", b"%PDF-")
    assert not ReportSending.objects.exists()


def test_it_asks_no_more_for_more_reports(admin_client: Client) -> None:
    def queries(first: int, count: int) -> int:
        for number in range(first, first + count):
            ReportSubscription.objects.create(
                address=f"a{number}@isp.example", every="day", language="en"
            )
        with CaptureQueriesContext(connection) as captured:
            assert admin_client.get("/reports/").status_code == 200
        return len(captured)

    assert queries(0, 10) == queries(10, 10)
