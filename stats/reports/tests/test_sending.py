"""Sent once for a period and reader, by a real server and worker."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from celery.worker import WorkController
from django.db import connection
from django.test import Client
from django.utils import timezone

from mailgw.celery import app
from stats.alerts.tests.support import make_source
from stats.models import ReportSending, ReportSubscription
from stats.reports.choices import SendingState
from stats.reports.links import unsubscribe_url
from stats.reports.sending import PATIENCE, deliver, enqueue_due, send_now, waiting_sendings
from stats.reports.subscriptions import save_subscription
from stats.reports.tasks import deliver_report, send_reports
from stats.reports.tests.conftest import MORNING
from tracking.models import Customer
from tracking.tests.smtp_inbox import Inbox

LONG_AGO = MORNING - timedelta(days=60)


def subscription(**values: Any) -> ReportSubscription:
    defaults = {
        "address": "boss@isp.example", "every": "day", "language": "en", "started_at": LONG_AGO,
    }  # fmt: skip
    return ReportSubscription.objects.create(**(defaults | values))


def customers_report(**values: Any) -> ReportSubscription:
    return subscription(customer=Customer.objects.get(number="C1"), **values)


def send_due(now: Any) -> int:
    """What beat has a worker do; how many were sent."""
    enqueue_due(now)
    return sum(deliver(pk, now) for pk in waiting_sendings(now))


@pytest.mark.django_db
@pytest.mark.usefixtures("two_customers")
def test_it_is_mailed_as_text_html_and_pdf(inbox: Inbox) -> None:
    customers_report()
    assert send_due(MORNING) == 1
    (mail,) = inbox.mails
    assert mail["To"] == "boss@isp.example"
    assert mail["Subject"] == "Mail report, Monday, 23 November 2026: C1 PT C1"
    assert mail["Auto-Submitted"] == "auto-generated"
    text, html = (mail.get_body((kind,)).get_content() for kind in ("plain", "html"))  # type: ignore[union-attr]
    assert "Mails sent: 100 (+100 %)" in text
    assert "<td>ani@satu.example</td>" in html
    (pdf,) = mail.iter_attachments()
    assert (pdf.get_content_type(), pdf.get_filename()) == (
        "application/pdf", "mail-report-2026-11-23.pdf",
    )  # fmt: skip
    assert pdf.get_content().startswith(b"%PDF-")


@pytest.mark.django_db
@pytest.mark.usefixtures("two_customers")
def test_it_is_sent_once_for_each_period(inbox: Inbox) -> None:
    subscription()
    assert [send_due(MORNING + timedelta(minutes=5 * step)) for step in range(4)] == [1, 0, 0, 0]
    assert send_due(MORNING + timedelta(days=1)) == 1
    assert len(inbox.mails) == 2
    days = ReportSending.objects.order_by("pk").values_list("first_day", flat=True)
    assert [f"{day:%d}" for day in days] == ["23", "24"]


@pytest.mark.django_db
def test_it_waits_for_the_readers_own_morning(inbox: Inbox) -> None:
    subscription(time_zone="Asia/Jakarta", address="jakarta@isp.example")
    subscription(time_zone="Asia/Jayapura", address="jayapura@isp.example")
    assert send_due(MORNING - timedelta(hours=1)) == 1
    assert send_due(MORNING - timedelta(minutes=6)) == 0
    assert send_due(MORNING) == 1
    assert [mail["To"] for mail in inbox.mails] == ["jayapura@isp.example", "jakarta@isp.example"]


@pytest.mark.django_db
def test_weeks_and_months_have_their_mornings(inbox: Inbox) -> None:
    subscription(every="week", started_at=MORNING - timedelta(days=2))
    subscription(every="month", started_at=MORNING - timedelta(days=2))
    sent = {}
    for day in range(-1, 9):
        count = send_due(MORNING + timedelta(days=day))
        if count:
            sent[f"{MORNING + timedelta(days=day):%d}"] = count
    assert sent == {"23": 1, "30": 1, "01": 1}


@pytest.mark.django_db
def test_nothing_is_sent_of_the_time_before_it_was_wished(inbox: Inbox) -> None:
    with time_machine.travel(MORNING + timedelta(hours=2), tick=False):
        wish = ReportSubscription(address="new@isp.example", every="day", language="en")
        save_subscription(wish)
    assert send_due(MORNING + timedelta(hours=3)) == 0
    assert send_due(MORNING + timedelta(days=1)) == 1


@pytest.mark.django_db
def test_it_waits_for_late_logs(inbox: Inbox) -> None:
    subscription()
    make_source("smtp-pre", MORNING)
    make_source("smtp-tr", MORNING - timedelta(hours=7, minutes=10))  # before Monday was over
    assert send_due(MORNING) == 0
    make_source("smtp-tr", MORNING)
    assert send_due(MORNING + timedelta(hours=1)) == 1
    assert "Complete: every log source has told" in text_of(inbox)


@pytest.mark.django_db
def test_it_does_not_wait_for_ever_and_says_so(inbox: Inbox) -> None:
    subscription()
    make_source("smtp-tr", MORNING - timedelta(hours=7, minutes=10))
    assert send_due(MORNING + PATIENCE - timedelta(minutes=10)) == 0
    assert send_due(MORNING + PATIENCE) == 1
    assert "Not complete: these log sources are silent: smtp-tr." in text_of(inbox)


def text_of(inbox: Inbox) -> str:
    """The plain text of the only mail, as one line."""
    (mail,) = inbox.mails
    part = mail.get_body(("plain",))
    return " ".join(part.get_content().split()) if part else ""


@pytest.mark.django_db
def test_a_busy_server_is_asked_again(inbox: Inbox) -> None:
    subscription()
    inbox.is_refusing = True
    assert send_due(MORNING) == 0
    row = ReportSending.objects.get()
    assert (row.state, row.attempts) == (SendingState.WAITING, 1)
    assert "Not now" in row.answer
    inbox.is_refusing = False
    assert deliver(row.pk, row.next_at)
    assert not deliver(row.pk, row.next_at)
    assert len(inbox.mails) == 1


@pytest.mark.django_db
def test_send_now_is_an_extra_copy(inbox: Inbox) -> None:
    wish = subscription()
    send_due(MORNING)
    for _ in range(2):
        assert deliver(send_now(wish, MORNING), MORNING)
    assert len(inbox.mails) == 3
    assert send_due(MORNING) == 0


@pytest.mark.django_db(transaction=True)
def test_two_runs_at_once_send_one_mail(inbox: Inbox) -> None:
    subscription()

    def run() -> None:
        try:
            send_due(MORNING)
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert (len(inbox.mails), ReportSending.objects.count()) == (1, 1)


@pytest.mark.django_db
@pytest.mark.usefixtures("two_customers")
def test_a_customer_has_a_way_out_that_only_a_post_takes(inbox: Inbox) -> None:
    wish = customers_report()
    send_due(MORNING)
    (mail,) = inbox.mails
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    url = "".join(mail["List-Unsubscribe"].split()).strip("<>")
    path = url.removeprefix("https://console.isp.example")
    stranger = Client(enforce_csrf_checks=True)
    page = stranger.get(path)
    assert (page.status_code, "boss@isp.example gets a mail report" in page.content.decode()) == (
        200, True,
    )  # fmt: skip
    assert ReportSubscription.objects.get().is_active
    send_now(wish, MORNING)
    answer = stranger.post(path, {"List-Unsubscribe": "One-Click"})
    assert "gets this report no longer" in answer.content.decode()
    wish.refresh_from_db()
    assert not wish.is_active
    assert wish.ended_by_reader_at is not None
    assert send_due(MORNING + timedelta(days=1)) == 0
    assert len(inbox.mails) == 1


@pytest.mark.django_db
@pytest.mark.usefixtures("two_customers")
def test_a_forged_link_ends_nothing(inbox: Inbox) -> None:
    wish = customers_report()
    path = unsubscribe_url(wish).removeprefix("https://console.isp.example")
    forged = [path[:-3] + "x/", "/reports/unsubscribe/1/", f"/reports/unsubscribe/{'a' * 700}/"]
    for bad in forged:
        assert Client().post(bad).status_code == 410
    ReportSubscription.objects.update(address="other@isp.example")
    assert Client().post(path).status_code == 410
    assert ReportSubscription.objects.get().is_active


@pytest.mark.django_db
def test_the_site_has_no_link_out(inbox: Inbox) -> None:
    subscription()
    send_due(MORNING)
    assert inbox.mails[0]["List-Unsubscribe"] is None


@pytest.mark.django_db(transaction=True)
def test_beat_and_a_worker_send_it(celery_worker: WorkController, inbox: Inbox) -> None:
    assert app.conf.beat_schedule["send-reports"]["task"] == send_reports.name
    wish = subscription()
    send_now(wish, timezone.now())
    app.send_task(send_reports.name)
    wait_until = timezone.now() + timedelta(seconds=60)
    while not ReportSending.objects.filter(is_extra=True, state=SendingState.SENT).exists():
        assert timezone.now() < wait_until, "no report was sent"
    assert inbox.mails[0]["To"] == "boss@isp.example"
    for name in (send_reports.name, deliver_report.name):
        assert app.amqp.router.route({}, name)["queue"].name == "default"
