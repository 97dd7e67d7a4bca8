"""The outbox by mail and webhook, to real servers."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from celery.worker import WorkController
from django.conf import settings as site
from django.utils import timezone
from pytest_django import Settings

from mailgw.celery import app
from stats.alerts.choices import NoticeState
from stats.alerts.delivery import BACKOFF, deliver, send_again
from stats.alerts.evaluation import evaluate
from stats.alerts.models import Alert, AlertNotice, AlertRule
from stats.alerts.rules import renew_secret
from stats.alerts.tasks import deliver_alert_notice, evaluate_alerts
from stats.alerts.tests.support import MINUTE, NOW, Receiver, make_network, make_rule, traffic
from stats.alerts.webhook import secret_of
from stats.models import TrafficHour
from tracking.choices import Disposition
from tracking.tests.smtp_inbox import Inbox

DOCUMENT = Path(site.BASE_DIR) / "docs/alerts.md"


def raise_alert(*readers: tuple[str, str], url: str = "", **values: Any) -> list[int]:
    """Half the mail of a customer bounces; returns the notices."""
    told = [{"address": name, "language": language} for name, language in readers]
    make_rule(per="customer", readers=told, webhook_url=url, **values)
    network = make_network()
    traffic(NOW, 50, Disposition.BOUNCED, network)
    traffic(NOW, 50, network=network)
    return evaluate(NOW).notices


def clear_alert() -> list[int]:
    TrafficHour.objects.filter(disposition=Disposition.BOUNCED).delete()
    return evaluate(NOW + MINUTE).notices


@pytest.mark.django_db
def test_each_reader_has_it_in_his_language(inbox: Inbox) -> None:
    for pk in raise_alert(("ani@isp.example", "en"), ("budi@isp.example", "id"), name="Bounces"):
        assert deliver(pk, NOW)
    english, indonesian = inbox.mails
    alert = Alert.objects.get()
    assert english["To"] == "ani@isp.example"
    assert english["Subject"] == "[warning] 50 % of the mail of C1 PT C1 bounces"
    assert english["Auto-Submitted"] == "auto-generated"
    text = english.get_content()
    assert f"https://console.isp.example/alerts/{alert.pk}/" in text
    assert "https://console.isp.example/search/?since=2026-11-24T02" in text
    assert "Raised: 2026-11-24 10:30 WIB" in text
    assert indonesian["Subject"] == "[waspada] 50 % surel C1 PT C1 terpental"
    assert "Ambang: 20 %" in indonesian.get_content()


@pytest.mark.django_db
def test_it_tells_when_it_is_over(inbox: Inbox) -> None:
    raise_alert(("ani@isp.example", "en"))
    for pk in clear_alert():
        deliver(pk, NOW + MINUTE)
    (mail,) = inbox.mails
    assert mail["Subject"].startswith("[cleared] 50 %")
    assert "Greatest value: 50 %" in mail.get_content()


@pytest.mark.django_db
def test_a_notice_is_sent_once(inbox: Inbox) -> None:
    (pk,) = raise_alert(("ani@isp.example", "en"))
    assert deliver(pk, NOW)
    assert not deliver(pk, NOW)
    assert len(inbox.mails) == 1
    notice = AlertNotice.objects.get()
    assert (notice.state, notice.attempts, notice.ended_at) == (NoticeState.SENT, 1, NOW)


@pytest.mark.django_db
def test_a_busy_server_is_asked_again_later_and_not_for_ever(inbox: Inbox) -> None:
    (pk,) = raise_alert(("ani@isp.example", "en"))
    inbox.is_refusing = True
    now = NOW
    for wait in BACKOFF:
        assert not deliver(pk, now)
        notice = AlertNotice.objects.get()
        assert (notice.state, notice.next_at) == (NoticeState.WAITING, now + wait * MINUTE)
        assert "Not now" in notice.answer
        assert not deliver(pk, now + (wait - 1) * MINUTE)
        now = notice.next_at
    deliver(pk, now)
    notice = AlertNotice.objects.get()
    assert (notice.state, notice.attempts) == (NoticeState.FAILED, len(BACKOFF) + 1)
    assert now - NOW > timedelta(hours=23)
    inbox.is_refusing = False
    assert send_again(notice, now)
    assert deliver(pk, now)
    assert not send_again(AlertNotice.objects.get(), now)
    assert len(inbox.mails) == 1


@pytest.mark.django_db
def test_the_same_notice_has_the_same_message_id(inbox: Inbox) -> None:
    """Killed between the server's answer and the commit, it is sent again and can be known."""
    (pk,) = raise_alert(("ani@isp.example", "en"))
    deliver(pk, NOW)
    AlertNotice.objects.update(state=NoticeState.WAITING)
    deliver(pk, NOW)
    first, second = inbox.mails
    assert first["Message-ID"] == second["Message-ID"]
    assert first["Message-ID"].endswith("@isp.example>")


@pytest.mark.django_db
def test_without_a_mail_server_it_says_so(settings: Settings) -> None:
    settings.SENDS_MAIL = False
    (pk,) = raise_alert(("ani@isp.example", "en"))
    assert not deliver(pk, NOW)
    assert "EMAIL_URL" in AlertNotice.objects.get().answer


@pytest.mark.django_db
def test_a_hostile_name_writes_no_header(inbox: Inbox) -> None:
    raise_alert(("ani@isp.example", "en"))
    Alert.objects.update(subject_label="PT X\r\nBcc: everybody@isp.example")
    assert deliver(AlertNotice.objects.get().pk, NOW)
    (mail,) = inbox.mails
    assert mail["Bcc"] is None


@pytest.mark.django_db
def test_a_webhook_is_signed_as_the_document_shows(receiver: Receiver, tmp_path: Path) -> None:
    """The receiver's program is the example of docs/alerts.md itself."""
    (pk,) = raise_alert(url=receiver.url)
    assert deliver(pk, NOW)
    (call,) = receiver.calls
    payload = json.loads(call.body)
    alert, notice = Alert.objects.get(), AlertNotice.objects.get()
    assert (payload["event"], payload["alert"], payload["value"]) == ("alert.raised", alert.pk, 50)
    assert payload["evidence_url"].startswith("https://console.isp.example/search/?")
    assert call.path == "/hook?from=mailgw"
    assert call.headers["X-Mailgw-Delivery"] == str(notice.key) == payload["delivery"]
    assert notice.answer == "204 No Content"
    secret = secret_of(AlertRule.objects.get())
    assert verify(tmp_path, secret, call.headers, call.body) == "ok"
    assert verify(tmp_path, "0" * 64, call.headers, call.body) == "refused"
    assert verify(tmp_path, secret, call.headers, call.body + b" ") == "refused"
    old = {**call.headers, "X-Mailgw-Timestamp": "1700000000"}
    assert verify(tmp_path, secret, old, call.body) == "refused"


def verify(tmp_path: Path, secret: str, headers: dict[str, str], body: bytes) -> str:
    """What the document's example says of a request."""
    example = DOCUMENT.read_text().split("```python\n", 1)[1].split("```", 1)[0]
    program = tmp_path / "receiver.py"
    program.write_text(
        f"{example}\nimport json, sys\n"
        "given = json.load(sys.stdin)\n"
        "is_ours = is_from_mailgw(given['secret'], given['headers'], given['body'].encode())\n"
        "print('ok' if is_ours else 'refused')\n"
    )
    given = json.dumps({"secret": secret, "headers": headers, "body": body.decode()})
    ran = subprocess.run(
        [sys.executable, str(program)], input=given, capture_output=True, text=True, check=True
    )
    return ran.stdout.strip()


@pytest.mark.django_db
def test_a_new_secret_signs_from_then_on(receiver: Receiver, tmp_path: Path) -> None:
    (pk,) = raise_alert(url=receiver.url)
    rule = AlertRule.objects.get()
    old = secret_of(rule)
    renew_secret(rule)
    deliver(pk, NOW)
    (call,) = receiver.calls
    assert verify(tmp_path, old, call.headers, call.body) == "refused"
    assert verify(tmp_path, secret_of(rule), call.headers, call.body) == "ok"


@pytest.mark.django_db
@pytest.mark.parametrize("status", [302, 404, 500])
def test_a_receiver_that_does_not_take_it_is_asked_again(receiver: Receiver, status: int) -> None:
    """A redirect is not followed: nobody checked where it leads."""
    receiver.status, receiver.headers = status, {"Location": receiver.url}
    receiver.body = b"x" * 1_000_000
    (pk,) = raise_alert(url=receiver.url)
    assert not deliver(pk, NOW)
    notice = AlertNotice.objects.get()
    assert str(status) in notice.answer
    assert len(receiver.calls) == 1
    receiver.status = 200
    assert deliver(pk, notice.next_at)
    first, second = receiver.calls
    assert first.headers["X-Mailgw-Delivery"] == second.headers["X-Mailgw-Delivery"]


@pytest.mark.django_db(transaction=True)
def test_beat_and_a_worker_do_it_all(
    celery_worker: WorkController, inbox: Inbox, receiver: Receiver
) -> None:
    entry = app.conf.beat_schedule["evaluate-alerts"]
    assert (entry["task"], entry["schedule"]) == (evaluate_alerts.name, 60.0)
    notices = raise_alert(("ani@isp.example", "en"), url=receiver.url)
    assert len(notices) == 2
    for _ in range(2):  # the second finds nothing to do, or another at it
        app.send_task(evaluate_alerts.name)
    wait_until = timezone.now() + timedelta(seconds=30)
    while AlertNotice.objects.filter(state=NoticeState.SENT).count() < 2:
        assert timezone.now() < wait_until, "not everything was sent"
    assert (len(inbox.mails), len(receiver.calls)) == (1, 1)


def test_alerts_do_not_wait_behind_rollups() -> None:
    queues = {
        name: app.amqp.router.route({}, name)["queue"].name
        for name in (evaluate_alerts.name, deliver_alert_notice.name, "stats.roll_up_hours")
    }
    assert list(queues.values()) == ["default", "default", "rollup"]
